"""Compares the ledger with the provider's bill and with the turn log.

A row is estimated when nobody was told its tokens, because its process was killed for example. What the process had
put into the turn log is all that the others know, so that must be in the ledger. What the provider had sent and no log
had yet (the tokens on their way) depends on the speed of the machine: it is a figure, not a complaint.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tests.chaos.logged_output import logged_tokens
from tests.chaos.observation import Frame
from tests.trials.report import percentile, spread

TOLERANCE: Final = 0.15
TOLERANCE_TOGETHER: Final = 0.05
LONG: Final = 50
ONE_OR_TWO: Final = 2
"""What rounding may change in an estimate of a few words."""
_BILLED: Final = (
    ("input_tokens", "inputTokens"),
    ("output_tokens", "outputTokens"),
    ("cache_read_tokens", "cacheReadInputTokens"),
    ("cache_write_tokens", "cacheWriteInputTokens"),
)
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Estimate:
    """Output tokens of an estimated row: as the ledger counts them, as the log has them, as the server sent them.

    `logged` is None when the log was not read, and for a title, whose words are never in the log. `sent` is None when
    the server died: then nobody knows.
    """

    invocation_id: str
    counted: int
    logged: int | None
    sent: int | None

    @property
    def exceeds_log(self) -> bool:
        return self.logged is not None and self.counted > self.logged and not is_close(self.counted, self.logged)

    def complaints(self) -> Iterator[str]:
        if self.logged is not None and self.counted < self.logged and not is_close(self.counted, self.logged):
            yield f"{self}: less than the log has"
        if self.sent is None:
            return
        if self.counted > self.sent and not is_close(self.counted, self.sent):
            yield f"{self}: more than was sent"
        elif self.sent >= LONG and not is_near(self.counted, self.sent):
            yield f"{self}: not within 15 % of what was sent"

    def __str__(self) -> str:
        return f"{self.invocation_id}: estimated {self.counted} tokens, logged {self.logged}, sent {self.sent}"


@dataclass
class Audit:
    """`unserved`: rows of invocations whose request never reached the server, and the tokens that they count."""

    invocations: int = 0
    reported: int = 0
    unserved: int = 0
    unserved_tokens: int = 0
    estimates: list[Estimate] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def counted_and_sent(self) -> list[tuple[int, int]]:
        return [(each.counted, each.sent) for each in self.estimates if each.sent is not None]

    @property
    def estimated_share(self) -> float:
        """All estimates together against all that was sent: 1.0 is right."""
        sent = sum(sent for _, sent in self.counted_and_sent)
        return sum(counted for counted, _ in self.counted_and_sent) / sent if sent else 1.0

    @property
    def on_their_way(self) -> list[int]:
        """Of each answer that broke off, the tokens that were sent and are not in the log."""
        pairs = [(each.sent, each.logged) for each in self.estimates]
        return [max(0, sent - logged) for sent, logged in pairs if sent is not None and logged is not None]

    def complaints_after_kills(self) -> list[str]:
        """All complaints, when each process whose answer broke off was killed.

        Then only the log knows what it had received. A process that lives may have received more than it could write.
        """
        found = [*self.complaints, *(f"{each}: more than the log has" for each in self.estimates if each.exceeds_log)]
        if abs(self.estimated_share - 1) > TOLERANCE_TOGETHER:
            found.append(f"all estimates together are {self.estimated_share:.3f} of what was sent")
        return found

    def figures(self) -> dict[str, Any]:
        pairs = self.counted_and_sent
        off = [abs(counted - sent) / sent for counted, sent in pairs if sent]
        from_log = [each.counted - each.logged for each in self.estimates if each.logged is not None]
        in_logs = sum(each.logged or 0 for each in self.estimates)
        return {
            "invocations": self.invocations,
            "reported": self.reported,
            "estimated": len(self.estimates),
            "unserved": self.unserved,
            "tokens in unserved rows": self.unserved_tokens,
            "estimates compared with the log": len(from_log),
            "estimate - log (tokens)": f"{min(from_log, default=0):+} to {max(from_log, default=0):+}",
            "all these estimates / all in the log": round(1 + sum(from_log) / in_logs, 4) if in_logs else 1.0,
            "sent, not in the log (tokens)": spread(self.on_their_way, 1),
            "all estimates / all sent": round(self.estimated_share, 4),
            "estimates within 15 % of what was sent": _near_of(pairs),
            "of those with >= 50 tokens sent": _near_of([pair for pair in pairs if pair[1] >= LONG]),
            "of the shorter ones": _near_of([pair for pair in pairs if pair[1] < LONG]),
            "difference from what was sent p50": round(percentile(off, 0.5), 4),
            "difference from what was sent p95": round(percentile(off, 0.95), 4),
        }


def _near_of(pairs: Sequence[tuple[int, int]]) -> str:
    return f"{sum(is_near(*pair) for pair in pairs)} of {len(pairs)}"


def is_near(counted: int, expected: int) -> bool:
    return abs(counted - expected) <= TOLERANCE * expected


def is_close(counted: int, expected: int) -> bool:
    """Within 15 %, or within what rounding changes."""
    return is_near(counted, expected) or abs(counted - expected) <= ONE_OR_TWO


def turns_with_estimates(rows: Iterable[Row]) -> set[str]:
    """Ids of the turns of whose answers something is estimated."""
    return {row["turn_id"] for row in rows if row["basis"] == "estimated" and row["purpose"] == "answer"}


def audit(
    rows: Sequence[Row], bill: Sequence[Mapping[str, Any]], logs: Mapping[str, Sequence[Frame]] | None = None
) -> Audit:
    """Exactly one settled row for each invocation billed; reported ones equal to the token; estimated ones marked.

    `logs`: by turn, of all `turns_with_estimates`. Without them, estimates are only compared with what was sent.
    """
    kept: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        kept[row["invocation_id"]].append(row)
    billed: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for entry in bill:
        if invocation_id := entry["metadata"].get("invocation_id"):
            billed[invocation_id].append(entry)
    result = Audit(invocations=len(billed), unserved=len(kept.keys() - billed.keys()))
    logged = {} if logs is None else _logged(rows, logs, result)
    for invocation_id, entries in billed.items():
        _look(invocation_id, kept.get(invocation_id, []), entries, logged, result)
    for invocation_id in kept.keys() - billed.keys():
        result.unserved_tokens += sum(row["input_tokens"] + row["output_tokens"] for row in kept[invocation_id])
        if len(kept[invocation_id]) > 1:
            result.complaints.append(f"{invocation_id}: {len(kept[invocation_id])} rows")
    return result


def _logged(rows: Sequence[Row], logs: Mapping[str, Sequence[Frame]], result: Audit) -> dict[str, int]:
    """What the logs have of each invocation for an answer."""
    answers: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row["purpose"] == "answer":
            answers[row["turn_id"]].append(row)
    logged: dict[str, int] = {}
    for turn_id in sorted(turns_with_estimates(rows)):
        found = logged_tokens(answers[turn_id], logs[turn_id])
        if found is None:
            counts = [(row["basis"], row["output_tokens"]) for row in answers[turn_id]]
            result.complaints.append(f"{turn_id}: its rows {counts} do not fit the calls in its log")
        logged |= found or {}
    return logged


def _look(
    invocation_id: str,
    rows: Sequence[Row],
    entries: Sequence[Mapping[str, Any]],
    logged: Mapping[str, int],
    result: Audit,
) -> None:
    if len(rows) != 1:
        result.complaints.append(f"{invocation_id}: {len(rows)} rows, {_outcomes(entries)}")
        return
    (row,) = rows
    if row["state"] != "settled":
        result.complaints.append(f"{invocation_id}: still {row['state']}, {_outcomes(entries)}")
    elif row["basis"] == "reported":
        result.reported += 1
        usages = [entry["usage"] for entry in entries if entry["usage"]]
        counted = {mine: row[mine] for mine, _ in _BILLED}
        if counted not in [{mine: usage.get(theirs, 0) for mine, theirs in _BILLED} for usage in usages]:
            result.complaints.append(f"{invocation_id}: the ledger has {counted}, the bill {usages}")
    elif row["basis"] != "estimated":
        result.complaints.append(f"{invocation_id}: basis {row['basis']}")
    else:
        is_known = not any(entry["outcome"] == "server_died" for entry in entries)
        sent = sum(entry["output_tokens"] for entry in entries) if is_known else None
        estimate = Estimate(invocation_id, row["output_tokens"], logged.get(invocation_id), sent)
        result.estimates.append(estimate)
        result.complaints += estimate.complaints()


def _outcomes(entries: Sequence[Mapping[str, Any]]) -> str:
    return f"served {[(entry['model'], entry['outcome'], entry['output_tokens']) for entry in entries]}"
