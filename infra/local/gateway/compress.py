"""`python -m infra.local.gateway.compress <folder>`: leaves a gzip twin beside each file that shrinks by it.

Compressing once at build time costs the gateway nothing while it carries streams.
"""

import gzip
import sys
from pathlib import Path

_WORTH_IT = frozenset({".css", ".html", ".js", ".json", ".svg", ".txt", ".webmanifest", ".wasm"})
_SMALLEST_BYTES = 1024


def compress(folder: Path) -> int:
    """Number of twins written. A twin that its file has outlived or outgrown is replaced."""
    written = 0
    for file in sorted(folder.rglob("*")):
        if file.suffix not in _WORTH_IT or not file.is_file() or file.stat().st_size < _SMALLEST_BYTES:
            continue
        file.with_name(f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes(), mtime=0))
        written += 1
    return written


if __name__ == "__main__":
    compress(Path(sys.argv[1]))
