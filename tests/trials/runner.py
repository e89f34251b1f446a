"""Runs the cases of a suite that have no result under a seed yet, and shows all results.

`<folder>/<seed>/<suite>.json` holds the results. An interrupted case continues after the last round of its record.
"""

import asyncio
import json
import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.trials.case import Case, CaseContext
from tests.trials.record import Record, Result
from tests.trials.report import report
from tests.trials.settings import TrialSettings


def run_cases(suite: str, cases: Sequence[Case[Any]], settings: TrialSettings) -> int:
    """Returns the exit code: 0 when every chosen case passed, 2 when there is no such case."""
    folder = settings.folder / str(settings.seed)
    chosen = [case for case in cases if not settings.only or case.name in settings.only]
    if unknown := set(settings.only) - {case.name for case in cases}:
        print(
            f"make {suite}: there is no case {', '.join(unknown)}; there are {', '.join(each.name for each in cases)}"
        )
        return 2
    if settings.again:
        for case in chosen:
            shutil.rmtree(folder / case.name, ignore_errors=True)
    records = {case.name: Record(folder / case.name) for case in cases}
    pending = [case for case in chosen if records[case.name].result() is None]
    minutes = sum(case.estimate_s(settings) for case in pending) / 60
    print(f"{suite}: seed {settings.seed}, {len(pending)} of {len(chosen)} cases to run, {minutes:.0f} min, {folder}")
    try:
        for case in pending:
            _run_case(case, records[case.name], settings)
    except KeyboardInterrupt:
        print(f"{suite}: stopped; the same command goes on from here")
    results = {case: records[case.name].result() for case in cases}
    print(report(suite, {case: result for case, result in results.items() if result}))
    _write(folder / f"{suite}.json", {case.name: asdict(result) for case, result in results.items() if result})
    return 0 if all((result := results[case]) and result.passed for case in chosen) else 1


def _run_case(case: Case[Any], record: Record, settings: TrialSettings) -> None:
    print(f"== {case.name}: {case.rule} (about {case.estimate_s(settings):.0f} s)", flush=True)
    began = time.monotonic()
    result: Result = asyncio.run(case.run(CaseContext(case.name, record, settings)))
    result.took_s = round(time.monotonic() - began, 1)
    record.save_result(result)
    print(f"== {case.name}: {'passed' if result.passed else 'FAILED'} in {result.took_s:.0f} s", flush=True)


def _write(file: Path, content: object) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content, indent=1), encoding="utf-8")
