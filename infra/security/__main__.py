"""`make security`: runs checkov over all templates.

Fails if a finding has no exception, and if an exception matches no finding.
"""

import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

from infra.packaging.wheels import REPOSITORY
from infra.security import exceptions
from infra.security.checkov import findings, write_templates
from infra.setup import environments
from infra.setup.commands import CannotSetUpError, environment
from infra.setup.environments import PythonEnvironment

_LINTER = PythonEnvironment("security linter (its own packages)", ".venv-security", "locks/security.txt")


def main() -> int:
    try:
        if not environments.is_ready(REPOSITORY, _LINTER):
            environments.install(REPOSITORY, _LINTER, environment(REPOSITORY, os.environ))
    except CannotSetUpError as trouble:
        print(f"make security: {trouble}", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        write_templates(Path(folder))
        found = findings(Path(folder))
    return _report(found, exceptions.read())


def _report(found: list[exceptions.Finding], known: list[exceptions.AcceptedFinding]) -> int:
    reasons = {each.check: each.reason for each in known}
    for (check, title), count in sorted(Counter((each.check, each.title) for each in found).items()):
        print(f"{check:12} {count:3}  {title}\n{'':18}{reasons.get(check, '! no exception')}")
    new, old = exceptions.uncovered(found, known), exceptions.unused(found, known)
    for finding in new:
        print(f"! {finding.check} {finding.resource}: {finding.title}")
    for pattern in old:
        print(f"! the exception {pattern} matches no finding any more: remove it")
    print(f"make security: {len(found)} findings, {len(new)} without an exception, {len(old)} unused exceptions")
    return int(bool(new or old))


if __name__ == "__main__":
    sys.exit(main())
