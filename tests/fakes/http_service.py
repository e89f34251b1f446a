"""A small service on `shared.http` with one route of each kind, and tokens of its callers."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from aiohttp import ClientSession, DummyCookieJar, web
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from shared.clock import Clock
from shared.http import (
    EventStream,
    PageQuery,
    PageView,
    Reply,
    Request,
    RequestLimits,
    Route,
    ServerEvent,
    build_app,
    etag,
    in_group,
    internal_service,
    public,
    route,
    serving,
    signed_in,
    stream_events,
)
from shared.identity import InvalidToken, KeysUnavailable, Principal, Verifier
from shared.ids import id_pattern
from shared.persistence.requests import Page
from tests.fakes.clock import FakeClock

NOTE_ID = "doc_01J00000000000000000000000"
Client = ClientSession


class Text(BaseModel):
    type: Literal["text"]
    text: Annotated[str, Field(max_length=2000)]


class Count(BaseModel):
    type: Literal["count"]
    count: int


class NewNote(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str = ""
    content: list[Annotated[Text | Count, Field(discriminator="type")]] = Field(default=[])
    anything: Any = None


class Note(BaseModel):
    id: str
    title: str
    by: str


class NoteQuery(PageQuery):
    tag: list[str] = Field(default=[])


@dataclass
class Context:
    """The context of the service's routes; `GET /api/notes/fault` raises `fault`."""

    fault: BaseException | None = None
    seen: list[Request[Any, Any, Any]] = field(default_factory=list)
    frames: list[ServerEvent] = field(default_factory=list)
    more: asyncio.Event = field(default_factory=asyncio.Event)
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    seconds: float | None = None


@route(
    "POST",
    "/api/notes/notes",
    summary="Write a note",
    rule=signed_in,
    body=NewNote,
    returns={201: Note},
    idempotent=True,
)
async def write_note(request: Request[NewNote, None, Context]) -> Reply:
    request.context.seen.append(request)
    note = Note(id=NOTE_ID, title=request.body.title, by=request.principal.subject)
    return Reply(201, note, {"ETag": etag(1)})


@route("GET", "/api/notes/notes", summary="List notes", rule=signed_in, query=NoteQuery, returns={200: PageView[Note]})
async def list_notes(request: Request[None, NoteQuery, Context]) -> Reply:
    request.context.seen.append(request)
    page = request.page_request
    start = int((page.position or {"at": "0"})["at"])
    notes = Page([Note(id=NOTE_ID, title=str(start), by=request.principal.subject)], {"at": str(start + 1)})
    return request.page_reply(PageView[Note], notes)


@route(
    "PUT",
    "/api/notes/notes/{id}",
    summary="Change a note",
    rule=signed_in,
    body=NewNote,
    returns={204: None},
    if_match="required",
    patterns={"id": id_pattern("doc")},
    body_bytes=200,
)
async def change_note(request: Request[NewNote, None, Context]) -> Reply:
    assert request.if_match is not None
    request.if_match.require(2)
    return Reply(204)


@route(
    "POST",
    "/api/notes/payments",
    summary="Pay",
    rule=signed_in,
    body=NewNote,
    body_optional=True,
    returns={204: None},
    idempotent="required",
)
async def pay(request: Request[NewNote, None, Context]) -> Reply:
    request.context.seen.append(request)
    return Reply(204)


@route("DELETE", "/api/notes/everything", summary="Delete all", rule=in_group("Admin"), returns={204: None})
async def delete_everything(_request: Request) -> Reply:
    return Reply(204)


@route("GET", "/internal/notes/whoami", summary="For services", rule=internal_service, returns={200: Note})
async def whoami(request: Request) -> Reply:
    return Reply(body=Note(id="", title=request.principal.via or "", by=request.principal.subject))


@route("GET", "/api/notes/fault", summary="Fails", rule=public, returns={204: None})
async def fail(request: Request[None, None, Context]) -> Reply:
    if request.context.fault is not None:
        raise request.context.fault
    return Reply(204)


@route("GET", "/api/notes/events", summary="Follow", rule=public, returns={200: EventStream})
async def follow(request: Request[None, None, Context]) -> web.StreamResponse:
    """Streams the context's frames, then raises its fault, if any, or waits until `more` is set."""
    context = request.context
    context.seen.append(request)

    async def frames() -> AsyncGenerator[ServerEvent, None]:
        try:
            for frame in context.frames:
                yield frame
            if context.fault is not None:
                raise context.fault
            await context.more.wait()
        finally:
            context.closed.set()

    return await stream_events(request.http, frames(), seconds=context.seconds)


ROUTES: list[Route] = [
    write_note,
    list_notes,
    change_note,
    pay,
    delete_everything,
    whoami,
    fail,
    follow,
]


class FakeVerifier:
    """Accepts `token-of-<subject>` and refuses other tokens; `down` makes the keys unavailable."""

    def __init__(self, groups: Mapping[str, frozenset[str]] | None = None) -> None:
        self._groups = groups or {}
        self.down = False

    async def verify(self, token: str) -> Principal:
        if self.down:
            raise KeysUnavailable
        if not token.startswith("token-of-"):
            raise InvalidToken("bad-signature")
        subject = token.removeprefix("token-of-")
        return Principal(subject, "user", self._groups.get(subject, frozenset()))


def bearer(subject: str) -> dict[str, str]:
    return {"Authorization": f"Bearer token-of-{subject}"}


def notes_app(
    context: Context, verifier: Verifier | None = None, clock: Clock | None = None, **options: Any
) -> web.Application:
    options = {"limits": RequestLimits(), "readiness": {}, "routes": ROUTES, **options}
    return build_app(
        "notes",
        context=context,
        verifier=verifier or FakeVerifier(),
        cursor_secret=SecretStr("signs cursors in tests, and nowhere else"),
        clock=clock or FakeClock(),
        **options,
    )


@asynccontextmanager
async def notes_client(
    context: Context | None = None, verifier: Verifier | None = None, **options: Any
) -> AsyncIterator[Client]:
    """The service on a free port of loopback, and a client for it."""
    app = notes_app(context or Context(), verifier, **options)
    async with (
        serving(app, "127.0.0.1", 0) as port,
        ClientSession(f"http://127.0.0.1:{port}", cookie_jar=DummyCookieJar()) as client,
    ):
        yield client
