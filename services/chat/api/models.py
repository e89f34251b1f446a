"""The route that lists the models of this deployment."""

from pydantic import BaseModel

from services.chat.api.context import ChatContext
from services.chat.api.schemas import ModelView
from services.chat.turns.start import choose_model
from shared.http import Reply, Request, route, signed_in


class ModelList(BaseModel):
    items: list[ModelView]
    next_cursor: None = None


@route(
    "GET", "/api/chat/models", summary="List the models that the caller may use", rule=signed_in,
    returns={200: ModelList},
)  # fmt: skip
async def list_models(request: Request[None, None, ChatContext]) -> Reply:
    context = request.context
    default = choose_model(context.catalogue, None, context.settings.default_model)
    items = [ModelView(**dict(model), default=model.id == default.id) for model in context.catalogue]
    return Reply(body=ModelList(items=items))


MODEL_ROUTES = (list_models,)
