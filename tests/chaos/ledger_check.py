"""Compares the ledger with the provider's bill."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tests.trials.report import percentile

TOLERANCE: Final = 0.15
LONG: Final = 50
ON_THE_WAY: Final = 5
"""Tokens that a server may have sent and no log had yet when chat was killed: 0.1 s of a scripted model's words. Of a
short answer they are more than 15 %, and nobody who is left has seen them."""
ONE_OR_TWO: Final = 2
"""What rounding may add to an estimate of a few words."""
_BILLED: Final = (
    ("input_tokens", "inputTokens"),
    ("output_tokens", "outputTokens"),
    ("cache_read_tokens", "cacheReadInputTokens"),
    ("cache_write_tokens", "cacheWriteInputTokens"),
)


@dataclass
class Audit:
    """`estimates`: (tokens in the ledger, tokens that the server had sent) of each estimated invocation.

    `unserved`: rows of invocations whose request never reached the server, and the tokens that they count.
    """

    invocations: int = 0
    reported: int = 0
    unserved: int = 0
    unserved_tokens: int = 0
    estimates: list[tuple[int, int]] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def estimated_share(self) -> float:
        """All estimates together against all that was sent: 1.0 is right."""
        sent = sum(sent for _, sent in self.estimates)
        return sum(told for told, _ in self.estimates) / sent if sent else 1.0

    @property
    def near(self) -> int:
        """Estimates within 15 % each."""
        return sum(is_near(told, sent) for told, sent in self.estimates)

    def figures(self) -> dict[str, Any]:
        off = [abs(told - sent) / sent for told, sent in self.estimates if sent]
        return {
            "invocations": self.invocations,
            "reported": self.reported,
            "estimated": len(self.estimates),
            "unserved": self.unserved,
            "tokens in unserved rows": self.unserved_tokens,
            "estimates within 15 %": f"{self.near} of {len(self.estimates)}",
            "of those with >= 50 tokens sent": _near_of(self.estimates, LONG),
            "of the shorter ones": _near_of([pair for pair in self.estimates if pair[1] < LONG], 0),
            "all estimates / all sent": round(self.estimated_share, 4),
            "error p50": round(percentile(off, 0.5), 4),
            "error p95": round(percentile(off, 0.95), 4),
            "largest error (tokens)": max((abs(told - sent) for told, sent in self.estimates), default=0),
            "outside 15 % (told, sent)": [pair for pair in self.estimates if not is_near(*pair)][:20],
        }


def _near_of(estimates: Sequence[tuple[int, int]], least: int) -> str:
    chosen = [pair for pair in estimates if pair[1] >= least]
    return f"{sum(is_near(*pair) for pair in chosen)} of {len(chosen)}"


def is_near(told: int, sent: int) -> bool:
    return abs(told - sent) <= TOLERANCE * sent


def is_explained(told: int, sent: int) -> bool:
    """Within 15 %; of a short answer also less by what was on its way, or more by what rounding adds."""
    return is_near(told, sent) or -ONE_OR_TWO <= sent - told <= ON_THE_WAY


def audit(rows: Iterable[Mapping[str, Any]], bill: Sequence[Mapping[str, Any]]) -> Audit:
    """Exactly one settled row for each invocation billed; reported ones equal to the token; estimated ones marked."""
    kept: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        kept[row["invocation_id"]].append(row)
    billed: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for entry in bill:
        if invocation_id := entry["metadata"].get("invocation_id"):
            billed[invocation_id].append(entry)
    result = Audit(invocations=len(billed), unserved=len(kept.keys() - billed.keys()))
    for invocation_id, entries in billed.items():
        _look(invocation_id, kept.get(invocation_id, []), entries, result)
    for invocation_id in kept.keys() - billed.keys():
        result.unserved_tokens += sum(row["input_tokens"] + row["output_tokens"] for row in kept[invocation_id])
        if len(kept[invocation_id]) > 1:
            result.complaints.append(f"{invocation_id}: {len(kept[invocation_id])} rows")
    return result


def _look(
    invocation_id: str, rows: Sequence[Mapping[str, Any]], entries: Sequence[Mapping[str, Any]], result: Audit
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
        told = {mine: row[mine] for mine, _ in _BILLED}
        if told not in [{mine: usage.get(theirs, 0) for mine, theirs in _BILLED} for usage in usages]:
            result.complaints.append(f"{invocation_id}: the ledger has {told}, the bill {usages}")
    elif row["basis"] != "estimated":
        result.complaints.append(f"{invocation_id}: basis {row['basis']}")
    elif not any(entry["outcome"] == "server_died" for entry in entries):  # then nobody knows what was sent
        estimate = (row["output_tokens"], sum(entry["output_tokens"] for entry in entries))
        result.estimates.append(estimate)
        if not is_explained(*estimate):
            result.complaints.append(f"{invocation_id}: estimated {estimate[0]} of {estimate[1]} tokens")


def _outcomes(entries: Sequence[Mapping[str, Any]]) -> str:
    return f"served {[(entry['model'], entry['outcome'], entry['output_tokens']) for entry in entries]}"
