"""The user pool's PostConfirmation and PostAuthentication trigger: new people join the groups that are for everyone.

Only once, when they are new: whom an administrator took out of a group stays out at the next sign-in.
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
    """Someone who confirmed a sign-up (or came from another identity provider), or was invited and first signs in."""
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
