"""The registry of problem kinds. A slug may be added, never renamed.

The HTTP status of each is in `shared/http/problems/statuses.py`.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """`explanation` is for people who follow the link; `retry_after_s`: the default wait before a retry."""

    slug: str
    title: str
    explanation: str
    retryable: bool = False
    retry_after_s: int | None = None


_ALL: Final = (
    # The request itself
    ProblemKind("malformed-request", "The request cannot be read",
        "The address, a header or the body breaks the rules of HTTP or is not UTF-8. Check how the request is built."),
    ProblemKind("malformed-json", "The body is not JSON",
        "The body must be one JSON document in UTF-8: no repeated keys in an object, no NaN or Infinity, and no more "
        "than 64 levels of nesting."),
    ProblemKind("invalid-cursor", "The cursor is not valid here",
        "A cursor belongs to one caller and one list, and must be given back unchanged. Start again without it."),
    ProblemKind("idempotency-key-missing", "An Idempotency-Key is required",
        "This operation must not happen twice by accident. Send a header Idempotency-Key with a value of your own "
        "(at most 128 characters), and the same value again when you repeat the request."),
    ProblemKind("request-timeout", "The request took too long to arrive",
        "The body did not arrive in time. Send it again, on a better connection.", retryable=True),
    ProblemKind("payload-too-large", "The body is too large",
        "The body is larger than this operation accepts. Shorten it, or upload large content as an attachment."),
    ProblemKind("unsupported-media-type", "The body has the wrong media type",
        "Send the body as application/json, in UTF-8 and without a Content-Encoding."),
    ProblemKind("invalid-request", "The request is not valid",
        "The request was understood, but some of its values are not acceptable. The member 'errors' points to each: "
        "'#/…' into the body, '?…' to a query parameter, otherwise the name of a header."),
    # Who asks
    ProblemKind("unauthenticated", "Sign in first",
        "The request carries no valid token. Send 'Authorization: Bearer' with a current ID token; tokens live for "
        "some minutes only, so get a new one with your refresh token, or sign in again."),
    ProblemKind("forbidden", "You may not do this",
        "You are signed in, but this needs a group that you are not in. Ask an administrator."),
    ProblemKind("model-not-allowed", "This model may not be used",
        "The model exists, but this installation or your groups do not allow it. Choose one that the list of models "
        "offers."),
    # What is asked for
    ProblemKind("not-found", "There is nothing here",
        "Nothing is at this address, or you may not see it; the answer is the same for both."),
    ProblemKind("model-not-found", "There is no such model",
        "The catalogue has no model with this id. Choose one that the list of models offers."),
    ProblemKind("tool-not-found", "There is no such tool",
        "No tool has this name. Choose among those that the list of tools offers."),
    ProblemKind("model-without-tools", "This model calls no tools",
        "Ask without tools, or choose a model whose capabilities include them."),
    ProblemKind("method-not-allowed", "This method does not work here",
        "The address exists, but not with this method. The header Allow names those that work."),
    ProblemKind("stream-expired", "The stream is no longer kept",
        "Streams can be followed for seven days. The finished message is still in its conversation: read it there."),
    # The state of things
    ProblemKind("conflict", "Something else was faster",
        "The thing has changed, or is in a state that does not allow this. Read it again and decide anew.",
        retryable=True),
    ProblemKind("idempotency-key-reused", "The Idempotency-Key was used for another request",
        "The same key came before with another body. Use a new key for each new request; use the old one only to "
        "repeat a request unchanged."),
    ProblemKind("limit-reached", "You have as many as one may have",
        "This installation lets one person, or one thing, have only so many of these. Delete one that you no longer "
        "need."),
    ProblemKind("turn-in-progress", "An answer is still being written",
        "One cannot write under a message that is not finished. Wait for the end of the answer, or stop it.",
        retryable=True),
    ProblemKind("precondition-failed", "Your copy is out of date",
        "The thing has changed since you read it (If-Match and its ETag differ). Read it again and repeat the change."),
    ProblemKind("precondition-required", "Say which version you are changing",
        "Others may change this too. Read it, and send its ETag back in the header If-Match."),
    ProblemKind("context-too-long", "The conversation is too long for this model",
        "The messages together are more than the model can read. Shorten them, start anew, or choose a model with a "
        "larger context."),
    # How much
    ProblemKind("rate-limited", "Too many requests",
        "You sent more requests than one caller may in this time. Wait as long as Retry-After says.",
        retryable=True, retry_after_s=1),
    ProblemKind("too-many-turns", "Too many answers at once",
        "As many answers as one person may have are being written. Wait until one has ended, or stop one.",
        retryable=True, retry_after_s=5),
    ProblemKind("too-many-streams", "Too many open streams",
        "As many streams as one person may have are open. Close one: each tab that follows an answer holds one.",
        retryable=True, retry_after_s=5),
    # The model
    ProblemKind("model-throttled", "The model is busy",
        "The model's provider has no room for this request now. Your message is kept: try again in a moment.",
        retryable=True, retry_after_s=10),
    ProblemKind("model-unavailable", "The model does not answer",
        "The model's provider cannot be reached or reports a fault. Your message is kept: try again, or choose "
        "another model.", retryable=True, retry_after_s=10),
    ProblemKind("model-access-denied", "This installation has no access to the model",
        "The provider refuses the installation's own credentials for this model. An administrator has to grant access; "
        "until then choose another model."),
    ProblemKind("model-refused-request", "The model refused the request",
        "The provider found the request not valid for this model. Another model may take it; if it happens again, "
        "report it with the request id."),
    ProblemKind("model-stream-broken", "The answer broke off",
        "The connection to the model broke, or what came was not readable. What was said is kept: try again.",
        retryable=True),
    ProblemKind("model-silent", "The model fell silent",
        "The model began, or should have begun, and then said nothing for too long. What was said is kept: try again.",
        retryable=True),
    ProblemKind("empty-answer", "The model said nothing",
        "The model ended its answer without a visible word. Try again, ask in other words, or choose another model.",
        retryable=True),
    ProblemKind("turn-abandoned", "The answer was lost on the way",
        "The processes that wrote the answer ended, one after the other, before it was complete. Your message is kept: "
        "try again.",
        retryable=True, retry_after_s=1),
    ProblemKind("tools-unavailable", "The tools do not answer",
        "The service that knows the tools cannot be reached. Try again, or ask without tools.",
        retryable=True, retry_after_s=5),
    ProblemKind("tool-rounds-exceeded", "The model called tools over and over",
        "An answer may stop for its tools only so many times. What was said is kept: ask for less at once."),
    ProblemKind("turn-timed-out", "The answer took too long",
        "An answer has ten minutes. What was said is kept: try again, or ask for less at once.", retryable=True),
    # Ourselves
    ProblemKind("internal-error", "Something went wrong here",
        "A fault of ours. It has been logged with the request id in 'instance': name it when you report it.",
        retryable=True),
    ProblemKind("service-unavailable", "Not available right now",
        "A part that this needs does not answer at the moment. Try again as Retry-After says.",
        retryable=True, retry_after_s=5),
)  # fmt: skip

KINDS: Final = {kind.slug: kind for kind in _ALL}
