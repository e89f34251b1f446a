"""Concurrent streams in one process, compared with the bare relay: fifty, a burst of fifty, two hundred."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from tests.bench.aims import Aim, evaluate
from tests.bench.plan import Lane, Pace, Side, StreamResult
from tests.bench.settings import BenchSettings
from tests.bench.system import BenchSystem, Run, bench_system
from tests.trials.case import Case, CaseContext
from tests.trials.record import Result
from tests.trials.report import percentile, spread


@dataclass(frozen=True)
class Load:
    """`streams` lanes of `turns` sequential streams each; with `burst` all lanes start at the same time."""

    streams: int
    turns: int = 2
    pace: Pace = field(default_factory=Pace)
    burst: bool = False

    def lanes(self, system: BenchSystem, side: Side) -> list[Lane]:
        """Lanes whose starts are spread over the length of one stream, so that their tokens are not synchronous."""
        length_s = self.pace.due_s(self.pace.tokens)
        starts = [0.0 if self.burst else length_s * number / self.streams for number in range(self.streams)]
        return [
            [system.request(side, self.pace, person=number, at=at) for _ in range(self.turns)]
            for number, at in enumerate(starts)
        ]

    @property
    def seconds(self) -> float:
        return self.pace.due_s(self.pace.tokens) * (self.turns + 1)


@dataclass(frozen=True)
class LoadResult:
    """The results of all rounds: the streams of each side, and the CPU time per token in milliseconds."""

    results: list[StreamResult]
    chat_ms: float
    relay_ms: float

    def ttft(self, side: Side) -> list[float]:
        return [each.ttft for each in self.results if each.side == side and each.ttft is not None]

    def lags(self, side: Side) -> list[float]:
        return [lag for each in self.results if each.side == side for lag in each.lags]


Aims = Callable[[LoadResult], list[Aim]]


def measure(context: CaseContext[BenchSettings], load: Load) -> LoadResult:
    with bench_system(context.record.folder, context.say) as system:
        system.run(Load(min(20, load.streams), turns=1, pace=Pace(gap=5, tokens=20)).lanes(system, "chat"))
        runs: dict[Side, list[Run]] = {"relay": [], "chat": []}
        for number in range(context.settings.rounds):
            sides: list[Side] = ["relay", "chat"]
            context.rng.shuffle(sides)
            for side in sides:
                runs[side].append(system.run(load.lanes(system, side)))
                ttft = spread([each.ttft or 0 for each in runs[side][-1].of(side)], 0)
                context.say(f"round {number + 1}", side=side, ttft=ttft)
            system.renew_people()
    costs = {side: _cost(side, found) for side, found in runs.items()}
    results = [each for found in runs.values() for run in found for each in run.results]
    return LoadResult(results, costs["chat"], costs["relay"])


def _cost(side: Side, runs: list[Run]) -> float:
    tokens = sum(each.tokens for run in runs for each in run.of(side))
    return sum(run.cpu[side] for run in runs) * 1000 / max(1, tokens)


def judge(measured: LoadResult, aims: list[Aim]) -> Result:
    more = {
        f"{what} of {side} (ms)": spread(values, 1)
        for side in ("chat", "relay")
        for what, values in (("TTFT", measured.ttft(side)), ("lag", measured.lags(side)))
    }
    cpu = {"CPU per token (ms), chat / relay": f"{measured.chat_ms:.3f} / {measured.relay_ms:.3f}"}
    return evaluate(aims, more | cpu, measured.results)


def _case(name: str, rule: str, load: Load, aims: Aims) -> Case[BenchSettings]:
    async def run(context: CaseContext[BenchSettings]) -> Result:
        measured = await asyncio.to_thread(measure, context, load)
        return judge(measured, aims(measured))

    return Case(name, rule, lambda settings: 40 + 2 * settings.rounds * (load.seconds + 8), run)


def _fifty(measured: LoadResult) -> list[Aim]:
    return [
        Aim("TTFT p50", percentile(measured.ttft("chat"), 0.5), 80),
        Aim("TTFT p95", percentile(measured.ttft("chat"), 0.95), 110),
        Aim("lag p95", percentile(measured.lags("chat"), 0.95), 60),
        Aim("CPU per token", measured.chat_ms, 0.25),
        Aim("CPU per token against the relay", measured.chat_ms / measured.relay_ms, 4, "times"),
    ]


def _burst(measured: LoadResult) -> list[Aim]:
    return [Aim("TTFT p50 of a burst", percentile(measured.ttft("chat"), 0.5), 160)]


def _two_hundred(measured: LoadResult) -> list[Aim]:
    return [
        Aim("TTFT p50", percentile(measured.ttft("chat"), 0.5), 90),
        Aim("lag p95", percentile(measured.lags("chat"), 0.95), 120),
    ]


FIFTY: Final = _case(
    "fifty",
    "50 paced streams: TTFT <= 80 / 110 ms p50 / p95, lag <= 60 ms p95, CPU <= 0.25 ms a token and <= 4 x the relay's",
    Load(50, turns=4),
    _fifty,
)
BURST: Final = _case("burst", "50 streams at once: TTFT <= 160 ms p50", Load(50, turns=1, burst=True), _burst)
TWO_HUNDRED: Final = _case(
    "two_hundred",
    "200 streams in one process at 60 ms a token: TTFT <= 90 ms p50, lag <= 120 ms p95, none broken",
    Load(200, turns=2, pace=Pace(gap=60, tokens=100)),
    _two_hundred,
)
