"""Paths and modules in the documentation exist in the repository."""

import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[3]
PAGES: Final = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
PATH: Final = re.compile(r"`((?:services|shared|infra|tests|frontend|docs|locks)/[\w./-]+)`")
MODULE: Final = re.compile(r"`(?:[\w=… /-]* )?(?:\S*python -m )?((?:services|shared|infra|tests)(?:\.\w+)+)`")
MODULE_OF_CHAT: Final = re.compile(r"`((?:turns|context|stream|leases|domain|tables|adapters)/[\w/]+(?:\.py|/))`")
LINK: Final = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")


def modules_of(name: str) -> list[Path]:
    path = ROOT.joinpath(*name.split("."))
    return [path, path.with_suffix(".py"), path.parent.with_suffix(".py")]  # the last: a name within a module


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_paths_modules_and_links_of_a_page_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    missing = {path for path in PATH.findall(text) if not (ROOT / path).exists()}
    missing |= {name for name in MODULE.findall(text) if not any(path.exists() for path in modules_of(name))}
    if page.name == "architecture.md":  # its chapter about a turn names modules of chat in short
        missing |= {path for path in MODULE_OF_CHAT.findall(text) if not (ROOT / "services/chat" / path).exists()}
    missing |= {link for link in LINK.findall(text) if not (page.parent / link).exists()}
    assert {each for each in missing if not each.startswith(("frontend/dist", "frontend/node_modules"))} == set()
