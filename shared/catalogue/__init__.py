"""The catalogue of models. To add a model, add an entry to `models.json`."""

from shared.catalogue.model import Capabilities, Limits, Model, Prices, Source, Usage
from shared.catalogue.offer import Catalogue, UnknownModelError

__all__ = ["Capabilities", "Catalogue", "Limits", "Model", "Prices", "Source", "UnknownModelError", "Usage"]
