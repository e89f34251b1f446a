"""Reads the catalogue's files: `models/index.json` and one file for each provider.

A model has the capabilities of its `family`, which may extend others, and its own on top. Groups of capabilities are
combined field by field: what an entry says of `thinking` replaces only the fields that it names.
"""

import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from shared.catalogue import models as files
from shared.catalogue.capabilities import Entry
from shared.catalogue.model import Model


class CatalogueData(Entry):
    """All models, in the order in which they are offered. `price_version` is the date of the price list."""

    price_version: str
    models: tuple[Model, ...]

    @property
    def priced_on(self) -> date:
        return date.fromisoformat(self.price_version)


@cache
def catalogue_data() -> CatalogueData:
    """Raises ValidationError, or KeyError for a family that does not exist, when a file has a mistake."""
    index = _read("index")
    providers = [_read(name) for name in index["files"]]
    families = dict(index["families"])
    for provider in providers:
        families |= provider.get("families", {})
    models = [_entry(provider, given, families) for provider in providers for given in provider["models"]]
    return CatalogueData.model_validate({"price_version": index["price_version"], "models": models})


def _read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(resources.files(files).joinpath(f"{name}.json").read_bytes())
    return found


def _entry(provider: Mapping[str, Any], given: Mapping[str, Any], families: Mapping[str, Any]) -> dict[str, Any]:
    entry = {"provider": provider["provider"], "source": provider["source"], **given}
    family = _of_family(entry.pop("family"), families) if "family" in entry else {}
    entry["capabilities"] = _combined(family, entry.get("capabilities", {}))
    return entry


def _of_family(name: str, families: Mapping[str, Any]) -> Mapping[str, Any]:
    own = dict(families[name])
    found: Mapping[str, Any] = {}
    for extended in own.pop("extends", ()):
        found = _combined(found, _of_family(extended, families))
    return _combined(found, own)


def _combined(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """`own` on top of `base`. `sampling` is replaced as a whole, because it lists what the model knows."""
    combined = dict(base)
    for group, value in own.items():
        is_group = group != "sampling" and isinstance(value, dict) and isinstance(base.get(group), dict)
        combined[group] = {**base[group], **value} if is_group else value
    return combined
