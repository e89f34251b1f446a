"""The route that lists the models of this deployment."""

from pydantic import BaseModel

from services.chat.api.context import ChatContext
from services.chat.api.schemas import ModelLimits, ModelPrices, ModelView
from services.chat.turns.start import choose_model
from shared.catalogue import Model
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
    return Reply(body=ModelList(items=[_view(model, model.id == default.id) for model in context.catalogue]))


def _view(model: Model, default: bool) -> ModelView:
    return ModelView(
        id=model.id,
        name=model.name,
        provider=model.provider,
        capabilities=model.capabilities,
        limits=ModelLimits(**model.limits.model_dump()),
        prices=ModelPrices(**{name: str(price) for name, price in model.prices}),
        default=default,
        notice=model.notice,
    )


MODEL_ROUTES = (list_models,)
