"""A fake provider as strict as Bedrock: it checks each request as the local Bedrock server does, and refuses poison."""

import json
from base64 import b64encode
from collections.abc import AsyncGenerator
from typing import Any, Final

from infra.local.bedrock import families, request_models, rules
from infra.local.bedrock.errors import BedrockError
from infra.local.bedrock.rules.rule import Asked
from shared.llm.bedrock.request import converse_arguments
from shared.llm.port import ModelEvent, ModelFailedError, ModelRequest
from tests.fakes.chat_models import FakeModels

POISON: Final = "poison"
"""A request with this word anywhere is refused, as a provider refuses content that it cannot read."""


class StrictModels(FakeModels):
    """Refuses with the problem `refusal` what has the poison, and as not valid what breaks a rule of Bedrock.

    `broken_rules`: the messages of the rules that were broken; a request of ours must break none.
    """

    def __init__(self, refusal: str = "model-refused-request") -> None:
        super().__init__()
        self.refusal = refusal
        self.broken_rules: list[str] = []

    async def converse(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        body = json.dumps(converse_arguments(request, "model"), default=_base64)
        try:
            name = request.model.id
            rules.check(Asked(request_models.parse(body.encode()), name, families.of(name), streamed=True))
        except BedrockError as error:
            self.broken_rules.append(error.message)
            raise ModelFailedError("model-refused-request") from None
        if POISON in body:
            raise ModelFailedError(self.refusal)
        async for event in super().converse(request):
            yield event


def _base64(data: Any) -> str:
    return b64encode(data).decode()
