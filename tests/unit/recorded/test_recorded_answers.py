"""The recorded HTTP answers of an older release, given again from that release's rows and objects."""

from typing import Any

from tests.recorded.current import Current
from tests.recorded.loader import Recorded

CONVERSATIONS = "/api/chat/conversations"


async def page(current: Current, recorded: Recorded, user: str, path: str) -> list[dict[str, Any]]:
    status, body = await current.call(recorded.user(user), "GET", path)
    assert status == 200
    return list(body["items"])


async def messages(current: Current, recorded: Recorded, conversation: str) -> list[dict[str, Any]]:
    """The messages of a conversation, oldest first."""
    path = f"{CONVERSATIONS}/{recorded.conversation(conversation)}/messages?limit=100"
    return (await page(current, recorded, "ann", path))[::-1]


def shortened(body: Any) -> Any:
    """Replace a very long text by its number of characters, as in the recording."""
    for item in body.get("items", []) if body else []:
        for block in item.get("content", []):
            if len(block.get("text", "")) > 100_000:
                block["text"] = {"characters": len(block["text"])}
    return body


def of_recorded_fields(now: Any, was: Any) -> Any:
    """Only what the recorded answer has, too: a release may add fields."""
    if isinstance(now, dict) and isinstance(was, dict):
        return {name: of_recorded_fields(now[name], was[name]) for name in now if name in was}
    if isinstance(now, list) and isinstance(was, list) and len(now) == len(was):
        return [of_recorded_fields(*pair) for pair in zip(now, was, strict=True)]
    return now


async def test_every_answer_has_all_that_the_recorded_one_has(recorded: Recorded, current: Current) -> None:
    different = []
    for was in recorded.answers:
        status, body = await current.call(recorded.user(was["user"]), "GET", was["path"])
        now = (status, of_recorded_fields(shortened(body), was["body"]) if status == 200 else None)
        if now != (was["status"], was["body"]):
            different.append((was["path"], was["body"], now))
    assert different == []


async def test_the_page_of_conversations(recorded: Recorded, current: Current) -> None:
    listed = await page(current, recorded, "ann", f"{CONVERSATIONS}?limit=100")
    titles = {each["id"]: (each["title"], each["title_source"]) for each in listed}
    assert titles[recorded.conversation("titled by owner")] == ("京都への旅行 · 교토 여행", "owner")
    assert titles[recorded.conversation("titled by service")] == ("How do the tides work near", "service")
    assert titles[recorded.conversation("renamed")] == ("Plans for 2027", "owner")
    assert titles[recorded.conversation("without title and messages")] == ("", "default")
    assert recorded.conversation("deleted, not erased") not in titles
    (of_mia,) = await page(current, recorded, "mia", CONVERSATIONS)
    assert of_mia["title"] == "Mia's"


async def test_the_tree_of_messages(recorded: Recorded, current: Current) -> None:
    tree = await messages(current, recorded, "titled by owner")
    question, answer, again, edited, edited_answer, reply, last = tree
    assert question["content"] == [{"type": "text", "text": "京都の天気はどうですか。 오늘 날씨는?"}]
    assert [each["role"] for each in tree] == ["user", "assistant", "assistant", *["user", "assistant"] * 2]
    assert answer["content"] == question["content"]
    assert (question["parent_id"], edited["parent_id"]) == (None, None)
    assert answer["parent_id"] == again["parent_id"] == question["id"]
    assert edited_answer["parent_id"] == edited["id"]
    assert (reply["parent_id"], last["parent_id"]) == (answer["id"], reply["id"])


async def test_the_kinds_of_blocks_and_of_ends(recorded: Recorded, current: Current) -> None:
    conversation = await messages(current, recorded, "kinds of answers")
    by_turn = {each["turn_id"]: each for each in conversation if each["role"] == "assistant"}
    reasoning, text = by_turn[recorded.turn("with reasoning")]["content"]
    assert (reasoning["type"], bool(reasoning["signature"]), text["type"]) == ("reasoning", True, "text")
    first, second, result, failure, last = by_turn[recorded.turn("with tools")]["content"]
    assert [first["input"], second["input"]] == [{"expression": "2+2"}, {"expression": "1/0"}]
    assert (result["call_id"], result["status"], result["output"]["result"]) == (first["call_id"], "success", "4")
    assert (failure["call_id"], failure["status"]) == (second["call_id"], "error")
    assert last["type"] == "text"
    broken = by_turn[recorded.turn("failed in the middle")]
    assert (broken["status"], len(broken["content"]), broken["error"]["status"]) == ("failed", 1, 502)
    cancelled = by_turn[recorded.turn("cancelled")]
    assert (cancelled["status"], cancelled["usage"]["basis"]) == ("cancelled", "estimated")
    (_, failed) = await messages(current, recorded, "failed answer")
    assert (failed["status"], failed["error"]["type"]) == ("failed", "/problems/model-access-denied")


async def test_the_message_whose_body_is_in_the_bucket(recorded: Recorded, current: Current) -> None:
    question, answer = await messages(current, recorded, "long message")
    text = question["content"][0]["text"]
    assert len(text) > 300_000
    assert text.startswith("The tide comes in and the tide goes out. ")
    assert answer["content"] == [{"type": "text", "text": "I have read it."}]


async def test_the_versions_of_a_bot_and_its_sources(recorded: Recorded, current: Current) -> None:
    bot = recorded.bot("with versions")
    versions = await page(current, recorded, "mia", f"/api/bots/bots/{bot}/versions")
    assert [(each["version"], each["title"]) for each in versions] == [(n, "料理の先生") for n in (5, 4, 3, 2, 1)]
    _, first = await current.call(recorded.user("mia"), "GET", f"/api/bots/bots/{bot}/versions/1")
    assert first["instruction"] == "You teach cooking."
    sources = await page(current, recorded, "mia", f"/api/ingest/bots/{bot}/sources")
    assert [each["source"] for each in sources] == [
        {"type": "url", "url": "https://example.com/with-versions"},
        {"type": "sitemap", "url": "https://example.com/sitemap.xml"},
        {"type": "s3", "uri": "s3://recipes/winter"},
    ]


async def test_the_usage_report(recorded: Recorded, current: Current) -> None:
    (path,) = [each["path"] for each in recorded.answers if each["service"] == "analytics"]
    _, report = await current.call(recorded.user("ann"), "GET", path)
    assert report["totals"]["open_invocations"] == 2
    settled = [row for row in recorded.rows("analytics") if row.get("state") == {"S": "settled"}]
    assert report["totals"]["invocations"] == len(settled)
    assert report["totals"]["input_tokens"] == sum(int(row["input_tokens"]["N"]) for row in settled)
    assert report["totals"]["estimated_invocations"] == sum(row["basis"] == {"S": "estimated"} for row in settled)
