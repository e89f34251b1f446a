"""The error of `make up`, which is printed as one line without a traceback."""


class CannotStartError(Exception):
    """The message is one line that says what is wrong and what to do."""
