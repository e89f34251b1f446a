"""A service's declaration: its queues, and the tasks that run in the background of both hosts."""

import asyncio

import pytest
from structlog.testing import capture_logs

from shared.events.consumer.messages import QueueMessage
from shared.host.service_app import BackgroundTask, ConsumedQueue, ServiceApp, run_background
from tests.fakes.runtime import fake_settings
from tests.polling import until_true
from tests.unit.shared.host.example_service import ExampleSettings


async def handle(_message: QueueMessage) -> None:
    return


def consumed(name: str = "events", **options: object) -> ConsumedQueue:
    return ConsumedQueue.of(fake_settings(ExampleSettings), name, handle, **options)


def test_a_queue_takes_its_urls_from_the_settings_of_its_name() -> None:
    queue = consumed()
    assert (queue.name, queue.url, queue.dead_letter_url) == ("events", "events-queue", "events-dead-letter-queue")


def test_a_queue_without_settings_is_refused() -> None:
    with pytest.raises(AttributeError, match="tasks_queue_url"):
        consumed("tasks")


def test_a_queue_has_the_options_of_its_service() -> None:
    queue = consumed(concurrency=3, settles_on_lambda=True)
    assert (queue.concurrency, queue.settles_on_lambda, queue.visibility_s) == (3, True, 30)


async def test_by_default_a_queue_has_a_capacity_of_ten_and_no_work_to_finish() -> None:
    queue = consumed()
    assert queue.capacity() == 10
    await queue.finish_or_hand_over(1.0)


def test_a_queue_is_found_by_its_name() -> None:
    app = ServiceApp(routes=(), context=None, queues=[consumed()])
    assert app.queue("events") is app.queues[0]
    with pytest.raises(LookupError, match=r"no queue tasks; it consumes \['events'\]"):
        app.queue("tasks")


async def test_background_tasks_run_during_the_block_and_end_after_it() -> None:
    seen: list[str] = []

    def task(name: str) -> BackgroundTask:
        async def run(stop: asyncio.Event) -> None:
            seen.append(f"{name} begins")
            await stop.wait()
            seen.append(f"{name} ends")

        return run

    async with run_background([task("a"), task("b")]):
        await until_true(lambda: len(seen) == 2)
        assert seen == ["a begins", "b begins"]
    assert sorted(seen[2:]) == ["a ends", "b ends"]


async def test_a_failed_background_task_is_logged_and_the_others_continue() -> None:
    ended: list[bool] = []

    async def fail(_stop: asyncio.Event) -> None:
        raise LookupError

    async def run_until_stopped(stop: asyncio.Event) -> None:
        await stop.wait()
        ended.append(True)

    with capture_logs() as lines:
        async with run_background([fail, run_until_stopped]):
            await until_true(lambda: lines)
            assert ended == []
    (line,) = lines
    assert (line["event"], type(line["exc_info"])) == ("background_task.failed", LookupError)
    assert ended == [True]


async def test_an_error_in_the_block_is_raised_after_the_tasks_have_ended() -> None:
    ended: list[bool] = []

    async def task(stop: asyncio.Event) -> None:
        await stop.wait()
        ended.append(True)

    with pytest.raises(LookupError):
        async with run_background([task]):
            raise LookupError
    assert ended == [True]


async def test_the_block_may_be_left_in_another_task_than_it_was_entered() -> None:
    ended: list[bool] = []

    async def task(stop: asyncio.Event) -> None:
        await stop.wait()
        ended.append(True)

    background = run_background([task])
    await asyncio.create_task(background.__aenter__())  # type: ignore[arg-type]
    await asyncio.create_task(background.__aexit__(None, None, None))  # type: ignore[arg-type]
    assert ended == [True]
