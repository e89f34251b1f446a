"""Each finding of the security linter is fixed or has an exception with a reason."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from infra.deploy.deployment import ALL
from infra.deploy.templates import load
from infra.security.exceptions import AcceptedFinding, Finding, read, uncovered, unused

TABLES = AcceptedFinding(
    check="CKV_AWS_1", resources=("*:MainTable", "chat:Log"), reason="A reason of a few words, at least."
)
FOUND = [Finding("CKV_AWS_1", "chat:MainTable"), Finding("CKV_AWS_1", "chat:Log")]


def test_a_finding_needs_an_exception_of_its_own_check_and_resource() -> None:
    others = [Finding("CKV_AWS_2", "chat:MainTable"), Finding("CKV_AWS_1", "chat:Queue")]
    assert uncovered([*FOUND, *others], [TABLES]) == sorted(others)


def test_an_exception_with_a_pattern_that_matches_nothing_is_unused() -> None:
    assert unused(FOUND, [TABLES]) == []
    assert unused(FOUND[:1], [TABLES]) == ["CKV_AWS_1 chat:Log"]
    assert unused([], [TABLES]) == ["CKV_AWS_1 *:MainTable", "CKV_AWS_1 chat:Log"]


@pytest.mark.parametrize(
    "text",
    ["check = 'S3'\nresources = ['*']\nreason = 'A reason of a few words, at least.'",
     "check = 'CKV_AWS_1'\nresources = []\nreason = 'A reason of a few words, at least.'",
     "check = 'CKV_AWS_1'\nresources = ['*']\nreason = 'because'"],
    ids=["no check", "no resource", "no reason"],
)  # fmt: skip
def test_an_exception_needs_check_resources_and_reason(tmp_path: Path, text: str) -> None:
    (tmp_path / "exceptions.toml").write_text(f"[[exception]]\n{text}\n")
    with pytest.raises(ValidationError):
        read(tmp_path / "exceptions.toml")


@pytest.mark.parametrize("exception", read(), ids=lambda each: each.check)
def test_our_exceptions_name_existing_resources(exception: AcceptedFinding) -> None:
    for pattern in exception.resources:
        stack, _, resource = pattern.partition(":")
        stacks = ALL if stack == "*" else (stack,)
        if resource and not resource.startswith("Api"):  # resources that SAM creates
            assert any(resource in load(each)["Resources"] for each in stacks), pattern


def test_each_check_has_one_exception() -> None:
    checks = [each.check for each in read()]
    assert len(checks) == len(set(checks))
