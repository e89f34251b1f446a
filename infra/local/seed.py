"""Creates the demo users of the local system, and ID tokens for them. A second run changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

# Meets the pool's rules. It is public, because it is valid for systems on this machine only.
DEMO_PASSWORD: Final = "Demo-pass-1"  # noqa: S105


@dataclass(frozen=True)
class DemoUser:
    email: str
    groups: tuple[str, ...]


DEMO_USERS: Final = (
    DemoUser("admin@example.com", ("Admin", "CreatingBotAllowed", "PublishAllowed")),
    DemoUser("maker@example.com", ("CreatingBotAllowed", "PublishAllowed")),
    DemoUser("user@example.com", ()),
)


def seed(user_pool: Any, pool_id: str) -> None:
    """Create the demo users that are missing, confirmed and in their groups.

    A changed password or a removed group of an existing user stays as it is.
    """
    for user in DEMO_USERS:
        person = {"UserPoolId": pool_id, "Username": user.email}
        if _is_complete(user_pool, person):
            continue
        for group in user.groups:
            user_pool.admin_add_user_to_group(**person, GroupName=group)
        user_pool.admin_set_user_password(**person, Password=DEMO_PASSWORD, Permanent=True)


def _is_complete(user_pool: Any, person: Mapping[str, str]) -> bool:
    """Create the person if missing. The password is set last, so a person with a password is complete."""
    email = person["Username"]
    attributes = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]
    try:
        user_pool.admin_create_user(**person, MessageAction="SUPPRESS", UserAttributes=attributes)
    except ClientError as refused:
        if refused.response["Error"]["Code"] != "UsernameExistsException":
            raise
    return bool(user_pool.admin_get_user(**person)["UserStatus"] != "FORCE_CHANGE_PASSWORD")


def token(user_pool: Any, platform: Mapping[str, str], email: str, password: str = DEMO_PASSWORD) -> str:
    """Sign in and return an ID token. `platform` holds the outputs of the platform stack.

    Raises botocore's ClientError (NotAuthorizedException) for a wrong password or an unknown person.
    """
    answer = user_pool.admin_initiate_auth(
        UserPoolId=platform["UserPoolId"],
        ClientId=platform["UserPoolClientId"],
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": email, "PASSWORD": password},
    )
    return str(answer["AuthenticationResult"]["IdToken"])
