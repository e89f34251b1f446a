"""The user pool's PreSignUp trigger: refuses addresses of domains that may not sign up."""

import os
from typing import Any

Event = dict[str, Any]


class SignUpRefusedError(Exception):
    """Shown to the person who tried to sign up; names no address and no domain."""


def handler(event: Event, _context: object) -> Event:
    """Return the event unchanged, or raise: the user pool refuses the sign-up on an exception."""
    invited = event["triggerSource"] == "PreSignUp_AdminCreateUser"
    allowed = _allowed_domains()
    if allowed and not invited and _domain(event) not in allowed:
        raise SignUpRefusedError("Sign-up is not open to addresses of this domain")
    return event


def _allowed_domains() -> frozenset[str]:
    given = os.environ["ALLOWED_SIGN_UP_EMAIL_DOMAINS"]
    return frozenset(domain.strip().lower() for domain in given.split(",") if domain.strip())


def _domain(event: Event) -> str:
    email: str = event["request"]["userAttributes"].get("email", "")
    return email.rpartition("@")[2].lower()
