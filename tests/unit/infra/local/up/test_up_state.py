import stat
from pathlib import Path

import pytest

from infra.local.up import state as state_module
from infra.local.up.down import down, forget
from infra.local.up.errors import CannotStartError
from infra.local.up.state import State


@pytest.fixture
def state(tmp_path: Path) -> State:
    state = State(tmp_path / "state")
    state.prepare()
    return state


def test_secrets_are_created_once_and_readable_by_their_owner_only(state: State) -> None:
    secret = state.secret("cursor")
    assert len(secret) >= 32
    assert state.secret("cursor") == secret != state.secret("internal-token")
    assert stat.S_IMODE((state.folder / "secrets" / "cursor").stat().st_mode) == 0o600
    assert stat.S_IMODE((state.folder / "secrets").stat().st_mode) == 0o700


def test_a_folder_can_be_locked_by_one_system_only(state: State) -> None:
    with state.lock():
        assert state.is_locked()
        with pytest.raises(CannotStartError, match="make down"), state.lock():
            pass
    assert not state.is_locked()


def test_a_folder_with_other_files_is_neither_used_nor_deleted(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(CannotStartError, match="contains other files"):
        State(tmp_path).prepare()
    with pytest.raises(CannotStartError, match="nothing was deleted"):
        forget(State(tmp_path))
    assert (tmp_path / "thesis.txt").exists()


def test_forgetting_deletes_the_folder(state: State) -> None:
    state.secret("cursor")
    assert down(state) is False
    forget(state)
    assert not state.folder.exists()


def test_forgetting_a_missing_folder_raises_no_error(tmp_path: Path) -> None:
    nothing = State(tmp_path / "never")
    assert down(nothing) is False
    forget(nothing)


def test_a_full_disk_raises_an_error_before_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state_module, "_NEEDED_BYTES", 1 << 60)
    with pytest.raises(CannotStartError, match=r"full: \d+ MB free"):
        State(tmp_path / "state").prepare()


@pytest.mark.parametrize("half_written", ["", '{"pid": 1', None])
def test_an_incomplete_note_is_ignored(state: State, half_written: str | None) -> None:
    if half_written is not None:
        (state.run / "up.json").write_text(half_written)
    assert state.read_note("up") is None


def test_a_note_is_read_back(state: State) -> None:
    state.write_note("up", {"pid": 5})
    assert state.read_note("up") == {"pid": 5}
