"""`python -m infra.docs.events.generate` writes the schemas, the AsyncAPI document and the page of the catalogue.

It refuses (exit code 1) to replace a published schema by one that breaks its readers. Schemas of earlier versions
are kept.
"""

import json
import sys
from pathlib import Path
from typing import Final

from infra.docs.events.asyncapi import asyncapi
from infra.docs.events.page import page
from infra.docs.events.schemas import breaking_changes, schemas

_ASYNCAPI: Final = "asyncapi.json"
DOCS: Final = Path(__file__).parents[3] / "docs"


def documents() -> dict[str, str]:
    """Every generated file, by its path below `docs/`."""
    machine = {f"events/{name}": schema for name, schema in schemas().items()} | {f"events/{_ASYNCAPI}": asyncapi()}
    return {name: json.dumps(content, indent=2, ensure_ascii=False) + "\n" for name, content in machine.items()} | {
        "events.md": page()
    }


def breaks(docs: Path) -> list[str]:
    """`file: what changed` for each published schema that the catalogue breaks."""
    current = schemas()
    types = {name.partition(".v")[0] for name in current}
    found = []
    for path in sorted((docs / "events").glob("*.json")):
        if path.name in current:
            published = json.loads(path.read_text(encoding="utf-8"))
            found += [f"{path.name}: {change}" for change in breaking_changes(published, current[path.name])]
        elif path.name != _ASYNCAPI and path.name.partition(".v")[0] not in types:
            found.append(f"{path.name}: no version of the event is published any more")
    return found


def write(docs: Path) -> None:
    for name, text in documents().items():
        path = docs / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def main(docs: Path = DOCS) -> int:
    if broken := breaks(docs):
        sys.stderr.write("\n".join([*broken, "Readers would break: give the event a new version.", ""]))
        return 1
    write(docs)
    return 0


if __name__ == "__main__":
    sys.exit(main())
