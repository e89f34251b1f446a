"""Codes of local e-mails are printed by `make up`."""

import json
from pathlib import Path

from infra.local.up.email_codes import EmailCodes


def send(outbox: Path, to: str, code: str) -> None:
    with outbox.open("a") as file:
        file.write(json.dumps({"to": to, "purpose": "sign-up", "code": code}) + "\n")


def test_only_codes_of_this_run_are_returned_and_each_once(tmp_path: Path) -> None:
    outbox = tmp_path / "outbox.jsonl"
    send(outbox, "old@example.com", "111111")
    codes = EmailCodes(outbox)
    assert codes.new() == []
    send(outbox, "new@example.com", "222222")
    assert codes.new() == ["  e-mail to new@example.com: the code for sign-up is 222222"]
    assert codes.new() == []


def test_an_incomplete_line_is_returned_once_it_is_complete(tmp_path: Path) -> None:
    outbox = tmp_path / "outbox.jsonl"
    codes = EmailCodes(outbox)
    outbox.write_text('{"to": "a@example.com", "purp')
    assert codes.new() == []
    with outbox.open("a") as file:
        file.write('ose": "password", "code": "333333"}\n')
    assert codes.new() == ["  e-mail to a@example.com: the code for password is 333333"]
