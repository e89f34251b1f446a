"""Asks until somebody begins to answer: candidate after candidate, then all of them again after a pause."""

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

from services.chat.llm.bedrock.candidates import Candidate
from services.chat.llm.bedrock.errors import FINAL, RETRYABLE
from services.chat.llm.port import ModelFailedError
from shared.clock import Clock

T = TypeVar("T")
_log: Final = structlog.get_logger()
_FULL_JITTER: Final = wait_random_exponential(multiplier=0.25)


class StartRetry:
    """At most `rounds`, and nobody is asked any more `within_s` after the first failure: a person waits."""

    def __init__(self, clock: Clock, *, rounds: int, within_s: float) -> None:
        self._clock = clock
        self._rounds = rounds
        self._within_s = within_s

    async def first_started(self, ask: Callable[[Candidate], Awaitable[T]], candidates: Sequence[Candidate]) -> T:
        """What the first `ask` gives that does not fail. Only for what nobody has heard yet. Raises ModelFailedError.

        Who is denied, or does not know the model, is not asked again; a pause that the provider wants is kept.
        """
        pursuit = _Attempts(self._clock, candidates, self._within_s)
        async for attempt in AsyncRetrying(
            retry=retry_if_exception(_passes),
            stop=lambda state: state.attempt_number >= self._rounds or pursuit.is_over(state.upcoming_sleep),
            wait=_pause,
            sleep=self._clock.sleep,
            reraise=True,
        ):
            with attempt:
                return await pursuit.round(ask)
        raise AssertionError  # the last attempt returns or raises


class _Attempts:
    """One request's way from candidate to candidate."""

    def __init__(self, clock: Clock, candidates: Sequence[Candidate], within_s: float) -> None:
        self._clock = clock
        self._hopeful = list(candidates)
        self._within_s = within_s
        self._over_at = inf

    def is_over(self, in_s: float = 0.0) -> bool:
        return self._clock.monotonic() + in_s > self._over_at

    async def round(self, ask: Callable[[Candidate], Awaitable[T]]) -> T:
        failures: list[ModelFailedError] = []
        for candidate in tuple(self._hopeful):
            if failures and self.is_over():
                break
            try:
                return await ask(candidate)
            except ModelFailedError as error:
                alone = not failures and error.slug == "model-refused-request"
                if alone or error.slug in FINAL:
                    raise
                self._failed(candidate, error)
                failures.append(error)
        raise next(filter(_passes, failures), failures[0])

    def _failed(self, candidate: Candidate, error: ModelFailedError) -> None:
        _log.info("model.start_failed", problem=error.slug, region=candidate.region, model=candidate.model_id)
        self._over_at = min(self._over_at, self._clock.monotonic() + self._within_s)
        if error.slug not in RETRYABLE:
            self._hopeful.remove(candidate)


def _passes(error: BaseException) -> bool:
    return isinstance(error, ModelFailedError) and error.slug in RETRYABLE


def _pause(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    return max(_FULL_JITTER(state), getattr(error, "pause_s", 0.0))
