"""Chat's HTTP routes: each parses a request, authorises it, calls a use case and answers."""

from services.chat.api.conversations import CONVERSATION_ROUTES
from services.chat.api.messages import MESSAGE_ROUTES
from services.chat.api.models import MODEL_ROUTES
from services.chat.api.turns import TURN_ROUTES

ROUTES = (*CONVERSATION_ROUTES, *MESSAGE_ROUTES, *TURN_ROUTES, *MODEL_ROUTES)

__all__ = ["ROUTES"]
