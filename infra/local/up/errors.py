"""The error of `make up`: one sentence for the person, no traceback."""


class CannotStartError(Exception):
    """The message is one line that says what is wrong and what to do."""
