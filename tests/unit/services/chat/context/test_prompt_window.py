"""The prompt is the branch up to the question, cut to the context window, in the shape that providers accept."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from services.chat.context.prompt_window import PromptWindow
from services.chat.domain import ContentBlock, Message, ReasoningBlock, TextBlock, ToolResultBlock
from shared.catalogue import Catalogue, Model
from shared.llm.port import PromptMessage
from shared.llm.token_estimate import estimate, estimate_prompt
from tests.fakes.clock import START

SMALL = Catalogue.offered(("scripted",)).get("scripted.small")  # reads 2000 tokens
LARGE = Catalogue.offered(("scripted",)).get("scripted.echo")


def message(name: str, parent: str | None = None, role: str = "user", text: str | None = None) -> Message:
    blocks: list[ContentBlock] = [TextBlock(text=name if text is None else text)]
    return Message.model_validate(
        {"id": name, "conversation_id": "c", "parent_id": parent, "role": role, "content": blocks, "created_at": START}
    )


def path(*said: tuple[str, str]) -> list[Message]:
    return [message(str(place), None, role, text) for place, (role, text) in enumerate(said)]


def prompt(path: Sequence[Message], model: Model, max_output_tokens: int) -> list[PromptMessage]:
    window = PromptWindow(model, max_output_tokens)
    for each in reversed(path):
        window.add(each)
    return window.prompt()


def asked(model: Model, *said: tuple[str, str], room: int = 100) -> list[tuple[str, str]]:
    return [(each.role, each.text) for each in prompt(path(*said), model, room)]


def test_what_was_said_is_asked_oldest_first() -> None:
    assert asked(LARGE, ("user", "one"), ("assistant", "two"), ("user", "three")) == [
        ("user", "one"),
        ("assistant", "two"),
        ("user", "three"),
    ]


def test_two_messages_of_one_side_become_one() -> None:
    assert asked(LARGE, ("user", "one"), ("user", "two"), ("assistant", "three"), ("user", "four"))[0] == (
        "user",
        "one\n\ntwo",
    )


def test_an_answer_that_failed_without_a_word_leaves_no_gap() -> None:
    assert asked(LARGE, ("user", "one"), ("assistant", "  "), ("user", "two")) == [("user", "one\n\ntwo")]


def test_thoughts_and_tool_results_are_not_said_again() -> None:
    thinking = message("a", role="assistant").model_copy(
        update={
            "content": [
                ReasoningBlock(text="hm", signature="s"),
                TextBlock(text="yes"),
                ToolResultBlock(call_id="c", status="success", output={}, took_ms=1),
            ]
        }
    )
    said = prompt([message("q"), thinking, message("r")], LARGE, 100)
    assert [each.text for each in said] == ["q", "yes", "r"]


def test_what_the_model_cannot_read_is_left_out_from_the_oldest_end() -> None:
    old, long = ("user", "old"), "x" * 4200  # 1000 tokens
    said = asked(SMALL, old, ("assistant", long), ("user", long), ("assistant", "fine"), ("user", "now"))
    assert said == [("user", long), ("assistant", "fine"), ("user", "now")]


def test_an_answer_whose_question_was_left_out_goes_with_it() -> None:
    assert asked(SMALL, ("user", "x" * 9000), ("assistant", "fine"), ("user", "now")) == [("user", "now")]


def test_the_last_message_is_asked_however_long_it_is() -> None:
    assert asked(SMALL, ("user", "a"), ("assistant", "b"), ("user", "y" * 99_000)) == [("user", "y" * 99_000)]


def test_a_model_that_may_say_more_than_it_can_read_still_reads_half() -> None:
    said = asked(SMALL, ("user", "a" * 400), ("assistant", "b"), ("user", "c"), room=50_000)
    assert len(said) == 3


def test_a_window_is_full_once_something_whole_is_left_out() -> None:
    window = PromptWindow(SMALL, 100)
    full = []
    for role, text in [("user", "now"), ("assistant", "x" * 9000), ("assistant", "more"), ("user", "old")]:
        window.add(message("m", role=role, text=text))
        full.append(window.is_full)
    assert full == [False, False, False, True]


def test_a_window_is_full_of_a_question_that_is_longer_than_it() -> None:
    window = PromptWindow(SMALL, 100)
    window.add(message("q", text="x" * 99_000))
    assert not window.is_full  # an older question may yet be joined to it
    window.add(message("a", role="assistant"))
    assert window.is_full


WORDS = st.sampled_from(["", " ", "hi", "a word", "x" * 900, "y" * 5000])
SAYINGS = st.lists(
    st.tuples(
        st.sampled_from(["user", "assistant"]), st.sampled_from(["", " ", "hi", "a word", "x" * 900, "y" * 5000])
    ),
    max_size=12,
)


@given(SAYINGS, st.text(min_size=1).filter(lambda text: text.strip()), st.integers(1, 4000))
def test_a_prompt_alternates_begins_with_the_user_and_ends_with_the_question(
    history: list[tuple[str, str]], question: str, room: int
) -> None:
    said = prompt(path(*history, ("user", question)), SMALL, room)
    roles = [each.role for each in said]
    assert roles == ["user" if place % 2 == 0 else "assistant" for place in range(len(roles))]
    assert roles[-1] == "user"
    assert said[-1].text.endswith(question.strip())
    assert all(each.text.strip() for each in said)


@given(SAYINGS, st.integers(1, 4000))
def test_a_prompt_fits_unless_the_question_alone_does_not(history: list[tuple[str, str]], room: int) -> None:
    said = prompt(path(*history, ("user", "now")), SMALL, room)
    limit = SMALL.limits.context_tokens
    assert len(said) == 1 or estimate_prompt(said) <= limit - min(room, limit // 2)


@given(SAYINGS)
def test_a_prompt_is_the_newest_part_of_what_was_said(history: list[tuple[str, str]]) -> None:
    whole = texts(prompt(path(*history, ("user", "now")), LARGE, 100))
    part = texts(prompt(path(*history, ("user", "now")), SMALL, 100))
    assert whole[len(whole) - len(part) :] == part


def texts(said: Sequence[PromptMessage]) -> list[str]:
    return [each.text for each in said]


def test_the_count_before_a_call_is_the_sum_of_its_messages() -> None:
    said = [PromptMessage.of_text("user", "hello"), PromptMessage.of_text("assistant", "안녕하세요")]
    assert estimate_prompt(said) == estimate("hello") + estimate("안녕하세요")
