"""What a durable log adds to the time to the first token, with one stream at a time."""

import asyncio
from statistics import median
from typing import Final

from tests.bench.aims import Aim, evaluate
from tests.bench.figures import difference_of_medians
from tests.bench.plan import Pace, StreamRequest, StreamResult
from tests.bench.settings import BenchSettings
from tests.bench.system import BenchSystem, bench_system
from tests.trials.case import Case, CaseContext
from tests.trials.record import Result

AIM_MS: Final = 8.0
_PACE: Final = Pace(ttft=50, gap=5, tokens=8)
_PAIRS_PER_RUN: Final = 50  # of the load generator
_WARM_UP: Final = 10


async def run(context: CaseContext[BenchSettings]) -> Result:
    return await asyncio.to_thread(_measure, context)


def _measure(context: CaseContext[BenchSettings]) -> Result:
    with bench_system(context.record.folder, context.say) as system:
        system.run([_pairs(context, system, _WARM_UP)])
        results: list[StreamResult] = []
        while len(results) < 2 * context.settings.pairs:
            results += system.run(
                [_pairs(context, system, min(_PAIRS_PER_RUN, context.settings.pairs - len(results) // 2))]
            ).results
            context.say("pairs", done=len(results) // 2)
    return judge(results, context.settings.seed)


def _pairs(context: CaseContext[BenchSettings], system: BenchSystem, count: int) -> list[StreamRequest]:
    """Pairs of requests to run one after another; the order within a pair is random."""
    requests: list[StreamRequest] = []
    for number in range(count):
        pair = [system.request("chat", _PACE, person=number), system.request("relay", _PACE)]
        context.rng.shuffle(pair)
        requests += pair
    return requests


def judge(results: list[StreamResult], seed: int) -> Result:
    chat, relay = ([each.ttft for each in results if each.side == side and each.ttft] for side in ("chat", "relay"))
    added = difference_of_medians(chat, relay, seed)
    more = {
        "added, with its 95 % interval (ms)": str(added),
        "chat / relay (p50)": f"{median(chat):.1f} / {median(relay):.1f} ms",
        "ratio": round(median(chat) / median(relay), 3),
        "pairs": len(chat),
    }
    return evaluate([Aim("added to the first token", added.value, AIM_MS)], more, results)


CASE: Final = Case(
    "first_token",
    f"added time to the first token, 1 stream, durable log on: <= {AIM_MS:g} ms p50",
    lambda settings: 30 + settings.pairs * 0.35,
    run,
)
