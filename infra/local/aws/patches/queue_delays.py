"""Fault: a delay above 900 s is accepted. AWS refuses it."""

from typing import Any

from ministack.services import sqs

LONGEST_DELAY_S = 900


def apply() -> None:
    send = sqs._act_send_message

    def send_within_limits(data: dict[str, Any], queue_url: str) -> Any:
        delay = int(data.get("DelaySeconds") or 0)
        if not 0 <= delay <= LONGEST_DELAY_S:
            raise sqs._Err(
                "InvalidParameterValue",
                f"Value {delay} for parameter DelaySeconds is invalid. "
                f"Reason: DelaySeconds must be >= 0 and <= {LONGEST_DELAY_S}.",
            )
        return send(data, queue_url)

    sqs._act_send_message = sqs._HANDLERS["SendMessage"] = send_within_limits
