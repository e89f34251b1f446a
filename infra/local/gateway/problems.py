"""The problems of the gateway itself, as problem details (RFC 9457), like those of the services."""

from dataclasses import dataclass

from aiohttp import web

from infra.local.gateway.headers import request_id


@dataclass(frozen=True)
class GatewayProblem:
    slug: str
    status: int
    title: str
    retry_after_seconds: int | None = None

    def answer(self, request: web.Request, detail: str | None = None) -> web.Response:
        instance = request_id(request.headers)
        headers = {"X-Request-Id": instance, "Cache-Control": "no-store"}
        if self.retry_after_seconds is not None:
            headers["Retry-After"] = str(self.retry_after_seconds)
        problem: dict[str, str | int] = {
            "type": f"/problems/{self.slug}", "title": self.title, "status": self.status, "instance": instance,
        }  # fmt: skip
        if detail:
            problem["detail"] = detail
        return web.json_response(problem, status=self.status, headers=headers, content_type="application/problem+json")


NOT_FOUND = GatewayProblem("not-found", 404, "Not found")
METHOD_NOT_ALLOWED = GatewayProblem("method-not-allowed", 405, "Method not allowed")
BODY_TOO_LARGE = GatewayProblem("body-too-large", 413, "Body too large")
FORBIDDEN_OPERATION = GatewayProblem("forbidden", 403, "Not allowed")
BAD_GATEWAY = GatewayProblem("bad-gateway", 502, "The service broke off before it answered", retry_after_seconds=1)
UNREACHABLE = GatewayProblem(
    "service-unavailable", 503, "The service is not there at the moment", retry_after_seconds=2
)
SILENT = GatewayProblem("gateway-timeout", 504, "The service did not answer in time", retry_after_seconds=2)
