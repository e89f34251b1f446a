"""Chat's use cases put together over the ports that it is given: the same in production and in its unit tests."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.chat.api.desk import Desk
from services.chat.calling import Calling
from services.chat.calls_queue import CallsQueue
from services.chat.cancelling import Cancelling
from services.chat.consumers import turns_handlers
from services.chat.conversations import ConversationDesk
from services.chat.ending import Ending
from services.chat.erasing import Erasing
from services.chat.following import Following
from services.chat.keeping import LeaseKeeper
from services.chat.live import LiveTurns
from services.chat.model_events import Models
from services.chat.paying import Paying
from services.chat.reading import Reading
from services.chat.resuming import Resuming
from services.chat.running import Running
from services.chat.seat_keeping import SeatKeeper
from services.chat.seating import Seating
from services.chat.settings import ChatSettings
from services.chat.speaking import Speaking
from services.chat.starting import Starting
from services.chat.summons import Summons
from services.chat.tables import Store
from services.chat.tables.messages import Bodies
from services.chat.taking import Taking
from services.chat.telling import Teller
from services.chat.titling import Titling
from services.chat.toolbox import Toolbox
from services.chat.watching import Watching
from shared.catalogue import Catalogue
from shared.clock import Clock
from shared.events.commands import CommandQueue
from shared.events.envelope import Envelope
from shared.ids import Ids

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient
    from types_aiobotocore_sqs import SQSClient


@dataclass(frozen=True)
class Ports:
    """What chat needs of the world. `ring` tells the relay what was committed."""

    dynamodb: "DynamoDBClient"
    sqs: "SQSClient"
    bodies: Bodies
    models: Models
    toolbox: Toolbox
    clock: Clock
    ids: Ids
    ring: Callable[[Sequence[Envelope]], None]


class Chat:
    """One process's use cases. Nothing runs yet; `keeper.run` must, while turns do."""

    def __init__(self, settings: ChatSettings, ports: Ports) -> None:
        clock, ids, sqs = ports.clock, ports.ids, ports.sqs
        self.clock = clock
        self.settings = settings
        self.catalogue = Catalogue.offered(settings.model_sources, settings.allowed_models)
        self.store = Store.of(ports.dynamodb, settings, bodies=ports.bodies, clock=clock, ring=ports.ring)
        self.teller = Teller(clock, ids)
        self.live = LiveTurns()
        self.keeper = LeaseKeeper(self.store.turns, clock, lease_s=settings.lease_s, poll_s=settings.cancel_poll_s)
        self.summons = Summons(CommandQueue(sqs, settings.turns_queue_url), clock, lease_s=settings.lease_s)
        self.paying = Paying(self.store, self.catalogue, self.teller, clock, ids)
        self.ending = Ending(self.store, self.teller, clock)
        self.titling = Titling(self.store, ports.models, self.paying, self.teller)
        calls = CallsQueue(CommandQueue(sqs, settings.calls_queue_url))
        self.calling = Calling(self.store, calls, self.summons, self.teller, clock, ids)
        self.running = Running(
            self.store,
            Speaking(ports.models, self.paying, settings, clock),
            self.ending,
            self.calling,
            self.summons,
            self.titling,
            self.keeper,
            self.live,
            self.catalogue,
            settings,
        )
        taking = Taking(self.store, self.paying, self.keeper)
        self.watching = Watching(
            self.store,
            self.summons,
            self.running,
            taking,
            Resuming(self.store, taking, self.paying, settings),
            self.calling,
            self.paying,
            self.ending,
            ports.toolbox,
            self.catalogue,
            settings,
            clock,
        )
        self.cancelling = Cancelling(self.store, self.keeper, self.watching, clock)
        self.erasing = Erasing(self.store, self.cancelling, clock)
        self.turns_handlers = turns_handlers(self.watching, self.erasing)
        self.conversations = ConversationDesk(self.store, self.summons, self.teller, clock, ids)
        self.reading = Reading(self.store)
        self.following = Following(self.store, self.live, clock)
        self.seats = SeatKeeper(self.store, clock, lease_s=settings.stream_lease_s)
        self.seating = Seating(self.store, self.seats, settings, clock)
        self.starting = Starting(
            self.store,
            self.summons,
            self.seating,
            self.paying,
            self.keeper,
            self.teller,
            ports.toolbox,
            self.catalogue,
            settings,
            clock,
            ids,
        )

    def desk(self) -> Desk:
        return Desk(
            conversations=self.conversations,
            reading=self.reading,
            starting=self.starting,
            seating=self.seating,
            seats=self.seats,
            running=self.running,
            following=self.following,
            cancelling=self.cancelling,
            catalogue=self.catalogue,
            settings=self.settings,
            clock=self.clock,
        )
