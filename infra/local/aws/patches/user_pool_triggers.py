"""Fault: the triggers `PostConfirmation` and `PostAuthentication` are not called, and a refusal shows a Python dict."""

import ast
from typing import Any

from ministack.services import cognito, lambda_svc


def apply() -> None:
    cognito._confirm_sign_up = _then_post_confirmation(cognito._confirm_sign_up)
    cognito._build_auth_result = _after_post_authentication(cognito._build_auth_result)
    cognito._apply_presignup_trigger = _refusing_like_aws(cognito._apply_presignup_trigger)


def _then_post_confirmation(confirm: Any) -> Any:
    def confirm_and_trigger(data: dict[str, Any]) -> Any:
        answer = confirm(data)
        pool, pool_id = cognito._pool_for_client(data.get("ClientId"))
        user, _ = cognito._resolve_user(pool, data.get("Username")) if pool else (None, None)
        if answer[0] < 400 and user:  # noqa: PLR2004 - HTTP
            failure = _call("PostConfirmation", "PostConfirmation_ConfirmSignUp", pool_id, data["ClientId"], user)
            return failure or answer
        return answer

    return confirm_and_trigger


def _after_post_authentication(build: Any) -> Any:
    def trigger_and_build(pool_id: str, client_id: str, user: Any, *rest: Any, **named: Any) -> Any:
        source = named.get("trigger_source")
        if source != "TokenGeneration_RefreshTokens":
            invited = source == "TokenGeneration_NewPasswordChallenge"
            as_before = {**user, "UserStatus": "FORCE_CHANGE_PASSWORD"} if invited else user
            _call("PostAuthentication", "PostAuthentication_Authentication", pool_id, client_id, as_before)
        return build(pool_id, client_id, user, *rest, **named)

    return trigger_and_build


def _refusing_like_aws(apply_trigger: Any) -> Any:
    def apply_and_reword(*given: Any, **named: Any) -> Any:
        try:
            return apply_trigger(*given, **named)
        except cognito._PreSignUpRejected as refused:
            reason = ast.literal_eval(str(refused))["errorMessage"]
            raise cognito._PreSignUpRejected(f"PreSignUp failed with error {reason}.") from None

    return apply_and_reword


def _call(trigger: str, source: str, pool_id: str, client_id: str, user: dict[str, Any]) -> Any:
    """Call the trigger. Returns None, or the error response if it failed."""
    arn = (cognito._user_pools[pool_id].get("LambdaConfig") or {}).get(trigger)
    if not arn:
        return None
    attributes = cognito._attr_list_to_dict(user["Attributes"]) | {"cognito:user_status": user["UserStatus"]}
    event = cognito._build_presignup_event(pool_id, client_id, user["Username"], attributes, source)
    event["response"] = {}
    record, config, _ = lambda_svc._get_func_record_for_ref(arn)
    function = lambda_svc._execution_record_for_config(record, config)
    answer = lambda_svc._execute_function_with_config_scope(function, event)
    if not answer.get("error"):
        return None
    message = f"{trigger} failed with error {answer['body']['errorMessage']}."
    return cognito.error_response_json("UserLambdaValidationException", message, 400)
