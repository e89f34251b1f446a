"""Keys of what the aiohttp application holds for its handlers, its server and its streams."""

import asyncio
from typing import Final

from aiohttp import web

from shared.http.app.limits import RequestLimits

STOPPING: Final = web.AppKey("stopping", asyncio.Event)  # set when the process is about to end
LIMITS: Final = web.AppKey("limits", RequestLimits)
