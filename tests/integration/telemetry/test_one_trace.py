"""One trace from the browser to the ledger, through all processes."""

from collections.abc import Iterator
from dataclasses import dataclass
from secrets import token_hex

import pytest

from tests.clients import Person, message_body
from tests.polling import eventually
from tests.span_collector import CollectedSpan, Collector, collector
from tests.stack import DeployedAws
from tests.system import System, running_system

CANARY = "canary-4711"
DEADLINE_S = 20


@dataclass(frozen=True)
class TracedSystem:
    """A system whose spans are collected."""

    system: System
    collector: Collector
    person: Person

    def spans(self, trace: str, *names: str) -> dict[str, CollectedSpan]:
        """Wait until the trace has spans of all these names; return its spans by name."""

        def found() -> dict[str, CollectedSpan]:
            spans = {span.name: span for span in self.collector.of(trace)}
            return spans if set(names) <= spans.keys() else {}

        assert eventually(found, DEADLINE_S), sorted(span.name for span in self.collector.of(trace))
        return found()


@pytest.fixture(scope="module")
def traced(embedded_aws: DeployedAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TracedSystem]:
    with (
        collector() as found,
        pytest.MonkeyPatch.context() as patch,
        running_system(embedded_aws, tmp_path_factory.mktemp("traced-system")) as built,
    ):
        patch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", found.url)
        patch.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")
        agents = built.start("agents")
        built.start("analytics")
        chat = built.start("chat", agents_url=agents.url)
        yield TracedSystem(built, found, Person(chat.url, built.token("user@example.com")))


def ask(person: Person, text: str, **options: object) -> str:
    """Send a message like a browser, wait for the answer, and return the id of the trace."""
    trace, browser = token_hex(16), token_hex(8)
    path = f"/api/chat/conversations/{person.open_conversation()}/messages"
    frames = list(person.stream("POST", path, message_body(text, **options), traceparent=f"00-{trace}-{browser}-01"))
    assert frames[-1][1] == "turn.completed", frames[-1]
    return trace


def test_an_answer_is_one_trace_from_the_browser_to_the_ledger(traced: TracedSystem) -> None:
    trace = ask(traced.person, f"[[ttft=0 gap=1 tokens=5]] {CANARY}")
    spans = traced.spans(
        trace,
        "POST /api/chat/conversations/{conversation_id}/messages",
        "turn",
        "chat scripted.lorem",
        "publish chat.model.invoked",
        "process chat.model.invoked",
        "ledger write",
    )
    request = spans["POST /api/chat/conversations/{conversation_id}/messages"]
    turn, call, ledger = spans["turn"], spans["chat scripted.lorem"], spans["ledger write"]
    assert (turn.parent, call.parent) == (request.id, turn.id)
    assert ledger.parent in {span.id for span in traced.collector.of(trace) if "process" in span.name}
    assert (request.service, call.service, ledger.service) == ("colloquy.chat", "colloquy.chat", "colloquy.analytics")
    assert call.attributes["gen_ai.provider.name"] == "aws.bedrock"
    assert call.attributes["gen_ai.usage.output_tokens"] == 5
    assert call.attributes["gen_ai.response.finish_reasons"] == ["end_turn"]
    assert request.attributes["http.response.status_code"] == 200


def test_a_turn_that_waits_for_a_tool_continues_its_trace(traced: TracedSystem) -> None:
    question = f'[[tool=calculator:{{"expression":"2+2"}}]] [[ttft=0 gap=0 tokens=3]] {CANARY}'
    trace = ask(traced.person, question, tools=["calculator"])
    tool = traced.spans(trace, "execute_tool", "ledger write")["execute_tool"]
    assert (tool.service, tool.attributes["gen_ai.tool.name"]) == ("colloquy.agents", "calculator")
    assert eventually(lambda: len([span for span in traced.collector.of(trace) if span.name == "turn"]) == 2, 10)


def test_no_span_contains_text_of_the_conversation(traced: TracedSystem) -> None:
    ask(traced.person, f"[[ttft=0 gap=0 tokens=3]] {CANARY}")
    assert traced.collector.bodies
    assert not [body for body in traced.collector.bodies if CANARY.encode() in body]


def test_a_health_request_is_not_traced(traced: TracedSystem) -> None:
    trace = token_hex(16)
    traced.person.call("GET", "/api/chat/health", traceparent=f"00-{trace}-{token_hex(8)}-01")
    ask(traced.person, "[[ttft=0 gap=0 tokens=1]]")
    assert traced.collector.of(trace) == []
