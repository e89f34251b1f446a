"""Sample texts of the scripted models."""

ENGLISH = (
    "A lighthouse keeps no schedule of its own; it answers the dusk.",
    "Bread rises slowly in a cold kitchen, and tastes better for it.",
    "The harbour was mapped three times before anyone agreed where the sandbank lay.",
    "Most bridges are tested by the traffic that they were not designed for.",
    "A good index is written by somebody who has lost something in the book.",
    "Rain on a tin roof is louder inside than the storm deserves.",
    "The first trains ran slower than a horse, and nobody minded.",
    "Every garden is an argument between the gardener and the weather.",
    "Maps of the coast grow longer the more closely they are drawn.",
    "A clock that is right twice a day still has to be wound.",
    "The librarian knew which shelves were read by the wear of the floor.",
    "Salt keeps fish, and stories keep the fishermen.",
    "Two rivers meet below the town, one brown and one clear, and run side by side for a mile.",
    "Paper made from rags has outlived paper made from wood.",
    "The orchestra tunes to the oboe because the oboe cannot help it.",
    "Stars are counted best by those who do not hurry.",
    "A path across a field is a vote that is taken every day.",
    "Old violins are repaired more often than they are played.",
    "The mountain hut has a stove, six beds and one very honest guest book.",
    "Snow makes a quiet street sound farther away than it is.",
)

KOREAN = (
    "등대는 스스로 시간을 정하지 않고 해가 지면 불을 밝힙니다.",
    "차가운 부엌에서 천천히 부푼 빵이 더 맛있습니다.",
    "항구의 지도는 모래톱의 자리가 정해지기까지 세 번 다시 그려졌습니다.",
    "좋은 색인은 책에서 무언가를 잃어버려 본 사람이 만듭니다.",
    "양철 지붕에 떨어지는 비는 실제보다 더 크게 들립니다.",
    "정원은 정원사와 날씨가 나누는 오랜 대화입니다.",
    "해안선은 자세히 그릴수록 길어집니다.",
    "두 강이 마을 아래에서 만나 한동안 나란히 흐릅니다.",
    "별은 서두르지 않는 사람이 가장 잘 셉니다.",
    "들판을 가로지르는 길은 날마다 새로 정해집니다.",
)

MARKDOWN = (
    """## Planning a small garden

Start with the **light**: note where the sun stands at nine, noon and four. Then choose what grows there.

1. Measure the bed and draw it on squared paper.
2. Loosen the soil to about *20 cm* and mix in compost.
3. Plant the tall things to the north, so that they shade nobody.

> A garden that is walked through every day needs little work on any of them.

- [x] Buy string and stakes
- [ ] Sow the beans after the last frost

Water in the morning; `5 litres` per square metre is plenty.""",
    """## Why the tide comes twice

The Moon pulls the near side of the Earth a little more than its centre, and the centre a little more than the far side.

### What follows

- The water bulges on **both** sides.
- The Earth turns under the two bulges once a day.
- So most coasts see two high tides, about *12 h 25 min* apart.

The difference in pull falls with the cube of the distance, which is why the far heavier Sun matters half as much.""",
)

CODE = (
    '''Here is a function that finds the median without sorting twice:

```python
from collections.abc import Sequence


def median(values: Sequence[float]) -> float:
    """The middle value; the mean of the two middle ones if there is an even number."""
    ordered = sorted(values)
    half = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[half]
    return (ordered[half - 1] + ordered[half]) / 2
```

It raises `IndexError` on an empty sequence, which is what a caller should see.''',
    """The query you want groups before it filters:

```sql
SELECT city, count(*) AS visits
FROM journeys
WHERE started_at >= date '2026-01-01'
GROUP BY city
HAVING count(*) > 10
ORDER BY visits DESC;
```

`HAVING` sees the groups, `WHERE` sees the rows.""",
)

TABLES = (
    """These are the three, side by side:

| Material | Density (kg/m³) | Melts at (°C) | Price |
|---|---:|---:|:---:|
| Aluminium | 2 700 | 660 | low |
| Copper | 8 960 | 1 085 | medium |
| Titanium | 4 506 | 1 668 | high |

For a bicycle frame, **titanium** lasts longest and **aluminium** costs least.""",
    """A week of sea temperatures:

| Day | Morning | Evening | Wind |
|:---|---:|---:|:---|
| Monday | 14.1 °C | 15.0 °C | north, light |
| Wednesday | 13.6 °C | 14.2 °C | west, fresh |
| Friday | 14.8 °C | 15.9 °C | calm |

Friday evening is the time to swim.""",
)
