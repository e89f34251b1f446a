"""Routes: the caller's own bots."""

from services.bots.api.schemas import BOT_PATTERNS, BotPage, BotSettings, BotView, location
from services.bots.service import BotService
from shared.http import PageQuery, Reply, Request, etag, in_group, route, signed_in
from shared.identity import CREATING_BOT_ALLOWED
from shared.persistence.requests import VersionCondition


@route(
    "POST", "/api/bots/bots", summary="Make a bot", rule=in_group(CREATING_BOT_ALLOWED), body=BotSettings,
    returns={201: BotView}, idempotent=True, problems=["limit-reached", "not-found", "conflict"],
)  # fmt: skip
async def make_bot(request: Request[BotSettings, None, BotService]) -> Reply:
    bot = await request.context.create(request.principal, request.body.content(), request.idempotent_request())
    return Reply(201, BotView.of(bot), {"ETag": etag(bot.version), "Location": location(bot)})


@route(
    "GET", "/api/bots/bots", summary="List one's own bots", rule=signed_in, query=PageQuery, returns={200: BotPage}
)  # fmt: skip
async def list_bots(request: Request[None, PageQuery, BotService]) -> Reply:
    page = await request.context.page(request.principal, request.page_request)
    return request.page_reply(BotPage, page)


@route(
    "GET", "/api/bots/bots/{bot_id}", summary="Read a bot", rule=signed_in, returns={200: BotView},
    patterns=BOT_PATTERNS,
)  # fmt: skip
async def read_bot(request: Request[None, None, BotService]) -> Reply:
    bot = await request.context.read(request.principal, request.path["bot_id"])
    return Reply(body=BotView.of(bot), headers={"ETag": etag(bot.version)})


@route(
    "PUT", "/api/bots/bots/{bot_id}", summary="Change a bot", rule=signed_in, body=BotSettings,
    returns={200: BotView}, if_match="required", patterns=BOT_PATTERNS, problems=["conflict"],
)  # fmt: skip
async def change_bot(request: Request[BotSettings, None, BotService]) -> Reply:
    bot = await request.context.change(
        request.principal,
        request.path["bot_id"],
        request.body.content(),
        request.if_match or VersionCondition(),
    )
    return Reply(body=BotView.of(bot), headers={"ETag": etag(bot.version)})


@route(
    "DELETE", "/api/bots/bots/{bot_id}", summary="Delete a bot with all its versions", rule=signed_in,
    returns={204: None}, if_match="optional", patterns=BOT_PATTERNS, problems=["conflict"],
)  # fmt: skip
async def delete_bot(request: Request[None, None, BotService]) -> Reply:
    await request.context.delete(request.principal, request.path["bot_id"], request.if_match)
    return Reply(204)


BOT_ROUTES = (make_bot, list_bots, read_bot, change_bot, delete_bot)
