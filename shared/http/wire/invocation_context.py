"""The deadline of a request that is a Lambda invocation: the Lambda Web Adapter sends it in a header.

The adapter overwrites a header that a client sent. A process without an adapter must not read it.
"""

from typing import Final

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.clock import Clock

HEADER: Final = "X-Amzn-Lambda-Context"
_MARGIN_S: Final = 2.0


class _LambdaContext(BaseModel):
    """The part of Lambda's context that is used. `deadline`: epoch milliseconds."""

    model_config = ConfigDict(extra="ignore")

    deadline: int = Field(ge=0)


def seconds_left(http: web.Request, clock: Clock) -> float | None:
    """Seconds until the response must be complete, 2 s before Lambda ends the process. None without a valid header."""
    try:
        deadline = _LambdaContext.model_validate_json(http.headers.get(HEADER, "")).deadline
    except ValidationError:
        return None
    return max(0.0, deadline / 1000 - clock.now().timestamp() - _MARGIN_S)
