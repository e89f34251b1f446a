"""Terminal: the changes that it shows, and its questions."""

import pytest

from infra.deploy.change_sets import Change, ChangeSet
from infra.deploy.stacks import Stack
from infra.deploy.terminal import Terminal


class Person:
    """Gives these answers; records the printed lines and the questions."""

    def __init__(self, *answers: str) -> None:
        self._answers = list(answers)
        self.lines: list[str] = []
        self.questions: list[str] = []

    def answer(self, question: str) -> str:
        self.questions.append(question)
        return self._answers.pop(0)


def terminal(person: Person, *, yes: bool = False) -> Terminal:
    return Terminal(yes, person.lines.append, person.answer)


def changes(*found: Change, is_new: bool = False) -> list[ChangeSet]:
    return [ChangeSet(Stack("colloquy-prod-chat", "", {}), "1", is_new, found)]


@pytest.mark.parametrize(("answer", "agreed"), [("y", True), ("YES", True), (" yes ", True), ("", False), ("n", False)])
def test_only_yes_approves(answer: str, agreed: bool) -> None:
    assert terminal(Person(answer)).approve(changes()) is agreed


def test_with_the_option_yes_changes_are_shown_without_a_question() -> None:
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
def test_a_change_that_may_delete_data_is_marked(change: Change, warned: bool) -> None:
    person = Person("n")
    terminal(person).approve(changes(change))
    assert ("holds data" in person.lines[1]) is warned


def test_confirmation_needs_the_exact_word_also_with_the_option_yes() -> None:
    assert terminal(Person("prod")).confirm_by_typing("They go.", "prod")
    assert not terminal(Person("y"), yes=True).confirm_by_typing("They go.", "prod")
    assert not terminal(Person(""), yes=True).confirm_by_typing("They go.", "prod")


def test_progress_shows_completed_and_failed_resources_with_the_reason() -> None:
    person = Person()
    show_event = terminal(person).show_event
    show_event("chat", {"ResourceStatus": "CREATE_IN_PROGRESS", "LogicalResourceId": "A"})
    show_event(
        "chat", {"ResourceStatus": "CREATE_COMPLETE", "LogicalResourceId": "A", "ResourceStatusReason": "uninteresting"}
    )
    show_event(
        "chat", {"ResourceStatus": "CREATE_FAILED", "LogicalResourceId": "B", "ResourceStatusReason": "no such bus"}
    )
    assert [line.partition(" s  ")[2] for line in person.lines] == [
        "chat  A  CREATE_COMPLETE",
        "chat  B  CREATE_FAILED: no such bus",
    ]


def test_a_step_shows_its_duration() -> None:
    person = Person()
    with terminal(person).step("platform"):
        pass
    assert person.lines == ["== platform", "== platform: 0 s"]
