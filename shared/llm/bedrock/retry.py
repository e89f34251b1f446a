"""Retries until a model starts to answer: one candidate after another, then all of them again after a pause."""

from collections.abc import Awaitable, Callable, Sequence
from math import inf
from typing import Final, TypeVar

import structlog
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    wait_random_exponential,
)

from shared.clock import Clock
from shared.llm.bedrock.candidates import Candidate
from shared.llm.bedrock.errors import FINAL, RETRYABLE
from shared.llm.port import ModelFailedError

T = TypeVar("T")
_log: Final = structlog.get_logger()
_FULL_JITTER: Final = wait_random_exponential(multiplier=0.25)


class StartRetry:
    """Tries the candidates in at most `rounds` rounds, and starts no request later than `within_s` after a failure.

    The time counts from the first failure and is short, because a person waits for the answer.
    """

    def __init__(self, clock: Clock, *, rounds: int, within_s: float) -> None:
        self._clock = clock
        self._rounds = rounds
        self._within_s = within_s

    async def first_started(self, start: Callable[[Candidate], Awaitable[T]], candidates: Sequence[Candidate]) -> T:
        """Try each candidate, with back-off between rounds, until one starts streaming; return its result.

        Never call this after the first event was delivered. A candidate that denies access or does not know the model
        is left out of later rounds. A pause that the provider asks for is kept. Raises ModelFailedError.
        """
        attempts = _Attempts(self._clock, candidates, self._within_s)
        async for attempt in AsyncRetrying(
            retry=retry_if_exception(is_retryable),
            stop=lambda state: state.attempt_number >= self._rounds or attempts.is_over(state.upcoming_sleep),
            wait=pause,
            sleep=self._clock.sleep,
            reraise=True,
        ):
            with attempt:
                return await attempts.round(start)
        raise AssertionError  # the last attempt returns or raises


class _Attempts:
    """The attempts of one request: the candidates that are left, and the time at which it gives up."""

    def __init__(self, clock: Clock, candidates: Sequence[Candidate], within_s: float) -> None:
        self._clock = clock
        self._remaining = list(candidates)
        self._within_s = within_s
        self._gives_up_at = inf

    def is_over(self, in_s: float = 0.0) -> bool:
        """Whether no request may start any more, `in_s` seconds from now."""
        return self._clock.monotonic() + in_s > self._gives_up_at

    async def round(self, start: Callable[[Candidate], Awaitable[T]]) -> T:
        """Try each candidate that is left, once. Raises the failure that a retry may avoid, else the first one."""
        failures: list[ModelFailedError] = []
        for candidate in tuple(self._remaining):
            if failures and self.is_over():
                break
            try:
                return await start(candidate)
            except ModelFailedError as error:
                # After other failures it may only mean that the model is served through profiles alone.
                is_invalid = not failures and error.slug == "model-refused-request"
                if is_invalid or error.slug in FINAL:
                    raise
                self._record(candidate, error)
                failures.append(error)
        raise next(filter(is_retryable, failures), failures[0])

    def _record(self, candidate: Candidate, error: ModelFailedError) -> None:
        _log.info("model.start_failed", problem=error.slug, region=candidate.region, model=candidate.model_id)
        self._gives_up_at = min(self._gives_up_at, self._clock.monotonic() + self._within_s)
        if error.slug not in RETRYABLE:
            self._remaining.remove(candidate)


def is_retryable(error: BaseException) -> bool:
    """Whether the same request may succeed a moment later."""
    return isinstance(error, ModelFailedError) and error.slug in RETRYABLE


def pause(state: RetryCallState) -> float:
    """Seconds before the next attempt: full jitter, and at least what the provider asks for."""
    error = state.outcome.exception() if state.outcome else None
    return max(_FULL_JITTER(state), getattr(error, "pause_s", 0.0))
