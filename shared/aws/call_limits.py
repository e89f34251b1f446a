"""Timeouts and retries of every remote call, from edge to model, in one table.

Reads bound the silence on a socket, not the length of an answer. botocore's `standard` mode retries throttling and
broken connections with jittered exponential back-off; what must not be repeated blindly, such as a model's answer, has
one attempt here and its own rule (tenacity) where it is called.
"""

from dataclasses import dataclass
from typing import Final, Literal

ClientName = Literal[
    "dynamodb", "sqs", "events", "s3", "cognito-idp", "bedrock-runtime", "stepfunctions", "secretsmanager", "ssm"
]


@dataclass(frozen=True)
class CallLimits:
    connect_s: float
    read_s: float
    attempts: int
    sockets: int | None = None
    """At most so many at a time; None: as many as the process's settings say."""


CALL_LIMITS: Final[dict[ClientName, CallLimits]] = {
    "dynamodb": CallLimits(connect_s=1, read_s=5, attempts=5),
    "sqs": CallLimits(connect_s=1, read_s=25, attempts=4),  # a long poll is silent for 20 s
    "events": CallLimits(connect_s=1, read_s=5, attempts=3),  # the relay keeps the row and comes again
    "s3": CallLimits(connect_s=1, read_s=20, attempts=4),
    "cognito-idp": CallLimits(connect_s=2, read_s=5, attempts=3),
    "stepfunctions": CallLimits(connect_s=1, read_s=5, attempts=4),
    "ssm": CallLimits(connect_s=2, read_s=5, attempts=3),
    "secretsmanager": CallLimits(connect_s=2, read_s=5, attempts=4),
    "bedrock-runtime": CallLimits(connect_s=3, read_s=120, attempts=1, sockets=1000),  # a stream holds one
}
