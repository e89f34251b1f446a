"""Routes of conversations: open, list, read, rename, delete."""

from services.chat.api.context import ChatContext
from services.chat.api.schemas import (
    ConversationChange,
    ConversationView,
    DeletedConversations,
    NewConversation,
)
from shared.http import PageQuery, PageView, Reply, Request, route, signed_in
from shared.ids import id_pattern

_PATTERNS = {"conversation_id": id_pattern("conv")}


class ConversationPage(PageView[ConversationView]):
    """Conversations, the latest activity first."""


@route(
    "POST", "/api/chat/conversations", summary="Open a conversation", rule=signed_in, body=NewConversation,
    returns={201: ConversationView}, idempotent=True, body_optional=True,
)  # fmt: skip
async def open_conversation(request: Request[NewConversation, None, ChatContext]) -> Reply:
    head = await request.context.conversations.open(
        request.principal, request.body.title, request.idempotent_request(request.http.path)
    )
    return Reply(201, ConversationView.of(head), {"Location": f"/api/chat/conversations/{head.id}"})


@route(
    "GET", "/api/chat/conversations", summary="List conversations", rule=signed_in, query=PageQuery,
    returns={200: ConversationPage},
)  # fmt: skip
async def list_conversations(request: Request[None, PageQuery, ChatContext]) -> Reply:
    page = await request.context.conversations.page(request.principal, request.page_request)
    return request.page_reply(ConversationPage, page)


@route(
    "DELETE", "/api/chat/conversations", summary="Delete all conversations", rule=signed_in,
    returns={200: DeletedConversations},
)  # fmt: skip
async def delete_conversations(request: Request[None, None, ChatContext]) -> Reply:
    deleted = await request.context.conversations.delete_all(request.principal)
    return Reply(body=DeletedConversations(deleted=deleted))


@route(
    "GET", "/api/chat/conversations/{conversation_id}", summary="Read a conversation", rule=signed_in,
    returns={200: ConversationView}, patterns=_PATTERNS,
)  # fmt: skip
async def read_conversation(request: Request[None, None, ChatContext]) -> Reply:
    head = await request.context.conversations.get(request.principal, request.path["conversation_id"])
    return Reply(body=ConversationView.of(head))


@route(
    "PATCH", "/api/chat/conversations/{conversation_id}", summary="Rename a conversation", rule=signed_in,
    body=ConversationChange, returns={200: ConversationView}, patterns=_PATTERNS,
)  # fmt: skip
async def rename_conversation(request: Request[ConversationChange, None, ChatContext]) -> Reply:
    head = await request.context.conversations.rename(
        request.principal, request.path["conversation_id"], request.body.title
    )
    return Reply(body=ConversationView.of(head))


@route(
    "DELETE", "/api/chat/conversations/{conversation_id}", summary="Delete a conversation", rule=signed_in,
    returns={204: None}, patterns=_PATTERNS,
)  # fmt: skip
async def delete_conversation(request: Request[None, None, ChatContext]) -> Reply:
    await request.context.conversations.delete(request.principal, request.path["conversation_id"])
    return Reply(204)


CONVERSATION_ROUTES = (
    open_conversation,
    list_conversations,
    delete_conversations,
    read_conversation,
    rename_conversation,
    delete_conversation,
)
