"""The catalogue, limited to the models that a deployment offers today."""

from collections.abc import Collection, Iterable, Iterator
from datetime import UTC
from typing import Self

from shared.catalogue.data import catalogue_data
from shared.catalogue.model import Model, Source
from shared.clock import Clock, SystemClock


class UnknownModelError(Exception):
    """No such model, or this deployment does not offer it."""

    def __init__(self, model_id: str) -> None:
        super().__init__(f"no model {model_id!r} is offered")
        self.model_id = model_id


class Catalogue:
    """Models by id, in the order in which they are offered. `known`: all models that have a price.

    A model that has ended is not offered from that day on, also in a process that began before.
    """

    def __init__(
        self, models: Iterable[Model], price_version: str, known: Iterable[Model] = (), clock: Clock | None = None
    ) -> None:
        self._models = {model.id: model for model in models}
        self._known = {model.id: model for model in known} | self._models
        self._clock = clock or SystemClock()
        self.price_version = price_version

    @classmethod
    def offered(cls, sources: Collection[Source], allowed: Collection[str] = (), clock: Clock | None = None) -> Self:
        """The models of these sources that the allow-list names; an empty allow-list allows all of them.

        Raises UnknownModelError when the allow-list names a model that is not in the catalogue, so that a typo does not
        silently change what people may use. It may name a model that has ended.
        """
        data = catalogue_data()
        known = {model.id for model in data.models}
        for model_id in allowed:
            if model_id not in known:
                raise UnknownModelError(model_id)
        models = (m for m in data.models if m.source in sources and (not allowed or m.id in allowed))
        return cls(models, data.price_version, data.models, clock)

    def __iter__(self) -> Iterator[Model]:
        today = self._clock.now().astimezone(UTC).date()
        return (model for model in self._models.values() if not model.has_ended(today))

    def __contains__(self, model_id: str) -> bool:
        return self.find(model_id) is not None

    def get(self, model_id: str) -> Model:
        """The model. Raises UnknownModelError for one that is not offered; this is how the allow-list is enforced."""
        if (model := self.find(model_id)) is None:
            raise UnknownModelError(model_id)
        return model

    def find(self, model_id: str) -> Model | None:
        """The model, or None if it is not offered."""
        model = self._models.get(model_id)
        if model is None or model.has_ended(self._clock.now().astimezone(UTC).date()):
            return None
        return model

    def priced(self, model_id: str) -> Model:
        """The model, offered or not: calls from the time when it was offered still have to be priced.

        Raises UnknownModelError.
        """
        try:
            return self._known[model_id]
        except KeyError:
            raise UnknownModelError(model_id) from None
