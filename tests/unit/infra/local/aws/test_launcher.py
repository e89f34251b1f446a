"""The patches use private names of ministack, so they fit one version only."""

from pathlib import Path

import pytest

from infra.local.aws import launcher


def test_the_locked_version_is_that_of_the_patches() -> None:
    lock = Path(__file__).parents[5] / "locks/embedded-aws.txt"
    assert f"ministack=={launcher.PINNED_VERSION} " in lock.read_text().replace("ministack[full]", "ministack")


def test_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launcher, "version", lambda _: "9.9.9")
    with pytest.raises(RuntimeError, match=r"ministack 1\.5\.33, but 9\.9\.9 is installed"):
        launcher.require_pinned_version()
    monkeypatch.setattr(launcher, "version", lambda _: launcher.PINNED_VERSION)
    launcher.require_pinned_version()
