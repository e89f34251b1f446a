"""Fault: a mapping's concurrency from a template's parameter stays text; then no queue is polled any more."""

from typing import Any

from ministack.services import lambda_svc


def apply() -> None:
    concurrency = lambda_svc._sqs_esm_concurrency

    def concurrency_in_numbers(mapping: dict[str, Any], *rest: Any, **named: Any) -> Any:
        scaling = mapping.get("ScalingConfig") or {}
        if isinstance(most := scaling.get("MaximumConcurrency"), str):
            mapping = {**mapping, "ScalingConfig": {**scaling, "MaximumConcurrency": int(most)}}
        return concurrency(mapping, *rest, **named)

    lambda_svc._sqs_esm_concurrency = concurrency_in_numbers
