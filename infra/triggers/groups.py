"""The user pool's PostConfirmation and PostAuthentication trigger: adds new people to the groups of AutoJoinUserGroups.

This happens once, when a person is new. So if an administrator removes a person from a group, the next sign-in does not
undo it.
"""

import functools
import os
from typing import Any

import botocore.session

Event = dict[str, Any]


def handler(event: Event, _context: object) -> Event:
    if is_new(event):
        for group in auto_join_groups():
            user_pool().admin_add_user_to_group(
                UserPoolId=event["userPoolId"], Username=event["userName"], GroupName=group
            )
    return event


def is_new(event: Event) -> bool:
    """True after a confirmed sign-up (also by an identity provider), and at the first sign-in after an invitation."""
    if event["triggerSource"] == "PostConfirmation_ConfirmSignUp":
        return True
    status: str | None = event["request"]["userAttributes"].get("cognito:user_status")
    first_sign_in = status == "FORCE_CHANGE_PASSWORD"
    return first_sign_in and bool(event["triggerSource"] == "PostAuthentication_Authentication")


def auto_join_groups() -> list[str]:
    given = os.environ["AUTO_JOIN_USER_GROUPS"]
    return [group.strip() for group in given.split(",") if group.strip()]


@functools.cache
def user_pool() -> Any:
    return botocore.session.get_session().create_client("cognito-idp")
