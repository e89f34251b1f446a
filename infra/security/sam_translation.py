"""Runs under `.venv-aws`: reads a template as JSON from stdin and writes SAM's translation of it to stdout."""

import json
import sys
from typing import Any

from samtranslator.translator.transform import transform  # type: ignore[import-not-found]

PLACE = "s3://packages/code.zip"


class NoManagedPolicies:
    """Our roles use no managed policies."""

    def load(self) -> dict[str, str]:
        return {}


def main() -> None:
    template: dict[str, Any] = json.load(sys.stdin)
    shared = template.get("Globals", {}).get("Function", {})
    for holder in (shared, *(each.get("Properties", {}) for each in template["Resources"].values())):
        if "CodeUri" in holder:
            holder["CodeUri"] = PLACE
    json.dump(transform(template, {}, NoManagedPolicies()), sys.stdout)


if __name__ == "__main__":
    main()
