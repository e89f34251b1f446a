import gzip
from pathlib import Path

from infra.setup import frontend
from infra.setup.frontend import compress

# Stands in for vite: writes a large page into the folder that it is told.
_VITE = """#!/bin/sh
for word; do case "$word" in --outDir=*) folder="${word#--outDir=}";; esac; done
/bin/mkdir -p "$folder"
for line in 1 2 3 4 5 6 7 8 9; do printf '%0200d' "$line"; done > "$folder/index.html"
"""


def test_text_gets_a_twin_and_pictures_and_crumbs_do_not(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    script = tmp_path / "assets" / "app-1a2b.js"
    script.write_text("let a = 1;" * 500)
    (tmp_path / "logo.png").write_bytes(b"\x89PNG" * 900)
    (tmp_path / "tiny.css").write_text("a{}")

    assert compress(tmp_path) == 1
    assert gzip.decompress((tmp_path / "assets" / "app-1a2b.js.gz").read_bytes()) == script.read_bytes()


def test_a_second_build_replaces_the_twin(tmp_path: Path) -> None:
    page = tmp_path / "index.html"
    page.write_text("old" * 1000)
    compress(tmp_path)
    page.write_text("new" * 1000)
    compress(tmp_path)
    assert gzip.decompress((tmp_path / "index.html.gz").read_bytes()).startswith(b"new")
    assert not (tmp_path / "index.html.gz.gz").exists()


def test_a_build_is_compressed_before_it_takes_the_place_of_the_last_one(tmp_path: Path) -> None:
    dist = tmp_path / "frontend" / "dist"
    dist.mkdir(parents=True)
    (dist / "old.html").write_text("old")
    (tmp_path / "bin").mkdir()
    vite = tmp_path / "bin" / "npx"
    vite.write_text(_VITE)
    vite.chmod(0o755)

    frontend.build(tmp_path, {"PATH": str(vite.parent)})
    assert {file.name for file in dist.iterdir()} == {".made-from", "index.html", "index.html.gz"}
    assert frontend.is_built(tmp_path)
