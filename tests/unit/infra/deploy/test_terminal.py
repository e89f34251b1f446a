"""What a person sees before they agree."""

import pytest

from infra.deploy.change_sets import Change, ChangeSet
from infra.deploy.stacks import Stack
from infra.deploy.terminal import Terminal


class Person:
    """Gives these answers; keeps what was said and asked."""

    def __init__(self, *answers: str) -> None:
        self._answers = list(answers)
        self.lines: list[str] = []
        self.asked: list[str] = []

    def answer(self, question: str) -> str:
        self.asked.append(question)
        return self._answers.pop(0)


def terminal(person: Person, *, yes: bool = False) -> Terminal:
    return Terminal(yes, person.lines.append, person.answer)


def changes(*found: Change, is_new: bool = False) -> list[ChangeSet]:
    return [ChangeSet(Stack("colloquy-prod-chat", "", {}), "1", is_new, found)]


@pytest.mark.parametrize(("answer", "agreed"), [("y", True), ("YES", True), (" yes ", True), ("", False), ("n", False)])
def test_only_a_yes_is_one(answer: str, agreed: bool) -> None:
    assert terminal(Person(answer)).approve(changes()) is agreed


def test_who_said_yes_before_is_shown_all_and_asked_nothing() -> None:
    person = Person()
    assert terminal(person, yes=True).approve(changes(Change("Add", "Table", "AWS::DynamoDB::Table"), is_new=True))
    assert person.lines[0] == "new stack colloquy-prod-chat:"
    assert person.lines[1].split() == ["+", "Table", "AWS::DynamoDB::Table"]


@pytest.mark.parametrize(
    ("change", "warned"),
    [
        (Change("Remove", "Main", "AWS::DynamoDB::Table"), True),
        (Change("Modify", "Main", "AWS::DynamoDB::Table", "True"), True),
        (Change("Modify", "Pool", "AWS::Cognito::UserPool", "Conditional"), True),
        (Change("Modify", "Main", "AWS::DynamoDB::Table", "False"), False),
        (Change("Remove", "Queue", "AWS::SQS::Queue"), False),
        (Change("Add", "Main", "AWS::S3::Bucket"), False),
    ],
)
def test_what_endangers_data_is_marked(change: Change, warned: bool) -> None:
    person = Person("n")
    terminal(person).approve(changes(change))
    assert ("holds data" in person.lines[1]) is warned


def test_in_earnest_only_the_word_itself_will_do() -> None:
    assert terminal(Person("prod")).confirm_by_typing("They go.", "prod")
    assert not terminal(Person("y"), yes=True).confirm_by_typing("They go.", "prod")
    assert not terminal(Person(""), yes=True).confirm_by_typing("They go.", "prod")


def test_progress_tells_what_has_ended_and_why_it_failed() -> None:
    person = Person()
    tell = terminal(person).show_event
    tell("chat", {"ResourceStatus": "CREATE_IN_PROGRESS", "LogicalResourceId": "A"})
    tell("chat", {"ResourceStatus": "CREATE_COMPLETE", "LogicalResourceId": "A", "ResourceStatusReason": "dull"})
    tell("chat", {"ResourceStatus": "CREATE_FAILED", "LogicalResourceId": "B", "ResourceStatusReason": "no such bus"})
    assert [line.partition(" s  ")[2] for line in person.lines] == [
        "chat  A  CREATE_COMPLETE",
        "chat  B  CREATE_FAILED: no such bus",
    ]


def test_a_step_tells_its_time() -> None:
    person = Person()
    with terminal(person).step("platform"):
        pass
    assert person.lines == ["== platform", "== platform: 0 s"]
