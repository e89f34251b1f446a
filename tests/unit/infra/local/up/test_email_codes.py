"""Whoever signs up on this machine finds the code where `make up` runs."""

import json
from pathlib import Path

from infra.local.up.email_codes import EmailCodes


def send(outbox: Path, to: str, code: str) -> None:
    with outbox.open("a") as file:
        file.write(json.dumps({"to": to, "purpose": "sign-up", "code": code}) + "\n")


def test_codes_are_told_once_and_only_those_of_this_run(tmp_path: Path) -> None:
    outbox = tmp_path / "outbox.jsonl"
    send(outbox, "old@example.com", "111111")
    codes = EmailCodes(outbox)
    assert codes.new() == []
    send(outbox, "new@example.com", "222222")
    assert codes.new() == ["  e-mail to new@example.com: the code for sign-up is 222222"]
    assert codes.new() == []


def test_a_line_that_is_still_being_written_is_told_when_it_is_whole(tmp_path: Path) -> None:
    outbox = tmp_path / "outbox.jsonl"
    codes = EmailCodes(outbox)
    outbox.write_text('{"to": "a@example.com", "purp')
    assert codes.new() == []
    with outbox.open("a") as file:
        file.write('ose": "password", "code": "333333"}\n')
    assert codes.new() == ["  e-mail to a@example.com: the code for password is 333333"]
