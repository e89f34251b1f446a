"""Which requests to AWS meet which fault: the rules of the fault proxy, without its sockets."""

import json
import random
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Fault = Literal["throttle", "lose", "cut", "conflict", "away"]
"""`throttle`: refused before AWS sees it. `conflict`: the same, as a transaction that met another. `away`: no answer.
`lose`: AWS has done it, the answer is a 500 instead. `cut`: the same, but the connection breaks."""


@dataclass(frozen=True)
class Rule:
    """`share` (0-1) of the requests whose operation begins with `operation` meet `fault`."""

    fault: Fault
    operation: str
    share: float = 1.0


@dataclass
class Rules:
    """The first rule that strikes counts. The same seed strikes the same requests, if they come in the same order."""

    rules: list[Rule] = field(default_factory=list)
    seed: int = 0
    struck: Counter[str] = field(default_factory=Counter)
    passed: int = 0

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def verdict(self, operation: str) -> Fault | None:
        """`operation` as in X-Amz-Target, such as `DynamoDB_20120810.PutItem`, or only its last part."""
        name = operation.rpartition(".")[2]
        for rule in self.rules:
            if _is_possible(rule, name) and name.startswith(rule.operation) and self._random.random() < rule.share:
                self.struck[f"{rule.fault} {name}"] += 1
                return rule.fault
        self.passed += 1
        return None

    def dump(self) -> str:
        return json.dumps({"rules": [asdict(rule) for rule in self.rules], "seed": self.seed})

    @classmethod
    def load(cls, text: str) -> "Rules":
        """Raises ValueError, TypeError or KeyError for what is no set of rules."""
        given: dict[str, Any] = json.loads(text)
        return cls([Rule(**rule) for rule in given["rules"]], given.get("seed", 0))


def _is_possible(rule: Rule, name: str) -> bool:
    return rule.fault != "conflict" or name == "TransactWriteItems"


def refusal(fault: Fault, body: bytes) -> tuple[int, dict[str, Any]]:
    """Status and body by which DynamoDB tells it. `body`: of the request, for a transaction's number of writes."""
    if fault == "conflict":
        writes = len(json.loads(body).get("TransactItems", [{}]))
        reasons = [{"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"}]
        reasons += [{"Code": "None"} for _ in range(writes - 1)]
        codes = ", ".join(reason["Code"] for reason in reasons)
        return 400, {
            "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "message": f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]",
            "Message": f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]",
            "CancellationReasons": reasons,
        }
    if fault == "throttle":
        return 400, {
            "__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
            "message": "The level of configured provisioned throughput for the table was exceeded.",
        }
    return 500, {"__type": "com.amazonaws.dynamodb.v20120810#InternalServerError", "message": "Internal server error"}
