from pathlib import Path

from infra.setup import stamps


def test_a_step_is_current_until_the_content_changes(tmp_path: Path) -> None:
    source, stamp = tmp_path / "lock.txt", tmp_path / "stamp"
    source.write_text("a==1")
    stamps.set_current(stamp, stamps.digest([source]))
    assert stamps.is_current(stamp, stamps.digest([source]))
    source.touch()
    assert stamps.is_current(stamp, stamps.digest([source]))
    source.write_text("a==2")
    assert not stamps.is_current(stamp, stamps.digest([source]))


def test_a_removed_or_renamed_file_changes_the_digest(tmp_path: Path) -> None:
    one, two = tmp_path / "1", tmp_path / "2"
    one.write_text("x")
    before = stamps.digest([one])
    one.rename(two)
    assert len({before, stamps.digest([one]), stamps.digest([two]), stamps.digest([one, two])}) == 4


def test_a_step_without_a_stamp_is_not_current(tmp_path: Path) -> None:
    assert not stamps.is_current(tmp_path / "nothing", "x")
