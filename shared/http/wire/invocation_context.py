"""Requests that are invocations of a function: the Lambda Web Adapter tells their deadline in a header.

It overwrites what a client may have put there; where no adapter is in front, nobody reads the header.
"""

from typing import Final

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.clock import Clock

HEADER: Final = "X-Amzn-Lambda-Context"
_FAREWELL_S: Final = 2.0


class _Context(BaseModel):
    """What is read of Lambda's context. `deadline`: milliseconds since 1970."""

    model_config = ConfigDict(extra="ignore")

    deadline: int = Field(ge=0)


def seconds_left(http: web.Request, clock: Clock) -> float | None:
    """Until the request has to have been answered, a little before Lambda ends the process. None when nobody tells."""
    try:
        deadline = _Context.model_validate_json(http.headers.get(HEADER, "")).deadline
    except ValidationError:
        return None
    return max(0.0, deadline / 1000 - clock.now().timestamp() - _FAREWELL_S)
