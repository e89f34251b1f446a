"""Settings of chat, in addition to those of every service."""

from pydantic import Field

from shared.llm.bedrock.settings import BedrockSettings
from shared.settings import PublisherSettings


class ChatSettings(PublisherSettings, BedrockSettings):
    turn_log_table: str
    turns_queue_url: str
    turns_dead_letter_queue_url: str
    watchdogs_queue_url: str
    watchdogs_dead_letter_queue_url: str
    calls_queue_url: str = Field(description="agents' queue of tool calls")
    agents_url: str = Field(
        default="",
        description="where agents answers other services, or `ssm:` and a parameter's name; empty offers no tools",
    )

    default_model: str | None = Field(default=None, description="when a message names none; else the first offered")
    title_model: str | None = Field(default=None, description="makes titles; else the answer's own model")

    max_output_tokens: int = Field(default=4096, ge=1)
    temperature: float | None = Field(default=None, ge=0, le=1, description="where a model takes one; none: its own")
    top_p: float | None = Field(default=None, gt=0, le=1, description="likewise")
    top_k: int | None = Field(default=None, ge=1, le=500, description="likewise")
    stop_sequences: tuple[str, ...] = Field(default=(), max_length=4)
    reasoning_budget_tokens: int = Field(default=1024, ge=1024)

    lease_s: float = Field(default=9, gt=0, description="how long a silent runner keeps its turn")
    turn_deadline_s: float = Field(default=600, gt=0, le=840)
    cancel_poll_s: float = Field(default=0.4, gt=0, description="how soon a runner sees that it shall stop")
    title_wait_s: float = Field(default=1.5, ge=0, description="how long an ended answer waits for its title")
    drain_s: float = Field(default=8, ge=0, description="how long streams may finish after SIGTERM")
    running_turns_limit: int = Field(default=3, ge=1, description="of one caller at a time, in all processes")
    open_streams_limit: int = Field(default=6, ge=1, description="of one caller at a time, in all processes")
    stream_lease_s: float = Field(default=30, gt=0, description="how long a stream counts after its process died")
    hand_over_s: float = Field(default=1, ge=0, description="how long handing over the rest may take then")
    turns_at_once: int = Field(default=400, ge=1, description="turns that a process runs before it leaves the queue")
    takeovers_limit: int = Field(default=3, ge=0, description="runners of a turn that may die before it fails")
    tool_rounds_limit: int = Field(default=10, ge=0, description="how often a turn may stop for its tools")
