"""The wiring of chat, for both hosts and for unit tests, which pass in-memory ports."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from services.chat.adapters.large_content import S3LargeContent
from services.chat.adapters.tool_catalog import AgentsToolCatalog, ToolCatalog
from services.chat.adapters.tool_queue import ToolQueue
from services.chat.adapters.turn_queue import TurnQueue
from services.chat.api import ROUTES
from services.chat.api.context import ChatContext
from services.chat.consumers import turn_handlers, watchdog_handlers
from services.chat.context.builder import ContextBuilder
from services.chat.context.stages import all_stages
from services.chat.conversations.erase import ConversationErasure
from services.chat.conversations.service import ConversationService
from services.chat.events import ChatEvents
from services.chat.leases.claim import TurnClaims
from services.chat.leases.fence import AttemptFence
from services.chat.leases.renewer import LeaseRenewer
from services.chat.limits.concurrency import ConcurrencyLimits
from services.chat.limits.stream_leases import StreamLeases
from services.chat.settings import ChatSettings
from services.chat.stream.broadcast import FrameBroadcast
from services.chat.stream.reader import FrameReader
from services.chat.tables import Store
from services.chat.tables.messages import LargeContent
from services.chat.turns.cancel import CancelTurn
from services.chat.turns.finish import FinishTurn
from services.chat.turns.generation import Generation
from services.chat.turns.runner import TurnRunner
from services.chat.turns.start import StartTurn
from services.chat.turns.supervisor import TurnSupervisor
from services.chat.turns.tasks import TurnTasks
from services.chat.turns.title import Titles
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
from shared.llm.bedrock.models import BedrockModels
from shared.llm.metering import InvocationRecorder
from shared.llm.port import ModelPort
from shared.persistence.unit_of_work import Notify

if TYPE_CHECKING:
    from types_aiobotocore_dynamodb import DynamoDBClient
    from types_aiobotocore_sqs import SQSClient

_MESSAGES_AT_ONCE: Final = 20
_VISIBILITY_S: Final = 8  # when a process dies, another one receives its messages after this time
_CHECKS_GRACE_S: Final = 5.0


@dataclass(frozen=True)
class Ports:
    """What chat needs from outside. `notify` passes committed events to the relay."""

    dynamodb: "DynamoDBClient"
    sqs: "SQSClient"
    large_content: LargeContent
    models: ModelPort
    tool_catalog: ToolCatalog
    clock: Clock
    ids: Ids
    notify: Notify


class ChatComponents:
    """All components of chat in one process, over the given ports. Nothing runs until a host runs it."""

    def __init__(self, settings: ChatSettings, ports: Ports) -> None:
        clock, ids, sqs = ports.clock, ports.ids, ports.sqs
        self.clock = clock
        self.settings = settings
        self.catalogue = Catalogue.offered(settings.model_sources, settings.allowed_models, clock)
        self.store = Store.from_settings(
            ports.dynamodb, settings, bodies=ports.large_content, clock=clock, notify=ports.notify
        )
        self.events = ChatEvents(clock, ids)
        self.broadcast = FrameBroadcast()
        self.leases = LeaseRenewer(self.store.turns, clock, lease_s=settings.lease_s, poll_s=settings.cancel_poll_s)
        self.turn_queue = TurnQueue(
            CommandQueue(sqs, settings.turns_queue_url),
            CommandQueue(sqs, settings.watchdogs_queue_url),
            clock,
            lease_s=settings.lease_s,
        )
        self.metering = InvocationRecorder(
            self.store.invocations, self.store.begin, self.events.model_invoked, self.catalogue, clock, ids
        )
        self.finish_turn = FinishTurn(self.store, self.events, clock)
        self.tasks = TurnTasks(settings.turns_at_once)
        self.titles = Titles(self.store, ports.models, self.metering, self.events, self.tasks, self.catalogue, settings)
        self.contexts = ContextBuilder(self.store, all_stages(settings, ports.tool_catalog))
        self.claims = TurnClaims(self.store, self.metering, self.leases)
        tool_queue = ToolQueue(CommandQueue(sqs, settings.calls_queue_url))
        self.tool_calls = ToolCallDispatcher(self.store, tool_queue, self.turn_queue, self.events, clock, ids)
        self.runner = TurnRunner(
            self.store,
            AttemptFence(self.store, self.claims),
            self.contexts,
            self.metering,
            Generation(ports.models, settings),
            self.finish_turn,
            self.tool_calls,
            self.titles,
            self.turn_queue,
            self.leases,
            self.broadcast,
            self.tasks,
            self.catalogue,
            settings,
            clock,
        )
        self.watchdog = Watchdog(self.store, self.turn_queue, self.tool_calls, self.metering, settings, clock)
        self.supervisor = TurnSupervisor(
            self.store,
            self.turn_queue,
            self.runner,
            self.claims,
            self.tool_calls,
            self.watchdog,
            self.finish_turn,
        )
        self.cancel_turn = CancelTurn(self.store, self.leases, self.supervisor, clock)
        self.erasure = ConversationErasure(self.store, self.cancel_turn, clock)
        self.conversations = ConversationService(self.store, self.turn_queue, self.events, clock, ids)
        self.reader = FrameReader(self.store, self.broadcast, clock)
        self.stream_leases = StreamLeases(self.store, clock, lease_s=settings.stream_lease_s)
        self.concurrency = ConcurrencyLimits(self.store, self.stream_leases, settings, clock)
        self.start_turn = StartTurn(
            self.store,
            self.turn_queue,
            self.concurrency,
            self.contexts,
            self.metering,
            self.leases,
            self.events,
            ports.tool_catalog,
            self.catalogue,
            settings,
            clock,
            ids,
        )

    def context(self) -> ChatContext:
        return ChatContext(
            conversations=self.conversations,
            start_turn=self.start_turn,
            concurrency=self.concurrency,
            stream_leases=self.stream_leases,
            runner=self.runner,
            frame_reader=self.reader,
            cancel_turn=self.cancel_turn,
            catalogue=self.catalogue,
            settings=self.settings,
            clock=self.clock,
        )

    def queues(self) -> list[ConsumedQueue]:
        settings = self.settings

        async def finish_turns(seconds: float) -> None:
            await self.runner.finish_or_hand_over(max(0, seconds - settings.hand_over_s))

        return [
            ConsumedQueue.of(
                settings,
                "turns",
                turn_handlers(self.supervisor, self.erasure),
                concurrency=_MESSAGES_AT_ONCE,
                visibility_s=_VISIBILITY_S,
                grace_s=settings.drain_s + settings.hand_over_s,
                capacity=lambda: self.runner.capacity,
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
    chat = ChatComponents(settings, await _ports(runtime, settings))
    turn_log = table_answers(await runtime.aws.dynamodb(), settings.turn_log_table)
    return ServiceApp(
        routes=ROUTES,
        context=chat.context(),
        queues=chat.queues(),
        checks={"turn_log": turn_log},
        background=[chat.leases.run, chat.stream_leases.run],
        drain=chat.runner.drain,
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
        large_content=S3LargeContent(await aws.s3(), settings.content_bucket),
        models=await BedrockModels.open(aws.bedrock_runtime, settings, clock),
        tool_catalog=AgentsToolCatalog(agents, clock),
        clock=clock,
        ids=runtime.ids,
        notify=runtime.notify,
    )
