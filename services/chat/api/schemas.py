"""Request and response bodies of chat's routes. Requests may have no unknown fields; responses omit internal fields."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from services.chat.domain import ContentBlock, TextBlock, TurnProblem, TurnState, TurnUsage
from services.chat.domain.request_level import Narrowed
from shared.catalogue import EffortLevel
from shared.http import View
from shared.ids import id_pattern

MESSAGE_CHARS = 400_000
TITLE_CHARS = 200

_NARROWED = (
    "what the request had, if the model refused a wider one; `shorter`: older messages left out; `plain`: text only, "
    "no tools and no reasoning; `alone`: only the question"
)

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=TITLE_CHARS)]
MessageId = Annotated[str, StringConstraints(pattern=id_pattern("msg"))]
ModelId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{0,63}$")]
ToolName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Effort = Annotated[
    EffortLevel, Field(description="how hard the model thinks; a model without this level takes its nearest one")
]
Tools = Annotated[list[ToolName], Field(max_length=16, description="what the model may call while it answers")]


class _RequestBody(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewConversation(_RequestBody):
    title: Title | None = None


class ConversationChange(_RequestBody):
    title: Title


class NewText(_RequestBody):
    """What a person says. Other blocks are the service's alone."""

    type: Literal["text"]
    text: Annotated[str, StringConstraints(min_length=1, max_length=MESSAGE_CHARS, pattern=r"[^\s\x1c-\x1f]")]

    def block(self) -> TextBlock:
        return TextBlock(text=self.text)


class NewMessage(_RequestBody):
    content: Annotated[list[NewText], Field(min_length=1, max_length=20)]
    parent_id: MessageId | None = Field(
        default=None, description="the answer that this replies to; null begins anew; left out: the latest one"
    )
    model: ModelId | None = Field(default=None, description="left out: the conversation's, else the default one")
    reasoning: bool = False
    effort: Effort | None = None
    tools: Tools = []


class NewAnswer(_RequestBody):
    model: ModelId | None = None
    reasoning: bool = False
    effort: Effort | None = None
    tools: Tools = []


class ConversationView(View):
    id: str
    title: str = Field(description="empty until there is one")
    title_source: Literal["default", "service", "owner"]
    model: str | None
    created_at: AwareDatetime
    updated_at: AwareDatetime
    last_message_id: str | None
    running_turns: Annotated[list[str], BeforeValidator(sorted)]


class DeletedConversations(BaseModel):
    deleted: int


class MessageView(View):
    id: str
    parent_id: str | None
    role: Literal["user", "assistant"]
    content: list[ContentBlock]
    status: Literal["complete", "failed", "cancelled"]
    model: str | None
    turn_id: str | None
    stop_reason: str | None
    usage: TurnUsage | None
    error: TurnProblem | None
    narrowed: Narrowed | None = Field(description=_NARROWED)
    created_at: AwareDatetime


class TurnAccepted(BaseModel):
    turn_id: str
    message_id: str = Field(description="id of the answer")
    user_message_id: str


class TurnView(View):
    id: str
    conversation_id: str
    user_message_id: str
    message_id: str
    model: str
    state: TurnState
    attempt: int
    cancel_requested: bool
    stop_reason: str | None
    error: TurnProblem | None
    usage: TurnUsage | None
    narrowed: Narrowed | None = Field(description=_NARROWED)
    created_at: AwareDatetime
    ended_at: AwareDatetime | None


class ThinkingView(View):
    """`thinks`: whether a person can choose. `efforts`: the lowest first; empty for a model without levels."""

    thinks: Literal["never", "optional", "always"]
    efforts: list[str]
    default_effort: str | None = Field(description="what the model does when it thinks and no effort is chosen")
    silent: bool = Field(description="nothing is seen of an answer while the model thinks")


class ModelCapabilities(View):
    images: bool
    documents: bool
    video: bool
    reasoning: Literal["none", "budget", "adaptive", "always"] = Field(description="see `thinking`")
    thinking: ThinkingView
    tools: bool
    prefill: bool = Field(description="continues an answer whose beginning it is given")
    prompt_caching: bool
    token_counting: bool = Field(description="its provider counts a request's tokens before the call")


class ModelLimits(View):
    context_tokens: int
    output_tokens: int


class ModelPrices(View):
    """US dollars per million tokens, as decimal strings."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    input: str
    output: str
    cache_read: str
    cache_write: str


class ModelView(BaseModel):
    id: str
    name: str
    provider: str
    capabilities: ModelCapabilities
    limits: ModelLimits
    prices: ModelPrices
    default: bool
    notice: Literal["toy_model", "scripted_model"] | None
    legacy_on: date | None = Field(description="from this day on its provider advises against it")
    ends_on: date | None = Field(description="from this day on it is not offered")
