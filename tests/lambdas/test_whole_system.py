"""`make up COMPUTE=lambda`: the local system with Lambda functions, used by a person."""

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from infra.deploy.artifacts import Artifacts
from infra.deploy.change_sets import PollPolicy
from infra.deploy.desired_stack import Overrides, desired_stack
from infra.deploy.stacks import Stack, StackFailedError
from infra.deploy.stages import apply_stacks
from infra.local.aws.deploy import client, deploy
from infra.local.supervisor import processes
from infra.local.up import functions
from tests.clients import Person
from tests.e2e.conftest import LocalSystem, browser, context, page, running_local_system  # noqa: F401 - fixtures
from tests.e2e.pages import TOOL
from tests.e2e.person import answers, send_message, sign_in, wait_for_end
from tests.lambdas.whole_system import aws_of, person_of
from tests.polling import eventually
from tests.ports import free_port

USAGE_S = 30
TURN_S = 60
BROKEN = """
  Unfindable:
    Type: AWS::SSM::Parameter
    DependsOn: [HttpAliaslive, StreamsAliaslive]
    Properties: {Type: String, Value: "{{resolve:ssm:/nowhere}}"}
"""


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder of a system of processes, with one conversation."""
    folder = tmp_path_factory.mktemp("system")
    with running_local_system(folder / "state", free_port(), folder / "processes.log") as system_of_processes:
        person_of(system_of_processes).open_conversation(title="From before")
    return folder


@pytest.fixture(scope="module")
def system(before: Path) -> Iterator[LocalSystem]:
    with running_local_system(before / "state", free_port(), before / "functions.log", COMPUTE="lambda") as found:
        yield found


def versions(system: LocalSystem) -> dict[str, str]:
    """Function → the version that its callers get."""
    lambdas = client("lambda", aws_of(system))
    found = [each["FunctionName"] for each in lambdas.list_functions(MaxItems=50)["Functions"]]
    return {
        name: lambdas.get_alias(FunctionName=name, Name="live")["FunctionVersion"]
        for name in found
        if "-platform-" not in name
    }


def usage_of(person: Person) -> int:
    return int(person.call("GET", "/api/analytics/usage/me").json["totals"]["invocations"])


def test_data_of_a_system_of_processes_is_available_to_functions(system: LocalSystem) -> None:
    found = person_of(system).call("GET", "/api/chat/conversations").json["items"]
    assert [each["title"] for each in found] == ["From before"]


def test_a_person_signs_in_chats_reloads_and_reads_the_usage(page: Page, system: LocalSystem) -> None:  # noqa: F811
    sign_in(page)
    send_message(page, "Where do mountains sleep? [[ttft=50 gap=20 tokens=60]]")
    expect(answers(page).last).to_contain_text(re.compile(r"\w+ \w+ \w+"))
    page.reload()
    wait_for_end(page)
    shown = answers(page).last.locator(".prose").inner_text()
    page.reload()
    expect(answers(page).last.locator(".prose")).to_have_text(shown, use_inner_text=True)
    person = person_of(system)
    assert eventually(lambda: usage_of(person) >= 1, USAGE_S)
    page.goto("/usage")
    expect(page.get_by_role("table").first).to_contain_text("scripted", ignore_case=True)


def test_a_tool_call_is_executed_by_functions(system: LocalSystem) -> None:
    person = person_of(system)
    frames = list(
        person.ask(person.open_conversation(title="HostTools"), TOOL, model="scripted.lorem", tools=["calculator"])
    )
    assert frames[-1][1] == "turn.completed"
    assert "42" in str(frames)


def test_deploying_again_without_changes_changes_nothing(system: LocalSystem) -> None:
    cloudformation = client("cloudformation", aws_of(system))

    def updated() -> dict[str, Any]:
        return {each["StackName"]: each.get("LastUpdatedTime") for each in cloudformation.describe_stacks()["Stacks"]}

    before = versions(system), updated()
    deploy(aws_of(system), Overrides("local", functions.parameters()))
    assert (versions(system), updated()) == before


def test_after_a_rolled_back_update_the_old_version_answers(system: LocalSystem) -> None:
    endpoint, person, before = aws_of(system), person_of(system), versions(system)
    artifacts = Artifacts(client("s3", endpoint), "colloquy-packages")
    overrides = Overrides("local", {**functions.parameters(), "DefaultMaxTokens": "77", "Release": "broken"})
    good = desired_stack("chat", overrides, artifacts, {})
    body = good.body.replace("\nOutputs:", f"{BROKEN}\nOutputs:")
    broken = Stack(good.name, body, good.parameters, artifacts.address(artifacts.put(body.encode(), "yaml")), good.tags)
    with pytest.raises(StackFailedError, match="/nowhere"):
        apply_stacks(client("cloudformation", endpoint), [broken], PollPolicy(60, 0.05))
    assert versions(system) == before
    frames = list(person.ask(person.open_conversation(title="Still here"), "Hello [[ttft=0 gap=0 tokens=5]]"))
    assert frames[-1][1] == "turn.completed"


@pytest.mark.parametrize("kind", ["apis", "events"])
def test_after_a_killed_host_its_environments_end_and_the_answer_completes(system: LocalSystem, kind: str) -> None:
    person = person_of(system)
    conversation = person.open_conversation(title=f"Survives {kind}")
    text = "At length [[ttft=50 gap=60 tokens=80]]"
    # With a stream the turn runs in the function of the stream, otherwise in the function of the queue.
    stream = person.ask(conversation, text) if kind == "apis" else person.follow(person.begin(conversation, text))
    assert next(event for _, event, _ in stream if event == "message.delta")
    host = host_of(system, kind)
    environments = processes.children(host)
    os.kill(host, signal.SIGKILL)
    assert eventually(lambda: not any(map(processes.is_alive, environments)), 5)
    assert eventually(lambda: host_of(system, kind) != host, 10)
    assert eventually(lambda: answer_statuses(person, conversation) == ["complete"], TURN_S)


def host_of(system: LocalSystem, kind: str) -> int | None:
    """The process id of `python -m infra.local.lambdas <kind>`; None while it restarts."""
    text = f"infra.local.lambdas {kind}"
    command = {pid: Path(f"/proc/{pid}/cmdline") for pid in processes.marked(system.state)}
    for pid, file in command.items():
        if file.exists() and text in file.read_bytes().replace(b"\0", b" ").decode():
            return pid
    return None


def answer_statuses(person: Person, conversation: str) -> list[str]:
    """The statuses of the answers; empty while the API is unavailable."""
    try:
        return [each["status"] for each in person.messages(conversation) if each["role"] == "assistant"]
    except (AssertionError, OSError):
        return []


def test_an_unknown_route_gets_the_response_of_api_gateway(system: LocalSystem) -> None:
    answer = person_of(system).call("GET", "/api/chat/nothing")
    assert (answer.status, answer.json) == (403, {"message": "Missing Authentication Token"})
