"""The report on the catalogue, and its warnings: models that end soon, and prices that may be out of date."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from shared.catalogue import Model, Source
from shared.catalogue.data import CatalogueData, catalogue_data

_BEDROCK: Final[tuple[Source, ...]] = ("bedrock",)
_SOON: Final = timedelta(days=90)
_OLD: Final = timedelta(days=60)
"""Prices of Bedrock change with nearly every new model, about once a month."""


@dataclass(frozen=True)
class Report:
    """The catalogue on one day, for a deployment with these sources and this allow-list (empty: all are allowed)."""

    data: CatalogueData
    sources: Collection[Source]
    allowed: Collection[str]
    today: date

    def lines(self) -> Iterator[str]:
        """The whole report, one section after the other."""
        offered = [model for model in self.data.models if self._reason(model) is None]
        yield f"Offered ({len(offered)}), with US dollars per million tokens in and out:"
        yield from _table([_offered_row(model) for model in offered])
        legacy = [model for model in offered if model.is_legacy(self.today) or model.ends_on]
        yield from _section("Legacy, still offered:", [self._legacy_row(model) for model in legacy])
        yield from _section("Need more than access to models:", [(m.id, m.needs) for m in offered if m.needs])
        reasons = [(model.id, reason) for model in self.data.models if (reason := self._reason(model))]
        yield from _section("Not offered:", reasons)
        yield f"Price list of {self.data.price_version}, {_days(self.today - self.data.priced_on)} old."
        yield from (f"Warning: {each}." for each in self.warnings())

    def warnings(self) -> list[str]:
        """One phrase for each kind of warning; none when nothing is wrong."""
        offered = [model for model in self.data.models if self._reason(model) is None]
        ending = [model for model in offered if model.ends_on and model.ends_on - self.today <= _SOON]
        dearer = [model for model in offered if model.dearer_on and model.dearer_on <= self.today]
        found = []
        if ending:
            found.append("ends soon: " + ", ".join(f"{model.id} on {model.ends_on}" for model in ending))
        if dearer:
            found.append("may cost more than listed: " + ", ".join(model.id for model in dearer))
        if (age := self.today - self.data.priced_on) > _OLD:
            found.append(f"the price list is {_days(age)} old")
        return found

    def _reason(self, model: Model) -> str | None:
        """Why the model is not offered; None if it is."""
        if model.source not in self.sources:
            return f"is of the source {model.source}"
        if model.has_ended(self.today):
            return f"ended on {model.ends_on}"
        if self.allowed and model.id not in self.allowed:
            return "is not in the allow-list"
        return None

    def _legacy_row(self, model: Model) -> tuple[str, str]:
        if model.ends_on is None:
            return model.id, "no end announced"
        return model.id, f"until {model.ends_on}, {_days(model.ends_on - self.today)} from now"


def warning_line(today: date) -> str | None:
    """What `make models` warns of for Bedrock, in one line; None when nothing is wrong."""
    warnings = Report(catalogue_data(), _BEDROCK, (), today).warnings()
    return f"make models warns: {'; '.join(warnings)}" if warnings else None


def _offered_row(model: Model) -> tuple[str, ...]:
    thinking = model.capabilities.thinking
    levels = f", {thinking.efforts[0]} to {thinking.efforts[-1]}" if thinking.efforts else ""
    return (
        model.id,
        f"{model.prices.input} / {model.prices.output}",
        " ".join(model.inference_profiles) or "-",
        f"thinks: {thinking.thinks}{levels}",
        "tools" if model.capabilities.tools else "no tools",
    )


def _section(title: str, rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    if rows:
        yield title
        yield from _table(rows)


def _table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield ("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))).rstrip()


def _days(span: timedelta) -> str:
    return f"{span.days} day{'' if span.days == 1 else 's'}"
