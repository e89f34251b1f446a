"""Packages are rebuilt if their sources have changed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.packaging import build as building
from infra.packaging.target import Target

HERE = Target("x86_64", "3.13")


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Target]:
    """The targets of all builds, in a checkout with a few files."""
    for name in ("services/chat/app.py", "shared/schema.json", "locks/chat.txt", "LICENSE"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    found: list[Target] = []

    def build(target: Target) -> Iterator[Any]:
        found.append(target)
        yield None

    monkeypatch.setattr(building, "REPOSITORY", tmp_path)
    monkeypatch.setattr(building, "_STAMP", tmp_path / ".made-from")
    monkeypatch.setattr(building, "build", build)
    return found


def test_unchanged_sources_are_not_rebuilt(built: list[Target]) -> None:
    assert [building.build_if_changed(HERE) for _ in range(2)] == [True, False]
    assert built == [HERE]


@pytest.mark.parametrize("changed", ["services/chat/app.py", "shared/schema.json", "locks/chat.txt", "shared/new.py"])
def test_changed_sources_are_rebuilt(built: list[Target], tmp_path: Path, changed: str) -> None:
    building.build_if_changed(HERE)
    (tmp_path / changed).write_text("changed")
    assert building.build_if_changed(HERE)
    assert len(built) == 2


def test_another_target_is_built(built: list[Target]) -> None:
    building.build_if_changed(HERE)
    assert building.build_if_changed(Target("arm64", "3.13"))
    assert len(built) == 2


def test_a_failed_build_is_repeated(built: list[Target], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Target) -> Iterator[Any]:
        raise OSError
        yield

    with monkeypatch.context() as patched:
        patched.setattr(building, "build", broken)
        with pytest.raises(OSError):  # noqa: PT011 - that it is raised at all
            building.build_if_changed(HERE)
    assert building.build_if_changed(HERE)
    assert built == [HERE]
