"""The report of `make models` on given days: what is offered, what is not and why, and what will change soon."""

from datetime import date, timedelta

import pytest

from infra.models.report import Report, warning_line
from shared.catalogue.data import catalogue_data

DATA = catalogue_data()
TODAY = date(2026, 11, 30)
LATER = date(2027, 12, 1)


def report(*allowed: str, today: date = TODAY) -> Report:
    return Report(DATA, ("bedrock",), allowed, today)


def section(of: Report, title: str) -> dict[str, str]:
    """Model → the rest of its line, below the section's title."""
    lines = list(of.lines())
    found: dict[str, str] = {}
    for line in lines[next(number for number, each in enumerate(lines) if each.startswith(title)) + 1 :]:
        if not line.startswith("  "):
            break
        model, _, rest = line.strip().partition("  ")
        found[model] = rest.strip()
    return found


def test_an_offered_model_has_its_price_its_profiles_and_how_it_thinks() -> None:
    words = section(report(), "Offered")["gpt-6-sol"].split()
    assert " ".join(words) == "2 / 10 global us thinks: optional, none to max tools"


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        ("claude-3-haiku", "ended on 2026-09-10"),
        ("claude-opus-5-5", "is not in the allow-list"),
        ("scripted.echo", "is of the source scripted"),
    ],
)
def test_a_model_that_is_not_offered_has_its_reason(model: str, reason: str) -> None:
    assert section(report("claude-haiku-5-5", "claude-3-haiku"), "Not offered")[model] == reason


def test_every_model_is_in_one_of_both_lists() -> None:
    offered, others = section(report(), "Offered"), section(report(), "Not offered")
    assert sorted([*offered, *others]) == sorted(model.id for model in DATA.models)


def test_a_legacy_model_has_its_end() -> None:
    assert section(report(), "Legacy")["claude-sonnet-4-5"] == "until 2027-04-08, 129 days from now"


def test_a_model_that_needs_more_than_access_says_what() -> None:
    assert "aws_review" in section(report(), "Need")["claude-fable-5-2"]


def test_the_age_of_the_price_list_is_told() -> None:
    tomorrow = DATA.priced_on + timedelta(days=1)
    assert f"Price list of {DATA.price_version}, 1 day old." in list(report(today=tomorrow).lines())


def test_a_model_that_ends_within_three_months_is_a_warning() -> None:
    assert report("claude-opus-4-1", today=date(2026, 10, 9)).warnings()[0].startswith("may cost more")
    (warning, _) = report("claude-opus-4-1", today=date(2026, 10, 10)).warnings()
    assert warning == "ends soon: claude-opus-4-1 on 2027-01-08"


def test_a_price_that_may_have_risen_is_a_warning() -> None:
    assert report("claude-opus-4-1", today=date(2026, 10, 7)).warnings() == []
    assert report("claude-opus-4-1", today=date(2026, 10, 8)).warnings() == [
        "may cost more than listed: claude-opus-4-1"
    ]


def test_an_old_price_list_is_a_warning() -> None:
    assert report("nova-pro", today=DATA.priced_on + timedelta(days=60)).warnings() == []
    warnings = report("nova-pro", today=DATA.priced_on + timedelta(days=61)).warnings()
    assert warnings == ["the price list is 61 days old"]


def test_an_ended_model_is_not_warned_of() -> None:
    assert "claude-opus-4-1" not in str(report(today=LATER).warnings())


def test_the_warnings_of_bedrock_are_one_line() -> None:
    line = warning_line(DATA.priced_on + timedelta(days=61))
    assert line
    assert line.startswith("make models warns: ")
    assert "\n" not in line


def test_without_warnings_there_is_no_line() -> None:
    assert warning_line(date(2025, 10, 1)) is None
