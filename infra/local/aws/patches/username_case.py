"""Fault: in a user pool that ignores case, `Ann@example.com` and `ann@example.com` are two people.

With the patch names are stored in lower case. AWS compares them without case too.
"""

from typing import Any

from ministack.services import cognito


def apply() -> None:
    run = cognito._run_idp_handler

    def run_ignoring_case(handler: Any, action: str, data: dict[str, Any]) -> Any:
        return run(lambda given: handler(_with_lowercase_names(given)), action, data)

    cognito._run_idp_handler = run_ignoring_case


def _with_lowercase_names(data: dict[str, Any]) -> dict[str, Any]:
    pool = cognito._user_pools.get(data.get("UserPoolId")) or cognito._pool_for_client(data.get("ClientId"))[0] or {}
    if (pool.get("UsernameConfiguration") or {}).get("CaseSensitive") is not False:
        return data
    lowered = _lowered(data, "Username")
    for group in ("AuthParameters", "ChallengeResponses"):
        if group in data:
            lowered[group] = _lowered(data[group], "USERNAME")
    if "UserAttributes" in data:
        lowered["UserAttributes"] = [
            _lowered(each, "Value") if each["Name"] == "email" else each for each in data["UserAttributes"]
        ]
    return lowered


def _lowered(data: dict[str, Any], key: str) -> dict[str, Any]:
    return {**data, key: data[key].lower()} if "@" in data.get(key, "") else dict(data)
