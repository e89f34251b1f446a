"""How a set-up ends that cannot go on."""


class CannotSetUpError(Exception):
    """The message is one line that says what is missing and how to get it."""
