"""One trace from the browser to the ledger, through every process that has a part in it."""

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
PATIENCE_S = 20


@dataclass(frozen=True)
class Watched:
    """A system whose spans are collected."""

    system: System
    collector: Collector
    person: Person

    def spans(self, trace: str, *names: str) -> dict[str, CollectedSpan]:
        """Spans of the trace by name, once all these names are there."""

        def found() -> dict[str, CollectedSpan]:
            spans = {span.name: span for span in self.collector.of(trace)}
            return spans if set(names) <= spans.keys() else {}

        assert eventually(found, PATIENCE_S), sorted(span.name for span in self.collector.of(trace))
        return found()


@pytest.fixture(scope="module")
def watched(embedded_aws: DeployedAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    with (
        collector() as found,
        pytest.MonkeyPatch.context() as patch,
        running_system(embedded_aws, tmp_path_factory.mktemp("watched-system")) as built,
    ):
        patch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", found.url)
        patch.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")
        agents = built.start("agents")
        built.start("analytics")
        chat = built.start("chat", agents_url=agents.url)
        yield Watched(built, found, Person(chat.url, built.token("user@example.com")))


def ask(person: Person, text: str, **options: object) -> str:
    """Have it answered as a browser would; the trace's id."""
    trace, browser = token_hex(16), token_hex(8)
    path = f"/api/chat/conversations/{person.open_conversation()}/messages"
    frames = list(person.stream("POST", path, message_body(text, **options), traceparent=f"00-{trace}-{browser}-01"))
    assert frames[-1][1] == "turn.completed", frames[-1]
    return trace


def test_an_answer_is_one_trace_from_the_browser_to_the_ledger(watched: Watched) -> None:
    trace = ask(watched.person, f"[[ttft=0 gap=1 tokens=5]] {CANARY}")
    spans = watched.spans(
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
    assert ledger.parent in {span.id for span in watched.collector.of(trace) if "process" in span.name}
    assert (request.service, call.service, ledger.service) == ("colloquy.chat", "colloquy.chat", "colloquy.analytics")
    assert call.attributes["gen_ai.provider.name"] == "aws.bedrock"
    assert call.attributes["gen_ai.usage.output_tokens"] == 5
    assert call.attributes["gen_ai.response.finish_reasons"] == ["end_turn"]
    assert request.attributes["http.response.status_code"] == 200


def test_a_turn_that_waits_for_a_tool_stays_in_its_trace(watched: Watched) -> None:
    asked = f'[[tool=calculator:{{"expression":"2+2"}}]] [[ttft=0 gap=0 tokens=3]] {CANARY}'
    trace = ask(watched.person, asked, tools=["calculator"])
    tool = watched.spans(trace, "execute_tool", "ledger write")["execute_tool"]
    assert (tool.service, tool.attributes["gen_ai.tool.name"]) == ("colloquy.agents", "calculator")
    assert eventually(lambda: len([span for span in watched.collector.of(trace) if span.name == "turn"]) == 2, 10)


def test_nothing_that_was_said_is_in_a_span(watched: Watched) -> None:
    ask(watched.person, f"[[ttft=0 gap=0 tokens=3]] {CANARY}")
    assert watched.collector.bodies
    assert not [body for body in watched.collector.bodies if CANARY.encode() in body]


def test_who_only_asks_whether_it_is_well_is_no_trace(watched: Watched) -> None:
    trace = token_hex(16)
    watched.person.call("GET", "/api/chat/health", traceparent=f"00-{trace}-{token_hex(8)}-01")
    ask(watched.person, "[[ttft=0 gap=0 tokens=1]]")
    assert watched.collector.of(trace) == []
