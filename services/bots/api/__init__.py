"""HTTP routes of bots: parse, authorise, call, answer."""

from services.bots.api.bots import BOT_ROUTES
from services.bots.api.versions import VERSION_ROUTES

ROUTES = (*BOT_ROUTES, *VERSION_ROUTES)

__all__ = ["ROUTES"]
