"""Timeouts and attempts of all calls of AWS, in one table.

A read timeout limits the silence on a socket, not the length of a response. botocore's `standard` mode retries
throttling and broken connections with jittered exponential back-off. A call that must not simply be repeated, such as
a model's answer, has one attempt here and its own retries (tenacity) where it is made.
"""

from dataclasses import dataclass
from typing import Final, Literal

ClientName = Literal[
    "dynamodb", "sqs", "events", "s3", "cognito-idp", "bedrock-runtime", "stepfunctions", "secretsmanager", "ssm"
]


@dataclass(frozen=True)
class CallLimits:
    """Seconds, and the number of attempts, the first one included."""

    connect_s: float
    read_s: float
    attempts: int
    sockets: int | None = None
    """The most connections; None: `max_pool_connections` of the process's settings."""


CALL_LIMITS: Final[dict[ClientName, CallLimits]] = {
    "dynamodb": CallLimits(connect_s=1, read_s=5, attempts=5),
    "sqs": CallLimits(connect_s=1, read_s=25, attempts=4),  # a long poll is silent for 20 s
    "events": CallLimits(connect_s=1, read_s=5, attempts=3),  # the relay keeps the row and tries again later
    "s3": CallLimits(connect_s=1, read_s=20, attempts=4),
    "cognito-idp": CallLimits(connect_s=2, read_s=5, attempts=3),
    "stepfunctions": CallLimits(connect_s=1, read_s=5, attempts=4),
    "ssm": CallLimits(connect_s=2, read_s=5, attempts=3),
    "secretsmanager": CallLimits(connect_s=2, read_s=5, attempts=4),
    "bedrock-runtime": CallLimits(connect_s=3, read_s=120, attempts=1, sockets=1000),  # one for each open stream
}
