"""Saves the changes of the state, in steps that run between two requests of the event loop.

ministack itself saves on a clean stop only, and copies everything then (1.4 s for 40,000 items). Here the documents of
the small services are compared with those written last, and DynamoDB's items are tracked one by one. So the pause
depends on the amount of changes, not on the amount of data.
"""

import asyncio
import json
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from infra.local.aws.state.items import ItemChanges
from infra.local.aws.state.store import Changes, StateStore
from infra.local.aws.tuning import freeze_survivors

log = logging.getLogger("snapshots")
LONG_PAUSE_MS = 100


class UnreadableStateError(Exception):
    """The state file is damaged, or from another version."""


class Snapshots:
    def __init__(self, store: StateStore) -> None:
        self._store = store
        self._written: dict[str, str] = {}
        self._items = ItemChanges(store)

    def replace_persistence(self) -> None:
        """Call before any other module of ministack is imported, because they import these functions by name."""
        from ministack.core import persistence

        persistence.load_state = self._document
        persistence.save_all = lambda _services: None  # the launcher takes the last snapshot, after the last request

    def load(self) -> None:
        """Load the saved state into every service. Raises UnreadableStateError if any part cannot be read.

        ministack's own loader would start with an empty service instead, and then overwrite the saved state.
        """
        from ministack import app

        self._items.track()
        for service, module in app._state_map.items():
            try:
                state = self._document(service)
                if state:
                    app._get_module(module).load_persisted_state(state)
            except Exception as failure:
                raise UnreadableStateError(f"the saved state of {service} cannot be read: {failure}") from failure
        app._load_persisted_state = lambda: None

    def _document(self, service: str) -> Any:
        from ministack.core.persistence import _json_object_hook

        body = self._store.document(service)
        return None if body is None else json.loads(body, object_hook=_json_object_hook)

    async def take_periodically(self, every_s: float, stop: asyncio.Event) -> None:
        """Take snapshots until `stop`. Do not cancel it: its thread would go on writing, parallel to the next one."""
        while not stop.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), every_s)
            await self.take()

    async def take(self) -> None:
        """Collect the changes on the event loop, where no request is half processed, and write them in a thread."""
        started = time.perf_counter()
        changes = Changes(self._changed_documents(), *self._items.take())
        if changes.items:
            freeze_survivors()
        pause_ms = (time.perf_counter() - started) * 1000
        figures = (pause_ms, len(changes.items), ",".join(changes.documents))
        if pause_ms > LONG_PAUSE_MS:
            log.warning("snapshot.taken pause_ms=%.1f items=%d documents=%s", *figures)
        else:
            log.info("snapshot.taken pause_ms=%.1f items=%d documents=%s", *figures)
        if changes:
            await asyncio.to_thread(self._store.commit, changes)
            self._written.update(changes.documents)

    def _changed_documents(self) -> dict[str, str]:
        from ministack.app import _build_persistence_save_dict

        services: dict[str, Callable[[], Any]] = _build_persistence_save_dict()
        bodies = {name: self._body(name, get_state) for name, get_state in services.items()}
        return {name: body for name, body in bodies.items() if body and body != self._written.get(name)}

    def _body(self, service: str, get_state: Callable[[], Any]) -> str | None:
        from ministack.core.persistence import _json_default

        try:
            state = get_state()
        except RuntimeError as changed_meanwhile:  # by a worker thread; the next snapshot includes it
            log.info("snapshot.service_skipped service=%s error=%s", service, changed_meanwhile)
            return None
        return None if state is None else json.dumps(state, default=_json_default)
