"""A fake of Bedrock's control plane on loopback: three operations that read, for requests with valid credentials.

Shapes and errors are those of https://docs.aws.amazon.com/bedrock/latest/APIReference/. It also has the path of
ConverseStream, which it refuses, so that a test sees how a model call is authorized.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from aiohttp import web

Accepts = Callable[[str], bool]
"""Whether the value of the header Authorization is valid."""


def bearer(token: str) -> Accepts:
    return lambda authorization: authorization == f"Bearer {token}"


def signed_by(key_id: str, region: str = "us-east-1") -> Accepts:
    """A signature (SigV4) of this access key for Bedrock in this region; the signature itself is not checked."""

    def accepts(authorization: str) -> bool:
        scheme, _, rest = authorization.partition(" Credential=")
        return scheme == "AWS4-HMAC-SHA256" and rest.startswith(f"{key_id}/") and f"/{region}/bedrock/" in rest

    return accepts


@dataclass
class BedrockControlPlane:
    """`denied`: operations that answer AccessDeniedException. `rights`: model id → unusual fields of its right."""

    accepts: Accepts
    models: list[dict[str, Any]] = field(default_factory=list)
    profiles: list[str] = field(default_factory=list)
    rights: dict[str, dict[str, Any]] = field(default_factory=dict)
    denied: frozenset[str] = frozenset()
    page_size: int = 2
    requests: list[str] = field(default_factory=list)
    authorizations: set[str] = field(default_factory=set)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/foundation-models", self._list_models)
        app.router.add_get("/inference-profiles", self._list_profiles)
        app.router.add_get("/foundation-model-availability/{model}", self._availability)
        app.router.add_post("/model/{model}/converse-stream", self._converse)
        return app

    async def _list_models(self, request: web.Request) -> web.Response:
        return self._refusal(request, "ListFoundationModels") or web.json_response({"modelSummaries": self.models})

    async def _list_profiles(self, request: web.Request) -> web.Response:
        if refusal := self._refusal(request, "ListInferenceProfiles"):
            return refusal
        assert request.query["type"] == "SYSTEM_DEFINED"
        start = int(request.query.get("nextToken", 0))
        page: dict[str, Any] = {
            "inferenceProfileSummaries": [
                {"inferenceProfileId": each, "status": "ACTIVE", "type": "SYSTEM_DEFINED"}
                for each in self.profiles[start : start + self.page_size]
            ]
        }
        if start + self.page_size < len(self.profiles):
            page["nextToken"] = str(start + self.page_size)
        return web.json_response(page)

    async def _availability(self, request: web.Request) -> web.Response:
        if refusal := self._refusal(request, "GetFoundationModelAvailability"):
            return refusal
        model = unquote(request.match_info["model"])
        usual = {
            "modelId": model,
            "agreementAvailability": {"status": "AVAILABLE"},
            "authorizationStatus": "AUTHORIZED",
            "entitlementAvailability": "AVAILABLE",
            "regionAvailability": "AVAILABLE",
        }
        return web.json_response(usual | self.rights.get(model, {}))

    async def _converse(self, request: web.Request) -> web.Response:
        return self._refusal(request, "ConverseStream") or _error(400, "ValidationException", "this fake has no models")

    def _refusal(self, request: web.Request, operation: str) -> web.Response | None:
        authorization = request.headers.get("Authorization", "")
        self.requests.append(operation)
        self.authorizations.add(authorization)
        if not self.accepts(authorization):
            # Bedrock refuses an API key and a signature with different codes.
            code = "AccessDeniedException" if authorization.startswith("Bearer") else "UnrecognizedClientException"
            return _error(403, code, f"not valid: {authorization}")
        if operation in self.denied:
            return _error(403, "AccessDeniedException", f"not authorized to perform: bedrock:{operation}")
        return None


def _error(status: int, code: str, message: str) -> web.Response:
    return web.json_response({"message": message}, status=status, headers={"x-amzn-ErrorType": code})
