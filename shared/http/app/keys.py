"""What the application holds for its handlers."""

import asyncio
from typing import Final

from aiohttp import web

from shared.http.app.limits import Limits

STOPPING: Final = web.AppKey("stopping", asyncio.Event)  # set when the process is about to end
LIMITS: Final = web.AppKey("limits", Limits)
