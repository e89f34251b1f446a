"""`python -m tests.mutants`: runs mutmut in each area and prints the share of mutants that its unit tests kill."""

import sys

from tests.mutants.areas import AREAS, Area
from tests.mutants.mutmut_run import MutmutError, diff_of, prepare, run
from tests.mutants.results import AIM, MutantResults
from tests.mutants.settings import MutantSettings


def main(settings: MutantSettings) -> int:
    chosen = [area for area in AREAS if not settings.only or area.name in settings.only]
    if unknown := set(settings.only) - {area.name for area in AREAS}:
        print(f"make mutants: there is no area {', '.join(unknown)}; there are {', '.join(a.name for a in AREAS)}")
        return 2
    lines, met = [f"{'area':12}{'mutants':>8}{'killed':>8}  of which not noticed"], True
    for area in chosen:
        try:
            results = _run_area(area, settings)
        except MutmutError as problem:
            print(f"make mutants: {area.name}: {problem}")
            return 1
        met = met and results.share_killed >= AIM
        others = ", ".join(
            f"{count} {verdict}" for verdict, count in results.counts.most_common() if verdict != "killed"
        )
        lines.append(f"{area.name:12}{results.counts.total():8}{results.share_killed:8.1%}  {others}")
    print("\n".join(lines))
    print(
        f"make mutants: {'at least' if met else 'NOT'} {AIM:.0%} noticed in every area; survivors.diff in each folder"
    )
    return 0 if met else 1


def _run_area(area: Area, settings: MutantSettings) -> MutantResults:
    print(f"== {area.name}", flush=True)
    folder = prepare(area, settings.folder / area.name, again=settings.again)
    run(folder, settings.children)
    results = MutantResults.read(folder)
    (folder / "survivors.diff").write_text("\n".join(diff_of(folder, each) for each in results.survivors()))
    return results


if __name__ == "__main__":
    sys.exit(main(MutantSettings()))
