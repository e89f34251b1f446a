"""`python -m infra.local.bedrock --port N`: serve until SIGTERM or Ctrl-C."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from aiohttp import web

from infra.local.bedrock.app import ModelServer
from infra.local.bedrock.journal import Journal
from infra.local.bedrock.scripted.model import ScriptedModel
from shared.clock import SystemClock

_BACKLOG = 512


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.local.bedrock", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--log", type=Path, help="append what was served to this file, as JSON lines")
    parser.add_argument("--model-file", type=Path, help="a GGUF file, served as local.gguf")
    parser.add_argument("--openai-address", help="base URL of an OpenAI-compatible server, served as local.openai")
    return parser.parse_args()


async def _serve(arguments: argparse.Namespace) -> None:
    journal = Journal(SystemClock(), arguments.log)
    server = ModelServer(journal, ScriptedModel(), {})
    # A client that goes away cancels its handler: that is how a cancelled answer stops at once.
    runner = web.AppRunner(server.app(), handler_cancellation=True, access_log=None, shutdown_timeout=1)
    await runner.setup()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        await web.TCPSite(runner, arguments.host, arguments.port, backlog=_BACKLOG).start()
        print(f"model server on http://{arguments.host}:{arguments.port}", flush=True)
        await stop.wait()
    finally:
        await runner.cleanup()
        journal.close()


def main() -> None:
    arguments = _arguments()
    try:
        asyncio.run(_serve(arguments))
    except OSError as error:
        sys.exit(f"model server: cannot listen on port {arguments.port}: {error.strerror}")


if __name__ == "__main__":
    main()
