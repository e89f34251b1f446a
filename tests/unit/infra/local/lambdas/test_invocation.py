"""The response of an invocation: complete or streamed, ended once, or failed with a reason."""

import asyncio

import pytest

from infra.local.lambdas.invocation import FunctionInvocation, InvocationError


@pytest.fixture
def invocation() -> FunctionInvocation:
    return FunctionInvocation(b"{}", deadline_ms=0)


async def test_pieces_are_read_as_they_are_written(invocation: FunctionInvocation) -> None:
    pieces = invocation.pieces()
    invocation.begin({}, is_streamed=True)
    invocation.write(b"a")
    assert await anext(pieces) == b"a"
    waiting = asyncio.ensure_future(anext(pieces))
    await asyncio.sleep(0)
    assert not waiting.done()
    invocation.write(b"b")
    assert await waiting == b"b"


async def test_an_invocation_ends_once(invocation: FunctionInvocation) -> None:
    invocation.write(b"whole")
    invocation.end()
    invocation.end(InvocationError("Sandbox.Timedout", "too late to matter"))
    assert await invocation.read_all() == b"whole"
    assert invocation.is_over


async def test_a_failure_is_raised_after_the_pieces_before_it(invocation: FunctionInvocation) -> None:
    invocation.write(b"half")
    invocation.end(InvocationError("Runtime.TruncatedResponse", "broken"))
    pieces = invocation.pieces()
    assert await anext(pieces) == b"half"
    with pytest.raises(InvocationError, match="TruncatedResponse: broken"):
        await anext(pieces)


async def test_waiting_for_the_start_ends_with_a_failure(invocation: FunctionInvocation) -> None:
    waiting = asyncio.ensure_future(invocation.wait_for_start())
    invocation.end(InvocationError("Runtime.ExitError", "gone"))
    await asyncio.wait_for(waiting, 1)
    assert not invocation.is_streamed
