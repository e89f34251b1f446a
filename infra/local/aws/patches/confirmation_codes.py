"""Fault: any confirmation code is accepted, and the same code is sent every time.

With the patch each code is new and is checked. It is appended to the outbox file, which replaces e-mail: one JSON
object per line with `to`, `purpose` (`sign-up` or `password`) and `code`.
"""

import json
import os
import secrets
from pathlib import Path
from typing import Any

from ministack.services import cognito


def apply(outbox: Path) -> None:
    send = cognito._send_verification_email

    def send_new_code(pool: Any, username: str, attributes: dict[str, str], _code: str, **named: str) -> Any:
        code = f"{secrets.randbelow(1_000_000):06}"
        forgotten = named.get("attribute_name") == "password"
        user, _ = cognito._resolve_user(pool, username)
        user["_reset_code" if forgotten else "_confirmation_code"] = code
        _append(outbox, to=attributes["email"], purpose="password" if forgotten else "sign-up", code=code)
        return send(pool, username, attributes, code, **named)

    cognito._send_verification_email = send_new_code
    cognito._confirm_sign_up = _checking("ConfirmSignUp", cognito._confirm_sign_up)
    cognito._confirm_forgot_password = _checking("ConfirmForgotPassword", cognito._confirm_forgot_password)


def _checking(action: str, confirm: Any) -> Any:
    """Add ministack's own check of the code, which it otherwise does only with full authorisation switched on."""

    def confirm_with_the_code(data: dict[str, Any]) -> Any:
        return cognito._confirmation_code_error(action, data) or confirm(data)

    return confirm_with_the_code


def _append(outbox: Path, **message: str) -> None:
    descriptor = os.open(outbox, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "a") as file:
        file.write(json.dumps(message) + "\n")
