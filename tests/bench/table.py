"""The cases, in the order in which they run."""

from typing import Any, Final

from tests.bench.cases import commit, first_token, history, startup, streams
from tests.trials.case import Case

CASES: Final[tuple[Case[Any], ...]] = (
    first_token.CASE,
    streams.FIFTY,
    streams.BURST,
    streams.TWO_HUNDRED,
    history.CASE,
    commit.CASE,
    startup.CASE,
)
