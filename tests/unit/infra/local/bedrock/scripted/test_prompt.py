from infra.local.bedrock.scripted import prompt
from tests.fakes.converse import CALCULATOR, assistant, request, tool_result, tool_use, user

ASKED = user('[[ttft=1 gap=2 tool=calculator:{} fault=reset]] [[ttft=5 text="done"]] go')
FIRST = (assistant(tool_use("t1")), user(tool_result("t1", "4")))
SECOND = (assistant(tool_use("t2")), user(tool_result("t2", "5")))


def test_the_last_question_counts_not_earlier_ones() -> None:
    read = prompt.read(request(user("[[gap=1]] a"), assistant("b"), user("[[gap=9]] c")), obeys_directives=True)
    assert (read.directives.gap, read.words) == (9, "c")


def test_a_question_without_directives_has_none_whatever_was_asked_before() -> None:
    read = prompt.read(request(user("[[gap=1]] a"), assistant("b"), user("c")), obeys_directives=True)
    assert read.directives.gap is None


def test_each_round_of_tools_has_its_group() -> None:
    first = prompt.read(request(ASKED), obeys_directives=True)
    assert (first.directives.ttft, len(first.directives.tool)) == (1, 1)
    second = prompt.read(request(ASKED, *FIRST, toolConfig=CALCULATOR), obeys_directives=True)
    assert (second.directives.ttft, second.directives.text, second.directives.tool) == (5, "done", ())
    assert second.words == "go"


def test_when_groups_run_out_only_the_pace_goes_on() -> None:
    third = prompt.read(request(ASKED, *FIRST, *SECOND, toolConfig=CALCULATOR), obeys_directives=True).directives
    assert (third.ttft, third.text) == (5, None)
    only = prompt.read(
        request(user("[[gap=3 tool=calculator:{} fault=reset after=2]]"), *FIRST, toolConfig=CALCULATOR), True
    )
    assert (only.directives.gap, only.directives.tool, only.directives.fault, only.directives.after) == (3, (), None, 0)


def test_results_come_with_the_names_of_their_tools() -> None:
    read = prompt.read(request(ASKED, *FIRST, toolConfig=CALCULATOR), obeys_directives=True)
    assert [(name, result.content[0].text) for name, result in read.results] == [("calculator", "4")]


def test_the_digest_is_that_of_the_conversation_without_what_the_answer_begins_with() -> None:
    plain = prompt.read(request(user("a")), obeys_directives=True)
    begun = prompt.read(request(user("a"), assistant("So")), obeys_directives=True)
    assert begun.prefill == "So"
    assert begun.digest == plain.digest
    assert prompt.read(request(user("a"), system=[{"text": "be kind"}]), obeys_directives=True).digest != plain.digest
    assert prompt.read(request(user("b")), obeys_directives=True).digest != plain.digest


def test_a_model_that_does_not_obey_reads_words_only() -> None:
    read = prompt.read(request(user("Tea [[fault=reset nonsense")), obeys_directives=False)
    assert (read.words, read.directives.fault) == ("Tea", None)
