"""The catalogue of models. To add a model, add an entry to the file of its provider in `models/`."""

from shared.catalogue.areas import Area, area_of
from shared.catalogue.capabilities import Capabilities, EffortLevel, Thinking
from shared.catalogue.model import Limits, Model, Source
from shared.catalogue.offer import Catalogue, UnknownModelError
from shared.catalogue.prices import Prices, Tier, Usage

__all__ = [
    "Area",
    "Capabilities",
    "Catalogue",
    "EffortLevel",
    "Limits",
    "Model",
    "Prices",
    "Source",
    "Thinking",
    "Tier",
    "UnknownModelError",
    "Usage",
    "area_of",
]
