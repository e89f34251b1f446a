from infra.local.bedrock.scripted import prompt
from tests.fakes.converse import CALCULATOR, assistant, request, tool_result, tool_use, user

QUESTION = user('[[ttft=1 gap=2 tool=calculator:{} fault=reset]] [[ttft=5 text="done"]] go')
FIRST = (assistant(tool_use("t1")), user(tool_result("t1", "4")))
SECOND = (assistant(tool_use("t2")), user(tool_result("t2", "5")))


def test_only_the_last_user_message_is_read() -> None:
    read = prompt.read(request(user("[[gap=1]] a"), assistant("b"), user("[[gap=9]] c")), obeys_directives=True)
    assert (read.directives.gap, read.words) == (9, "c")


def test_directives_of_earlier_messages_are_ignored() -> None:
    read = prompt.read(request(user("[[gap=1]] a"), assistant("b"), user("c")), obeys_directives=True)
    assert read.directives.gap is None


def test_each_tool_round_has_its_own_group() -> None:
    first = prompt.read(request(QUESTION), obeys_directives=True)
    assert (first.directives.ttft, len(first.directives.tool)) == (1, 1)
    second = prompt.read(request(QUESTION, *FIRST, toolConfig=CALCULATOR), obeys_directives=True)
    assert (second.directives.ttft, second.directives.text, second.directives.tool) == (5, "done", ())
    assert second.words == "go"


def test_after_the_last_group_only_its_pace_is_kept() -> None:
    third = prompt.read(request(QUESTION, *FIRST, *SECOND, toolConfig=CALCULATOR), obeys_directives=True).directives
    assert (third.ttft, third.text) == (5, None)
    only = prompt.read(
        request(user("[[gap=3 tool=calculator:{} fault=reset after=2]]"), *FIRST, toolConfig=CALCULATOR), True
    )
    assert (only.directives.gap, only.directives.tool, only.directives.fault, only.directives.after) == (3, (), None, 0)


def test_tool_results_have_the_names_of_their_tools() -> None:
    read = prompt.read(request(QUESTION, *FIRST, toolConfig=CALCULATOR), obeys_directives=True)
    assert [(name, result.content[0].text) for name, result in read.results] == [("calculator", "4")]


def test_the_digest_does_not_depend_on_the_prefilled_answer() -> None:
    plain = prompt.read(request(user("a")), obeys_directives=True)
    prefilled = prompt.read(request(user("a"), assistant("So")), obeys_directives=True)
    assert prefilled.prefill == "So"
    assert prefilled.digest == plain.digest
    assert prompt.read(request(user("a"), system=[{"text": "be kind"}]), obeys_directives=True).digest != plain.digest
    assert prompt.read(request(user("b")), obeys_directives=True).digest != plain.digest


def test_a_model_that_ignores_directives_reads_the_text_only() -> None:
    read = prompt.read(request(user("Tea [[fault=reset nonsense")), obeys_directives=False)
    assert (read.words, read.directives.fault) == ("Tea", None)
