import socket
from collections.abc import Iterator

import pytest

from infra.local.up import ports
from infra.local.up.errors import CannotStartError

NAMES = ("aws", "chat", "bots")


@pytest.fixture
def busy() -> Iterator[int]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


def test_a_busy_port_raises_an_error_that_suggests_another(busy: int) -> None:
    with pytest.raises(CannotStartError, match=f"port {busy} is busy.*PORT={busy + 1}"):
        ports.require_free(busy)


def test_each_process_gets_a_port_of_its_own() -> None:
    chosen = ports.choose(NAMES, {}, taken=8080)
    assert set(chosen) == set(NAMES)
    assert len({*chosen.values(), 8080}) == len(NAMES) + 1


def test_ports_are_kept_after_a_restart() -> None:
    chosen = ports.choose(NAMES, {}, taken=8080)
    assert ports.choose(NAMES, chosen, taken=8080) == chosen


def test_only_a_port_that_became_busy_is_replaced(busy: int) -> None:
    earlier = {**ports.choose(NAMES, {}, taken=8080), "chat": busy}
    chosen = ports.choose(NAMES, earlier, taken=8080)
    assert chosen["chat"] != busy
    assert (chosen["aws"], chosen["bots"]) == (earlier["aws"], earlier["bots"])


def test_no_process_gets_the_public_port() -> None:
    earlier = ports.choose(NAMES, {}, taken=8080)
    assert earlier["aws"] not in ports.choose(NAMES, earlier, taken=earlier["aws"]).values()
