"""`make build [ARCH=arm64|x86_64] [RUNTIME=python3.13]`: one zip per function into `build/functions/`.

Prints the size of each. If the packages are for this machine's Python, it also prints how long their imports take.
"""

import argparse
import sys

from infra.packaging.build import PLACE, Package, build
from infra.packaging.import_cost import measure_import_cost
from infra.packaging.target import Target
from infra.packaging.wheels import REPOSITORY
from infra.setup.commands import CannotSetUpError


def main() -> int:
    parser = argparse.ArgumentParser(prog="make build", description=__doc__)
    parser.add_argument("--arch", default="arm64", help="arm64, x86_64, or here")
    parser.add_argument("--runtime", default="python3.13", help="a runtime of Lambda such as python3.13, or here")
    given = parser.parse_args()
    here = Target.here()
    try:
        arch = here.arch if given.arch == "here" else given.arch
        python = here.python if given.runtime == "here" else given.runtime.removeprefix("python")
        target = Target(arch, python)
        print(f"for {target.arch} and Python {target.python}, into {PLACE.relative_to(REPOSITORY)}")
        print(f"{'function':18}{'zip MB':>8}{'unzipped':>10}  {'imports':24}sha256")
        for package in build(target):
            print(_line(package, is_from_here=target == here))
    except (CannotSetUpError, ValueError) as problem:
        print(f"make build: {problem}", file=sys.stderr)
        return 1
    return 0


def _line(package: Package, *, is_from_here: bool) -> str:
    sizes = f"{package.zip_bytes / 1e6:8.1f}{package.unzipped_bytes / 1e6:10.1f}"
    imports = "not measured"  # the package is for another architecture or Python
    if is_from_here:
        cost = measure_import_cost(package)
        imports = f"{cost.modules} in {cost.ms:4.0f} ms = {cost.times_base:.1f} x"
    return f"{package.function.full_name:18}{sizes}  {imports:24}{package.sha256[:16]}"


if __name__ == "__main__":
    sys.exit(main())
