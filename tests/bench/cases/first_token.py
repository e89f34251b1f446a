"""What a durable log adds to the time to the first token, with one stream at a time."""

import asyncio
from statistics import median
from typing import Final

from tests.bench.aims import Aim, judged
from tests.bench.figures import difference_of_medians
from tests.bench.ground import Ground, ground
from tests.bench.plan import Ask, Pace, Told
from tests.bench.settings import BenchSettings
from tests.trials.case import Case, Stage
from tests.trials.record import Result

AIM_MS: Final = 8.0
_PACE: Final = Pace(ttft=50, gap=5, tokens=8)
_AT_A_TIME: Final = 50  # pairs in one run of the generator
_WARM_UP: Final = 10


async def run(stage: Stage[BenchSettings]) -> Result:
    return await asyncio.to_thread(_measure, stage)


def _measure(stage: Stage[BenchSettings]) -> Result:
    with ground(stage.record.folder, stage.say) as place:
        place.run([_pairs(stage, place, _WARM_UP)])
        told: list[Told] = []
        while len(told) < 2 * stage.settings.pairs:
            told += place.run([_pairs(stage, place, min(_AT_A_TIME, stage.settings.pairs - len(told) // 2))]).told
            stage.say("pairs", done=len(told) // 2)
    return judge(told, stage.settings.seed)


def _pairs(stage: Stage[BenchSettings], place: Ground, count: int) -> list[Ask]:
    """One after another; which of the two goes first is chance."""
    asks: list[Ask] = []
    for number in range(count):
        pair = [place.ask("chat", _PACE, person=number), place.ask("relay", _PACE)]
        stage.chance.shuffle(pair)
        asks += pair
    return asks


def judge(told: list[Told], seed: int) -> Result:
    chat, relay = ([each.ttft for each in told if each.side == side and each.ttft] for side in ("chat", "relay"))
    added = difference_of_medians(chat, relay, seed)
    more = {
        "added, with its 95 % interval (ms)": str(added),
        "chat / relay (p50)": f"{median(chat):.1f} / {median(relay):.1f} ms",
        "ratio": round(median(chat) / median(relay), 3),
        "pairs": len(chat),
    }
    return judged([Aim("added to the first token", added.value, AIM_MS)], more, told)


CASE: Final = Case(
    "first_token",
    f"added time to the first token, 1 stream, durable log on: <= {AIM_MS:g} ms p50",
    lambda settings: 30 + settings.pairs * 0.35,
    run,
)
