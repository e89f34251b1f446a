"""`python -m infra.local.bedrock --port N` serves models until SIGTERM or Ctrl-C."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

from infra.local.bedrock.app import ModelServer
from infra.local.bedrock.converse_call import ConverseModel
from infra.local.bedrock.llama.process import LlamaProcess, smollm2_file
from infra.local.bedrock.openai.completions import Completions, Endpoint
from infra.local.bedrock.openai.model import CompletionModel
from infra.local.bedrock.request_log import RequestLog
from infra.local.bedrock.request_log_file import RequestLogFile
from infra.local.bedrock.scripted.model import ScriptedModel
from shared.clock import SystemClock

_BACKLOG = 512


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.local.bedrock", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--log", type=Path, help="append the log of requests to this file, as JSON lines")
    parser.add_argument("--model-file", type=Path, help="a GGUF file, served as local.gguf")
    parser.add_argument("--openai-address", help="base URL of an OpenAI-compatible server, served as local.openai")
    parser.add_argument("--openai-model", default="default", help="the model's name on that server")
    arguments = parser.parse_args()
    if arguments.model_file and not arguments.model_file.is_file():
        parser.error(f"there is no file {arguments.model_file}")
    return arguments


def _processes(arguments: argparse.Namespace) -> dict[str, LlamaProcess]:
    """Model name → process. The last one is loaded at the start, the others at their first request."""
    processes = {"local.smollm2": LlamaProcess(smollm2_file())}
    if arguments.model_file:
        processes["local.gguf"] = LlamaProcess(arguments.model_file)
    return processes


def _models(arguments: argparse.Namespace, processes: dict[str, LlamaProcess]) -> dict[str, ConverseModel]:
    models: dict[str, ConverseModel] = {
        name: CompletionModel(Completions(process.endpoint), name) for name, process in processes.items()
    }
    if arguments.openai_address:
        endpoint = Endpoint(arguments.openai_address)
        models["local.openai"] = CompletionModel(Completions(_always(endpoint)), arguments.openai_model)
    return models


def _always(endpoint: Endpoint) -> Callable[[], Awaitable[Endpoint]]:
    async def answer() -> Endpoint:
        return endpoint

    return answer


async def _serve(arguments: argparse.Namespace) -> None:
    clock = SystemClock()
    request_log = RequestLog(clock, RequestLogFile(arguments.log) if arguments.log else None)
    processes = _processes(arguments)
    server = ModelServer(request_log, ScriptedModel(clock), _models(arguments, processes))
    # A client that disconnects cancels its handler, so that a cancelled answer stops at once.
    runner = web.AppRunner(server.app(), handler_cancellation=True, access_log=None, shutdown_timeout=1)
    await runner.setup()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        await web.TCPSite(runner, arguments.host, arguments.port, backlog=_BACKLOG).start()
        next(reversed(processes.values())).start()
        print(f"model server on http://{arguments.host}:{arguments.port}", flush=True)
        await stop.wait()
    finally:
        await runner.cleanup()
        await asyncio.gather(*(process.stop() for process in processes.values()))
        request_log.close()


def main() -> None:
    arguments = _arguments()
    try:
        asyncio.run(_serve(arguments))
    except OSError as error:
        sys.exit(f"model server: cannot listen on port {arguments.port}: {error.strerror}")


if __name__ == "__main__":
    main()
