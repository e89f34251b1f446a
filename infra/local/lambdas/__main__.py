"""`python -m infra.local.lambdas events` runs functions of queues, pipes and schedules; `… apis` those of REST APIs."""

import asyncio
import sys

from aiohttp import web

from infra.local.aws.deploy import client
from infra.local.lambdas.api_routes import routes_of
from infra.local.lambdas.deployed_function import HostTools
from infra.local.lambdas.host import FunctionHost
from infra.local.lambdas.rest_api import RestApi
from infra.local.lambdas.server import invocations_app, serve
from infra.local.lambdas.settings import FunctionsSettings


async def _run(kind: str, settings: FunctionsSettings) -> None:
    folder = settings.folder / kind
    folder.mkdir(parents=True, exist_ok=True)
    tools = HostTools(settings.adapter, settings.runtime_client, folder)
    host = FunctionHost(client("lambda", settings.aws), tools, settings.local, settings.logs, settings.local_of)
    apps = {settings.port: invocations_app(host)} if kind == "events" else _apis(settings, host)
    await serve(apps, host)


def _apis(settings: FunctionsSettings, host: FunctionHost) -> dict[int, web.Application]:
    gateway = client("apigateway", settings.aws)
    return {
        port: RestApi(routes_of(gateway, settings.environment, service, host)).app()
        for service, port in settings.services.items()
    }


if __name__ == "__main__":
    asyncio.run(_run(sys.argv[1], FunctionsSettings()))
