"""Where this checkout lies, wherever it was cloned to."""

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
