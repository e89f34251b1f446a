"""Fault: everybody can sign up at a user pool that is for invited people only."""

from typing import Any

from ministack.services import cognito


def apply() -> None:
    sign_up = cognito._sign_up

    def sign_up_if_open(data: dict[str, Any]) -> Any:
        pool, _ = cognito._pool_for_client(data.get("ClientId"))
        settings = (pool or {}).get("AdminCreateUserConfig") or {}
        if str(settings.get("AllowAdminCreateUserOnly")).lower() == "true":
            return cognito.error_response_json(
                "NotAuthorizedException", "SignUp is not permitted for this user pool", 400
            )
        return sign_up(data)

    cognito._sign_up = sign_up_if_open
