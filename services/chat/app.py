"""Chat: its only wiring, for both hosts and for unit tests, which give it ports in memory."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from services.chat.adapters.large_content import S3LargeContent
from services.chat.adapters.tool_catalog import AgentsToolCatalog, ToolCatalog
from services.chat.adapters.tool_queue import ToolQueue
from services.chat.adapters.turn_queue import TurnQueue
from services.chat.api import ROUTES
from services.chat.api.context import ChatContext
from services.chat.consumers import turn_handlers, watchdog_handlers
from services.chat.conversations.erase import ConversationErasure
from services.chat.conversations.service import ConversationService
from services.chat.events import ChatEvents
from services.chat.limits.concurrency import ConcurrencyLimits
from services.chat.limits.stream_leases import StreamLeases
from services.chat.llm.bedrock import BedrockModels
from services.chat.llm.metering import InvocationRecorder
from services.chat.llm.port import ModelPort
from services.chat.settings import ChatSettings
from services.chat.stream.broadcast import FrameBroadcast
from services.chat.stream.reader import FrameReader
from services.chat.tables import Store
from services.chat.tables.messages import LargeContent
from services.chat.turns.cancel import CancelTurn
from services.chat.turns.claim import TurnClaims
from services.chat.turns.finish import FinishTurn
from services.chat.turns.generation import Generation
from services.chat.turns.leases import LeaseRenewer
from services.chat.turns.resume import ResumeTurn
from services.chat.turns.runner import TurnRunner
from services.chat.turns.start import StartTurn
from services.chat.turns.supervisor import TurnSupervisor
from services.chat.turns.title import TitleGenerator
from services.chat.turns.tool_rounds import ToolCallDispatcher
from services.chat.turns.watchdog import Watchdog
from shared.aws.readiness import table_answers
from shared.catalogue import Catalogue
from shared.clock import Clock
from shared.events.commands import CommandQueue
from shared.host.runtime import Runtime
from shared.host.service_app import ConsumedQueue, ServiceApp
from shared.identity.internal_tokens import InternalTokens
from shared.ids import Ids
from shared.internal_client import InternalClient
from shared.internal_client.address import Address
from shared.persistence.unit_of_work import Notify

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient
    from types_aiobotocore_sqs import SQSClient

_MESSAGES_AT_ONCE: Final = 20
_VISIBILITY_S: Final = 8  # how soon another process gets the message that this one died with
_CHECKS_GRACE_S: Final = 5.0


@dataclass(frozen=True)
class Ports:
    """What chat needs of the world. `notify` tells the relay what was committed."""

    dynamodb: "DynamoDBClient"
    sqs: "SQSClient"
    bodies: LargeContent
    models: ModelPort
    toolbox: ToolCatalog
    clock: Clock
    ids: Ids
    notify: Notify


class Chat:
    """Everything of chat in one process, over the ports that it is given. Nothing runs until a host runs it."""

    def __init__(self, settings: ChatSettings, ports: Ports) -> None:
        clock, ids, sqs = ports.clock, ports.ids, ports.sqs
        self.clock = clock
        self.settings = settings
        self.catalogue = Catalogue.offered(settings.model_sources, settings.allowed_models)
        self.store = Store.from_settings(
            ports.dynamodb, settings, bodies=ports.bodies, clock=clock, notify=ports.notify
        )
        self.teller = ChatEvents(clock, ids)
        self.live = FrameBroadcast()
        self.keeper = LeaseRenewer(self.store.turns, clock, lease_s=settings.lease_s, poll_s=settings.cancel_poll_s)
        self.summons = TurnQueue(
            CommandQueue(sqs, settings.turns_queue_url),
            CommandQueue(sqs, settings.watchdogs_queue_url),
            clock,
            lease_s=settings.lease_s,
        )
        self.paying = InvocationRecorder(self.store, self.catalogue, self.teller, clock, ids)
        self.ending = FinishTurn(self.store, self.teller, clock)
        self.titling = TitleGenerator(self.store, ports.models, self.paying, self.teller)
        calls = ToolQueue(CommandQueue(sqs, settings.calls_queue_url))
        self.calling = ToolCallDispatcher(self.store, calls, self.summons, self.teller, clock, ids)
        self.running = TurnRunner(
            self.store,
            Generation(ports.models, self.paying, settings, clock),
            self.ending,
            self.calling,
            self.summons,
            self.titling,
            self.keeper,
            self.live,
            self.catalogue,
            settings,
        )
        self.watchdog = Watchdog(self.store, self.summons, self.calling, self.paying, settings, clock)
        taking = TurnClaims(self.store, self.paying, self.keeper)
        self.watching = TurnSupervisor(
            self.store,
            self.summons,
            self.running,
            taking,
            ResumeTurn(self.store, taking, self.paying, settings),
            self.calling,
            self.watchdog,
            self.ending,
            ports.toolbox,
            self.catalogue,
            settings,
        )
        self.cancelling = CancelTurn(self.store, self.keeper, self.watching, clock)
        self.erasing = ConversationErasure(self.store, self.cancelling, clock)
        self.conversations = ConversationService(self.store, self.summons, self.teller, clock, ids)
        self.following = FrameReader(self.store, self.live, clock)
        self.seats = StreamLeases(self.store, clock, lease_s=settings.stream_lease_s)
        self.seating = ConcurrencyLimits(self.store, self.seats, settings, clock)
        self.starting = StartTurn(
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

    def desk(self) -> ChatContext:
        return ChatContext(
            conversations=self.conversations,
            start_turn=self.starting,
            concurrency=self.seating,
            stream_leases=self.seats,
            runner=self.running,
            frame_reader=self.following,
            cancel_turn=self.cancelling,
            catalogue=self.catalogue,
            settings=self.settings,
            clock=self.clock,
        )

    def queues(self) -> list[ConsumedQueue]:
        settings = self.settings

        async def finish_turns(seconds: float) -> None:
            await self.running.finish_or_hand_over(max(0, seconds - settings.hand_over_s))

        return [
            ConsumedQueue.of(
                settings,
                "turns",
                turn_handlers(self.watching, self.erasing),
                concurrency=_MESSAGES_AT_ONCE,
                visibility_s=_VISIBILITY_S,
                grace_s=settings.drain_s + settings.hand_over_s,
                capacity=lambda: self.running.room,
                settles_on_lambda=True,
                finish_or_hand_over=finish_turns,
            ),
            ConsumedQueue.of(
                settings,
                "watchdogs",
                watchdog_handlers(self.watchdog),
                concurrency=_MESSAGES_AT_ONCE,
                visibility_s=_VISIBILITY_S,
                grace_s=_CHECKS_GRACE_S,
            ),
        ]


async def build(runtime: Runtime, settings: ChatSettings) -> ServiceApp:
    chat = Chat(settings, await _ports(runtime, settings))
    turn_log = table_answers(await runtime.aws.dynamodb(), settings.turn_log_table)
    return ServiceApp(
        routes=ROUTES,
        context=chat.desk(),
        queues=chat.queues(),
        checks={"turn_log": turn_log},
        background=[chat.keeper.run, chat.seats.run],
        drain=chat.running.drain,
    )


async def _ports(runtime: Runtime, settings: ChatSettings) -> Ports:
    aws, clock = runtime.aws, runtime.clock
    agents = InternalClient(
        "agents",
        await runtime.http_session(),
        Address(settings.agents_url, lambda: aws.client("ssm"), clock).find,
        InternalTokens("chat", settings.internal_token_secret, clock=clock),
        clock,
    )
    return Ports(
        dynamodb=await aws.dynamodb(),
        sqs=await aws.sqs(),
        bodies=S3LargeContent(await aws.s3(), settings.content_bucket),
        models=await BedrockModels.open(aws.bedrock_runtime, settings, clock),
        toolbox=AgentsToolCatalog(agents, clock),
        clock=clock,
        ids=runtime.ids,
        notify=runtime.notify,
    )
