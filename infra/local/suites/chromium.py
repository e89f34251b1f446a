"""Where the browser of the browser tests is."""

import shutil

from infra.local.suites.settings import SuiteSettings

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium() -> str | None:
    """`CHROMIUM_PATH` if it is a program, else the first on PATH."""
    given = SuiteSettings().chromium_path
    candidates = [str(given)] if given else _NAMES
    return next((found for name in candidates if (found := shutil.which(name))), None)
