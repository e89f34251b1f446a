"""The HTTP routes of the model server. The method `_serve` starts, ends and logs every call."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from infra.local.bedrock import families, model_ids, prompt_parts, request_models, rules
from infra.local.bedrock.converse_call import ConverseCall, ConverseModel
from infra.local.bedrock.errors import BedrockError, cannot_count, too_long, unknown_model
from infra.local.bedrock.request_log import LoggedRequest, RequestLog
from infra.local.bedrock.request_models import ConverseRequest
from infra.local.bedrock.rules.rule import Asked
from infra.local.bedrock.scripted.model import ScriptedModel

LARGEST_REQUEST = 20 * 1024 * 1024
"""Bytes of a body. Anthropic's documentation names it for Bedrock, which calls what is larger too long:
https://github.com/aws-solutions-library-samples/accelerated-intelligent-document-processing-on-aws/issues/994"""
Parse = Callable[[bytes], ConverseRequest]
Answer = Callable[[ConverseModel, ConverseCall], Awaitable[web.StreamResponse]]


class ModelServer:
    """`models` by their full names. Names that begin with `scripted.` belong to `scripted`."""

    def __init__(self, request_log: RequestLog, scripted: ScriptedModel, models: Mapping[str, ConverseModel]) -> None:
        self._request_log = request_log
        self._scripted = scripted
        self._models = models
        self._stopping = False

    def app(self) -> web.Application:
        app = web.Application(client_max_size=LARGEST_REQUEST)
        app.on_shutdown.append(self._stop)
        app.add_routes(
            [
                web.post("/model/{model}/converse", self.converse),
                web.post("/model/{model}/converse-stream", self.converse_stream),
                web.post("/model/{model}/count-tokens", self.count_tokens),
                web.get("/health", self.health),
                web.get("/_log", self.read_log),
                web.delete("/_log", self.clear_log),
                web.post("/_cache/age", self.age_cache),
                web.delete("/_cache", self.clear_cache),
            ]
        )
        return app

    async def converse(self, http: web.Request) -> web.StreamResponse:
        return await self._serve(http, "converse", lambda model, call: model.converse(call))

    async def converse_stream(self, http: web.Request) -> web.StreamResponse:
        return await self._serve(http, "converse-stream", lambda model, call: model.converse_stream(call))

    async def count_tokens(self, http: web.Request) -> web.StreamResponse:
        return await self._serve(http, "count-tokens", _count_tokens, request_models.parse_count)

    async def health(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def read_log(self, http: web.Request) -> web.Response:
        since = http.query.get("since", "0")
        if not since.isdecimal():
            raise web.HTTPBadRequest(text="since must be the revision of an earlier response")
        return web.json_response(self._request_log.since(int(since)))

    async def clear_log(self, _: web.Request) -> web.Response:
        """Clear the log, and reset the counters of faults that happen a limited number of times."""
        self._request_log.clear()
        self._scripted.forget()
        return web.Response(status=204)

    async def age_cache(self, http: web.Request) -> web.Response:
        """Let the prompt cache of scripted models grow older by `seconds`, so that no test has to wait."""
        seconds = http.query.get("seconds", "")
        if not seconds.isdecimal():
            raise web.HTTPBadRequest(text="seconds must be a whole number")
        self._scripted.cache.age(int(seconds))
        return web.Response(status=204)

    async def clear_cache(self, _: web.Request) -> web.Response:
        self._scripted.cache.clear()
        return web.Response(status=204)

    async def _stop(self, _: web.Application) -> None:
        self._stopping = True

    async def _serve(
        self, http: web.Request, operation: str, answer: Answer, parse: Parse = request_models.parse
    ) -> web.StreamResponse:
        model = model_ids.parse(http.match_info["model"])
        served = self._request_log.begin(str(model), operation)
        try:
            call = await self._call(http, model, served, parse)
            response = await answer(self._model(model.name), call)
        except BedrockError as error:
            self._request_log.end(served, f"refused:{error.kind}")
            return _refusal(error, served)
        except (asyncio.CancelledError, ConnectionError):
            served.closed_at = self._request_log.now()
            self._request_log.end(served, "server_stopped" if self._stopping else "client_closed")
            raise
        self._request_log.end(served, "completed")
        return response

    async def _call(
        self, http: web.Request, model: model_ids.ModelId, served: LoggedRequest, parse: Parse
    ) -> ConverseCall:
        exchange_started = asyncio.get_running_loop().time()
        try:
            request = parse(await http.read())
        except web.HTTPRequestEntityTooLarge:
            raise too_long() from None
        served.metadata = request.request_metadata
        served.tier = request.service_tier.type
        served.input_tokens = prompt_parts.input_tokens(request)
        self._request_log.record(served)
        family = families.of(model.name)
        rules.check(Asked(request, model.name, family, served.operation == "converse-stream"))
        return ConverseCall(http, model, request, served, self._request_log, exchange_started)

    def _model(self, name: str) -> ConverseModel:
        if name.startswith("scripted."):
            return self._scripted
        if name not in self._models:
            raise unknown_model()
        return self._models[name]


async def _count_tokens(model: ConverseModel, call: ConverseCall) -> web.StreamResponse:
    if call.model.profile:
        raise cannot_count()
    return call.json_response({"inputTokens": await model.count_tokens(call)})


def _refusal(error: BedrockError, served: LoggedRequest) -> web.Response:
    return web.json_response(
        {"message": error.message},
        status=error.status,
        headers={"x-amzn-errortype": error.kind, "x-amzn-RequestId": served.request_id},
    )
