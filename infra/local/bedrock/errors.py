"""Bedrock's errors: one exception class, and a constructor for each common meaning."""

TOO_LONG = "Input is too long for requested model."

STATUS = {
    "AccessDeniedException": 403,
    "InternalServerException": 500,
    "ModelErrorException": 424,
    "ModelNotReadyException": 429,
    "ModelTimeoutException": 408,
    "ResourceNotFoundException": 404,
    "ServiceUnavailableException": 503,
    "ThrottlingException": 429,
    "ValidationException": 400,
}


class BedrockError(Exception):
    """`kind` is a key of STATUS; `message` is sent to the caller."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(kind, message)
        self.kind = kind
        self.message = message

    @property
    def status(self) -> int:
        return STATUS[self.kind]


def invalid(message: str) -> BedrockError:
    return BedrockError("ValidationException", message)


def too_long() -> BedrockError:
    return invalid(TOO_LONG)


def too_long_to_count(tokens: int, most: int) -> BedrockError:
    """CountTokens has its own words for a prompt that is too long: https://github.com/boto/botocore/issues/3707."""
    return invalid(f"prompt is too long: {tokens} tokens > {most} maximum")


def cannot_count() -> BedrockError:
    """The model has no CountTokens, or it was called through an inference profile."""
    return invalid("The provided model doesn't support counting tokens.")


def unknown_model() -> BedrockError:
    return invalid("The provided model identifier is invalid.")
