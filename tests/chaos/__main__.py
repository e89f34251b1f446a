"""`python -m tests.chaos`: runs the cases that are not done yet under this seed, then prints all results.

Exit code 0 when every case asked for has passed. `build/chaos/<seed>/chaos.json` holds the results.
"""

import asyncio
import json
import shutil
import sys
import time
from dataclasses import asdict
from pathlib import Path

from tests.chaos.case import Case, Stage
from tests.chaos.record import Record, Result
from tests.chaos.report import report
from tests.chaos.settings import ChaosSettings
from tests.chaos.table import CASES


def main() -> int:
    settings = ChaosSettings()
    folder = settings.folder / str(settings.seed)
    chosen = [case for case in CASES if not settings.only or case.name in settings.only]
    if unknown := set(settings.only) - {case.name for case in CASES}:
        print(f"make chaos: there is no case {', '.join(unknown)}; there are {', '.join(each.name for each in CASES)}")
        return 2
    if settings.again:
        for case in chosen:
            shutil.rmtree(folder / case.name, ignore_errors=True)
    records = {case.name: Record(folder / case.name) for case in CASES}
    ahead = [case for case in chosen if records[case.name].result() is None]
    minutes = sum(case.estimate_s(settings) for case in ahead) / 60
    print(f"chaos: seed {settings.seed}, {len(ahead)} of {len(chosen)} cases ahead, about {minutes:.0f} min, {folder}")
    try:
        for case in ahead:
            _play(case, records[case.name], settings)
    except KeyboardInterrupt:
        print("chaos: stopped; the same command goes on from here")
    results = {case: records[case.name].result() for case in CASES}
    print(report({case: result for case, result in results.items() if result}))
    _write(folder / "chaos.json", {case.name: asdict(result) for case, result in results.items() if result})
    return 0 if all((result := results[case]) and result.passed for case in chosen) else 1


def _play(case: Case, record: Record, settings: ChaosSettings) -> None:
    print(f"== {case.name}: {case.rule} (about {case.estimate_s(settings):.0f} s)", flush=True)
    began = time.monotonic()
    result: Result = asyncio.run(case.run(Stage(case.name, record, settings)))
    result.took_s = round(time.monotonic() - began, 1)
    record.conclude(result)
    print(f"== {case.name}: {'passed' if result.passed else 'FAILED'} in {result.took_s:.0f} s", flush=True)


def _write(file: Path, content: object) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content, indent=1), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
