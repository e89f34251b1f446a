import gzip
from pathlib import Path

from infra.local.gateway.compress import compress


def test_large_text_files_are_compressed_but_not_images_and_tiny_files(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    script = tmp_path / "assets" / "app-1a2b.js"
    script.write_text("let a = 1;" * 500)
    (tmp_path / "logo.png").write_bytes(b"\x89PNG" * 900)
    (tmp_path / "tiny.css").write_text("a{}")

    assert compress(tmp_path) == 1
    assert gzip.decompress((tmp_path / "assets" / "app-1a2b.js.gz").read_bytes()) == script.read_bytes()


def test_compressing_again_replaces_the_compressed_file(tmp_path: Path) -> None:
    page = tmp_path / "index.html"
    page.write_text("old" * 1000)
    compress(tmp_path)
    page.write_text("new" * 1000)
    compress(tmp_path)
    assert gzip.decompress((tmp_path / "index.html.gz").read_bytes()).startswith(b"new")
    assert not (tmp_path / "index.html.gz.gz").exists()
