"""Forwards one request to a service and relays the response chunk by chunk."""

import asyncio

from aiohttp import ClientConnectorError, ClientError, ClientResponse, ClientSession, hdrs, web
from multidict import CIMultiDict
from yarl import URL

from infra.local.gateway import headers, problems

_BODILESS_STATUSES = frozenset({204, 304})


async def forward(
    request: web.Request, session: ClientSession, target: URL, sent: CIMultiDict[str]
) -> web.StreamResponse:
    """Forward the request and return the response. If the browser disconnects, the connection to the service is closed.

    A failed request is not repeated, because the service may have begun to process it.
    """
    try:
        body = await request.read() if request.can_read_body else None
    except web.HTTPRequestEntityTooLarge as error:
        return problems.BODY_TOO_LARGE.answer(request, error.text)
    try:
        async with session.request(request.method, target, headers=sent, data=body, allow_redirects=False) as answer:
            return await _relay_response(request, answer)
    except ClientConnectorError:
        return problems.UNREACHABLE.answer(request)
    except TimeoutError:
        return problems.SILENT.answer(request)
    except ClientError:
        return problems.BAD_GATEWAY.answer(request)


async def _relay_response(request: web.Request, answer: ClientResponse) -> web.StreamResponse:
    response = web.StreamResponse(
        status=answer.status, reason=answer.reason, headers=headers.to_browser(answer.headers)
    )
    await response.prepare(request)
    if request.method == hdrs.METH_HEAD or answer.status in _BODILESS_STATUSES:
        return response
    try:
        async for chunk in answer.content.iter_any():
            await response.write(chunk)
    except (ClientError, TimeoutError):
        _close_connection(request)
    except ConnectionResetError:
        # The browser has disconnected. Closing the response closes the connection to the service.
        answer.close()
        return response
    return response


def _close_connection(request: web.Request) -> None:
    """Close the connection without the final chunk, so that the browser can tell that the response is incomplete."""
    transport: asyncio.BaseTransport | None = request.transport
    if transport is not None:
        transport.close()
