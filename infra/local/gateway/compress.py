"""`python -m infra.local.gateway.compress <folder>` writes a `.gz` file beside each file that is worth compressing.

This happens once, at build time, so that the gateway needs no processor time for it while it forwards streams.
"""

import gzip
import sys
from pathlib import Path

_WORTH_IT = frozenset({".css", ".html", ".js", ".json", ".svg", ".txt", ".webmanifest", ".wasm"})
_SMALLEST_BYTES = 1024


def compress(folder: Path) -> int:
    """Returns the number of files written. An outdated `.gz` file is replaced."""
    written = 0
    for file in sorted(folder.rglob("*")):
        if file.suffix not in _WORTH_IT or not file.is_file() or file.stat().st_size < _SMALLEST_BYTES:
            continue
        file.with_name(f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes(), mtime=0))
        written += 1
    return written


if __name__ == "__main__":
    compress(Path(sys.argv[1]))
