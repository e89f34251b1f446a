"""Routes: knowledge sources of the caller's own bots."""

from typing import Final

from services.ingest.api.schemas import NewSource, SourcePage, SourceView
from services.ingest.sources import Sources
from shared.http import PageQuery, Reply, Request, route, signed_in
from shared.ids import id_pattern

_BOT: Final = {"bot_id": id_pattern("bot")}
_SOURCE: Final = {**_BOT, "source_id": id_pattern("src")}
_LATENCY: Final = "A bot is known here moments after it was made; until then the answer is `not-found`."


@route(
    "POST", "/api/ingest/bots/{bot_id}/sources", summary="Register a source", rule=signed_in, body=NewSource,
    returns={201: SourceView}, idempotent=True, patterns=_BOT, problems=["limit-reached", "conflict"],
    description=f"Where documents are to come from. Nothing reads it yet: syncs come later. {_LATENCY}",
)  # fmt: skip
async def register_source(request: Request[NewSource, None, Sources]) -> Reply:
    bot_id = request.path["bot_id"]
    idempotent = request.idempotent_request(bot_id)
    source = await request.context.register(request.principal, bot_id, request.body.source, idempotent)
    location = f"/api/ingest/bots/{bot_id}/sources/{source.id}"
    return Reply(201, SourceView.of(source), {"Location": location})


@route(
    "GET", "/api/ingest/bots/{bot_id}/sources", summary="List a bot's sources", rule=signed_in, query=PageQuery,
    returns={200: SourcePage}, patterns=_BOT,
)  # fmt: skip
async def list_sources(request: Request[None, PageQuery, Sources]) -> Reply:
    page = await request.context.page(request.principal, request.path["bot_id"], request.page_request)
    return request.page_reply(SourcePage, page)


@route(
    "GET", "/api/ingest/bots/{bot_id}/sources/{source_id}", summary="Read a source", rule=signed_in,
    returns={200: SourceView}, patterns=_SOURCE,
)  # fmt: skip
async def read_source(request: Request[None, None, Sources]) -> Reply:
    source = await request.context.read(request.principal, request.path["bot_id"], request.path["source_id"])
    return Reply(body=SourceView.of(source))


@route(
    "DELETE", "/api/ingest/bots/{bot_id}/sources/{source_id}", summary="Remove a source", rule=signed_in,
    returns={204: None}, patterns=_SOURCE,
)  # fmt: skip
async def remove_source(request: Request[None, None, Sources]) -> Reply:
    await request.context.remove(request.principal, request.path["bot_id"], request.path["source_id"])
    return Reply(204)


SOURCE_ROUTES = (register_source, list_sources, read_source, remove_source)
