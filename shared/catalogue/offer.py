"""The catalogue, limited to the models that a deployment offers."""

from collections.abc import Collection, Iterable, Iterator
from functools import cache
from importlib import resources
from typing import Self

from pydantic import BaseModel

from shared.catalogue.model import Model, Source


class UnknownModelError(Exception):
    """No such model, or this deployment does not offer it."""

    def __init__(self, model_id: str) -> None:
        super().__init__(f"no model {model_id!r} is offered")
        self.model_id = model_id


class _Data(BaseModel):
    price_version: str
    currency: str
    models: tuple[Model, ...]


@cache
def _data() -> _Data:
    return _Data.model_validate_json(resources.files(__package__).joinpath("models.json").read_bytes())


class Catalogue:
    """Models by id, in the order in which they are offered. `known`: all models that have a price."""

    def __init__(self, models: Iterable[Model], price_version: str, known: Iterable[Model] = ()) -> None:
        self._models = {model.id: model for model in models}
        self._known = {model.id: model for model in known} | self._models
        self.price_version = price_version

    @classmethod
    def offered(cls, sources: Collection[Source], allowed: Collection[str] = ()) -> Self:
        """The models of these sources that the allow-list names; an empty allow-list allows all of them.

        Raises UnknownModelError when the allow-list names a model that is not in the catalogue, so that a typo does not
        silently change what people may use.
        """
        data = _data()
        known = {model.id for model in data.models}
        for model_id in allowed:
            if model_id not in known:
                raise UnknownModelError(model_id)
        models = (m for m in data.models if m.source in sources and (not allowed or m.id in allowed))
        return cls(models, data.price_version, data.models)

    def __iter__(self) -> Iterator[Model]:
        return iter(self._models.values())

    def __contains__(self, model_id: str) -> bool:
        return model_id in self._models

    def get(self, model_id: str) -> Model:
        """The model. Raises UnknownModelError for one that is not offered; this is how the allow-list is enforced."""
        try:
            return self._models[model_id]
        except KeyError:
            raise UnknownModelError(model_id) from None

    def find(self, model_id: str) -> Model | None:
        """The model, or None if it is not offered."""
        return self._models.get(model_id)

    def priced(self, model_id: str) -> Model:
        """The model, offered or not: calls from the time when it was offered still have to be priced.

        Raises UnknownModelError.
        """
        try:
            return self._known[model_id]
        except KeyError:
            raise UnknownModelError(model_id) from None
