"""The catalogue as one deployment offers it."""

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
    """Models by id, in the order in which they are offered; `known` are those that have a price."""

    def __init__(self, models: Iterable[Model], price_version: str, known: Iterable[Model] = ()) -> None:
        self._models = {model.id: model for model in models}
        self._known = {model.id: model for model in known} | self._models
        self.price_version = price_version

    @classmethod
    def offered(cls, sources: Collection[Source], allowed: Collection[str] = ()) -> Self:
        """What these sources serve, cut to the allow-list; an empty allow-list allows all of it.

        Raises UnknownModelError when the allow-list names a model that nobody knows: a typo must not widen or narrow
        what people may use in silence.
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
        """The model, or UnknownModelError: the allow-list is enforced by whoever asks here before a call."""
        try:
            return self._models[model_id]
        except KeyError:
            raise UnknownModelError(model_id) from None

    def priced(self, model_id: str) -> Model:
        """The model, offered or not: what was asked of it while it was has to be paid for. Raises UnknownModelError."""
        try:
            return self._known[model_id]
        except KeyError:
            raise UnknownModelError(model_id) from None
