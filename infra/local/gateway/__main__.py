"""`python -m infra.local.gateway` runs the gateway. Its settings are environment variables, `COLLOQUY_GATEWAY_…`."""

import logging

from aiohttp import web

from infra.local.gateway.app import build_app
from infra.local.gateway.settings import GatewaySettings


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    settings = GatewaySettings()
    # Without handler_cancellation, a disconnect of the browser would be noticed only at the next write.
    web.run_app(
        build_app(settings),
        host=settings.host,
        port=settings.port,
        handler_cancellation=True,
        access_log=None,
        shutdown_timeout=2.0,
        print=None,
    )


if __name__ == "__main__":
    main()
