"""The five services. They never import one another."""

import sys

# structlog imports rich where it is installed, to colour a terminal's tracebacks; our lines are JSON. Tools of
# development bring it, a packaged service has none: so none comes here either, which saves some 50 ms and 6 MB.
if "rich" not in sys.modules:
    sys.modules["rich"] = None  # type: ignore[assignment] # Python's way to say that a module is not to be found
    import structlog  # noqa: F401

    del sys.modules["rich"]
