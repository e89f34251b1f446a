"""Bots and ingest: ingest follows the events of bots; the services do not call each other."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.clients import Answer, Person
from tests.polling import eventually
from tests.stack import DeployedAws
from tests.system import Process

PAGE = {"source": {"type": "url", "url": "https://example.org/"}}


def create_bot(maker: Person) -> Answer:
    answer = maker.call("POST", "/api/bots/bots", {"title": "Cook", "instruction": "canary-instruction"})
    assert answer.status == 201, answer
    return answer


def rows(stack: DeployedAws, service: str, pk: str) -> list[dict[str, Any]]:
    answer = stack.client("dynamodb").query(
        TableName=stack.outputs(service)["Table"],
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": pk}},
    )
    return list(answer["Items"])


def test_sources_can_be_added_to_a_bot_and_are_deleted_with_it(
    maker: Person, processes: dict[str, Process], embedded_aws: DeployedAws
) -> None:
    created = create_bot(maker)
    bot, at_ingest = created.json["id"], maker.at(processes["ingest"].url)
    sources = f"/api/ingest/bots/{bot}/sources"

    assert eventually(lambda: at_ingest.call("POST", sources, PAGE).status == 201)
    assert len(at_ingest.call("GET", sources).json["items"]) == 1

    changed = maker.call("PUT", f"/api/bots/bots/{bot}", {"title": "Chef"}, If_Match=created.headers["etag"])
    assert changed.json["version"] == 2
    assert maker.call("DELETE", f"/api/bots/bots/{bot}", If_Match=created.headers["etag"]).status == 412
    assert maker.call("DELETE", f"/api/bots/bots/{bot}").status == 204

    assert eventually(lambda: at_ingest.call("GET", sources).status == 404)
    (left,) = rows(embedded_aws, "ingest", f"BOT#{bot}")
    assert left["state"]["S"] == "deleted"
    assert rows(embedded_aws, "bots", f"BOT#{bot}") == []


def test_the_relay_empties_the_outbox(maker: Person, embedded_aws: DeployedAws) -> None:
    create_bot(maker)
    assert eventually(lambda: not any(rows(embedded_aws, "bots", f"OUTBOX#{shard}") for shard in range(8)))


def test_ten_requests_with_one_key_create_one_bot(maker: Person) -> None:
    def create(_number: int) -> Answer:
        return maker.call("POST", "/api/bots/bots", {"title": "IdempotentRequest"}, Idempotency_Key="ten-at-once")

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(create, range(10)))
    assert {answer.status for answer in answers} == {201}
    assert len({answer.json["id"] for answer in answers}) == 1


def test_a_list_is_read_page_by_page(maker: Person) -> None:
    created = {create_bot(maker).json["id"] for _ in range(3)}
    seen: list[str] = []
    path: str | None = "/api/bots/bots?limit=2"
    while path:
        page = maker.call("GET", path).json
        seen += [bot["id"] for bot in page["items"]]
        path = f"/api/bots/bots?limit=2&cursor={page['next_cursor']}" if page["next_cursor"] else None
    assert created <= set(seen)
    assert len(seen) == len(set(seen))


def test_a_person_without_a_group_creates_no_bot_and_reads_no_other_ones(maker: Person, user: Person) -> None:
    assert user.call("POST", "/api/bots/bots", {"title": "Cook"}).problem == "forbidden"
    assert user.call("GET", f"/api/bots/bots/{create_bot(maker).json['id']}").problem == "not-found"


def test_no_log_contains_the_instruction_of_a_bot(maker: Person, processes: dict[str, Process]) -> None:
    create_bot(maker)
    assert not any("canary-instruction" in process.log.read_text() for process in processes.values())
