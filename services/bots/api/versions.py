"""Routes: earlier versions of a bot."""

from services.bots.api.schemas import BOT_PATTERNS, BotView, VersionPage
from services.bots.service import BotService
from shared.http import PageQuery, Reply, Request, route, signed_in


@route(
    "GET", "/api/bots/bots/{bot_id}/versions", summary="List a bot's versions", rule=signed_in, query=PageQuery,
    returns={200: VersionPage}, patterns=BOT_PATTERNS, description="The last 50 are kept.",
)  # fmt: skip
async def list_versions(request: Request[None, PageQuery, BotService]) -> Reply:
    page = await request.context.versions(request.principal, request.path["bot_id"], request.page_request)
    return request.page_reply(VersionPage, page)


@route(
    "GET", "/api/bots/bots/{bot_id}/versions/{version}", summary="Read a version of a bot", rule=signed_in,
    returns={200: BotView}, patterns={**BOT_PATTERNS, "version": "^[1-9][0-9]{0,7}$"},
)  # fmt: skip
async def read_version(request: Request[None, None, BotService]) -> Reply:
    version = int(request.path["version"])
    bot = await request.context.version(request.principal, request.path["bot_id"], version)
    return Reply(body=BotView.of(bot))


VERSION_ROUTES = (list_versions, read_version)
