"""Rules of the system that no linter knows: small rooms, honest names, reasons for exceptions."""

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CODE = ("services", "shared", "infra", "tests")
LONGEST_MODULE = 500
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}
RULE = re.compile(r'^\s+("[A-Z]+[0-9]*",?\s*)+(#.*)?$')
# Written in pieces, so that this file does not find itself.
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:" + "ho" + "me|Us" + "ers|ro" + r"ot|wo" + r"rk)/[a-z]")
REGISTRY_HOST = re.compile(
    r"(?:files\.pythonhosted|registry\.npmjs|py" + r"pi\.org/simple|artifact" + r"ory|nex" + r"us\.|codeart" + "ifact)"
)


def tracked(*patterns: str) -> list[Path]:
    """Committed files, and new ones that are about to be."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    return [ROOT / name for name in names if (ROOT / name).is_file()]


PYTHON = [file for file in tracked("*.py") if file.relative_to(ROOT).parts[0] in CODE]


def text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def test_no_module_is_too_long_to_read_in_one_sitting() -> None:
    modules = [*PYTHON, *tracked("frontend/src/**/*.ts", "frontend/src/**/*.tsx")]
    own = [module for module in modules if "generated" not in module.parts]
    assert {str(each): lines for each in own if (lines := len(text_of(each).splitlines())) > LONGEST_MODULE} == {}


def test_no_room_has_a_name_that_says_nothing() -> None:
    files = [*PYTHON, *tracked("frontend/src/**/*")]
    rooms = {part.split(".")[0].lower() for file in files for part in file.relative_to(ROOT).parts}
    assert rooms & EMPTY_NAMES == set()


@pytest.mark.parametrize("pattern", [MACHINE_PATH, REGISTRY_HOST], ids=["machine path", "registry host"])
def test_nothing_tells_on_which_machine_it_was_written(pattern: re.Pattern[str]) -> None:
    found = [
        f"{file.relative_to(ROOT)}: {match.group()}"
        for file in tracked()
        for match in [pattern.search(text_of(file))]
        if match
    ]
    assert found == []


def test_every_rule_that_ruff_ignores_has_its_reason() -> None:
    for configuration in tracked("pyproject.toml", "**/ruff.toml"):
        rules = [line for line in text_of(configuration).splitlines() if RULE.match(line)]
        silent = [line.strip() for line in rules if not re.search(r"#.{10}", line)]
        assert silent == [], configuration


def test_every_rule_that_one_line_ignores_is_named() -> None:
    blanket = re.compile(r"#\s*(?:noqa(?!: [A-Z])|type: ignore(?!\[))")
    found = [f"{file.relative_to(ROOT)}:{number}" for file in PYTHON for number, line in enumerate(text_of(file).splitlines(), 1) if blanket.search(line) and file != Path(__file__)]  # fmt: skip # noqa: E501
    assert found == []


def reads_environment(node: ast.AST) -> bool:
    is_reader = isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    return is_reader and ast.unparse(node.value) == "os"


def test_only_settings_read_the_environment() -> None:
    """A value read elsewhere is one that no table of settings can name."""
    allowed = {
        "infra/local/setup/__main__.py",  # comes before pydantic-settings is installed
        "infra/local/setup/uv.py",
        "infra/security/__main__.py",  # the linter's environment is set up by uv
        "infra/local/up/__main__.py",  # hands the terminal's environment to the processes
        "infra/local/suites/runner.py",
        "infra/packaging/wheels.py",  # hands it to uv
        "infra/local/lambdas/tools.py",  # and to cargo
        "infra/triggers/groups.py",  # a user pool's function has nothing but the standard library
        "infra/triggers/sign_up.py",
        "infra/local/aws/launcher.py",  # ministack is configured by its environment
    }
    others = [file for file in PYTHON if file.relative_to(ROOT).as_posix() not in allowed]
    own = [file for file in others if file.name != "settings.py" and file.relative_to(ROOT).parts[0] != "tests"]
    readers = {
        str(file.relative_to(ROOT)) for file in own if any(map(reads_environment, ast.walk(ast.parse(text_of(file)))))
    }
    assert readers == set()


def test_time_and_chance_come_through_ports() -> None:
    direct = re.compile(r"\b(?:datetime\.now|datetime\.utcnow|time\.time|uuid\.uuid4)\(")
    own = [file for file in PYTHON if file.relative_to(ROOT).parts[0] in {"services", "shared"}]
    found = {str(file.relative_to(ROOT)) for file in own if direct.search(text_of(file))}
    assert found - {"shared/clock.py", "shared/ids.py"} == set()


def test_nothing_waits_to_be_written() -> None:
    unfinished = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|X" + r"XX)\b|NotImplemented" + r"Error")
    files = [*PYTHON, *tracked("frontend/src/**/*", "Makefile", "infra/**/*.yaml")]
    assert [str(file) for file in files if unfinished.search(text_of(file))] == []


def test_mypy_is_strict_about_every_service() -> None:
    mypy = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]
    assert mypy["strict"]
    assert {"services", "shared", "infra"} <= set(mypy["files"])
