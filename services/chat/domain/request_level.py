"""The level of a request: when a provider refuses a request, the next request for the same turn has less in it.

| refused as | the request was | the next one is |
|---|---|---|
| too long | whole, or plain | shorter; alone after plain |
| too long | shorter | alone |
| not valid | whole, or shorter | plain |
| not valid | plain | alone |
| either | alone | none: the turn fails, and its question is left out of later requests |

`shorter`: older messages are left out. `plain`: only text, no tools and no reasoning. `alone`: only the question. The
level that worked is kept with the turn and its answer, so that the next turn does not begin with a refusal.
"""

from typing import Final, Literal

Narrowed = Literal["shorter", "plain", "alone"]
TOO_LONG: Final = "context-too-long"
NOT_VALID: Final = "model-refused-request"
REFUSALS: Final = frozenset({TOO_LONG, NOT_VALID})
"""Problems of a model that refused the request itself, so that the same request would be refused again."""

_NEXT: Final[dict[tuple[str, Narrowed | None], Narrowed]] = {
    (TOO_LONG, None): "shorter",
    (TOO_LONG, "shorter"): "alone",
    (TOO_LONG, "plain"): "alone",
    (NOT_VALID, None): "plain",
    (NOT_VALID, "shorter"): "plain",
    (NOT_VALID, "plain"): "alone",
}


def narrower(slug: str, narrowed: Narrowed | None) -> Narrowed | None:
    """The next narrower level after a refusal with the problem `slug`; None when nothing is left to leave out."""
    return _NEXT.get((slug, narrowed))
