"""Rules of the repository that no linter knows: sizes, names, imports, logs, and a reason for every exception."""

import ast
import re
import subprocess
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[3]
CODE = ("services", "shared", "infra", "tests")
LONGEST_MODULE = 500
SHORTEST_MODULE = 25
MOST_MODULES_IN_A_FOLDER = 12
GERUND = re.compile(r"[a-z]+ing")
GERUNDS_THAT_ARE_NOUNS = {
    "billing": "what is billed",
    "metering": "the term of the field: recording what is used",
    "reasoning": "the term of the field: what a model thinks before it answers",
    "pacing": "the pace of a stream",
    "packaging": "the zips of the functions",
    "polling": "the technique: to ask again until a deadline",
    "streaming": "the technique: an answer that comes in pieces",
    "tuning": "the adjustments that make the embedded AWS faster",
}
# `app` and the Lambda modules: every service has these parts under these names, and Lambda names their functions.
NAMES_OF_SHORT_MODULES = {"__init__", "__main__", "settings", "conftest", "app", "lambda_handlers", "lambda_relay"}
SHORT_MODULES = {
    "infra/deploy/stack_names.py": "data; imported where nothing else of the deployer may be",
    "infra/local/aws/patches/admin_only_sign_up.py": "one patch per module: docs/local-aws.md lists them",
    "infra/local/aws/patches/external_functions.py": "one patch per module",
    "infra/local/aws/patches/mapping_concurrency.py": "one patch per module",
    "infra/local/aws/patches/queue_delays.py": "one patch per module",
    "infra/local/bedrock/model_ids.py": "read by the routes and by the directives, which know nothing of each other",
    "infra/local/bedrock/tokens.py": "the tokenizer; the benchmark's load generator imports it alone",
    "infra/setup/bytecode.py": "has nothing in common with the tools beside it",
    "infra/local/up/errors.py": "raised by every module of its folder; any other home would make a circle",
    "services/chat/context/stages/tools.py": "one stage per module",
    "services/chat/domain/blocks/reasoning.py": "one kind of content block per module",
    "services/chat/domain/blocks/text.py": "one kind of content block per module",
    "services/chat/domain/blocks/scope.py": "read by every kind of block",
    "shared/http/app/keys.py": "imported by the application, its server and the streams, none of which imports another",
    "tests/bench/table.py": "data: the cases in their order",
    "tests/chaos/table.py": "data: the cases in their order",
    "tests/integration/chat/billing.py": "shared by three suites",
    "tests/lambda_environment.py": "a program of its own",
    "tests/lambdas/whole_system.py": "shared by a test and by the measurements",
    "shared/events/catalogue/ingest.py": "one module for each service that publishes events",
    "tests/ports.py": "imported by every suite, and by programs that need nothing else of the tests",
}
CLASSES_DEFINED_TWICE: dict[str, str] = {
    "ModelInvoked": "the event of each service that calls models",
    "ToolCall": "the same concept in chat, which asks for it, and in agents, which executes it",
    "ToolUse": "Bedrock's word: in its local server on the wire, in chat as an event of the model port",
}
"""Name → why one name for two classes is right."""
LOG_METHODS = {
    f"{prefix}{level}"
    for prefix in ("", "a")
    for level in ("debug", "info", "warning", "error", "exception", "critical", "fatal")
}
LOG_EVENT = re.compile(r"[a-z_]+(\.[a-z_]+)+")
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}
RULE = re.compile(r'^\s+("[A-Z]+[0-9]*",?\s*)+(#.*)?$')
# Written in pieces, so that this file does not find itself.
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:" + "ho" + "me|Us" + "ers|ro" + r"ot|wo" + r"rk)/[a-z]")
REGISTRY_HOST = re.compile(
    r"(?:files\.pythonhosted|registry\.npmjs|py" + r"pi\.org/simple|artifact" + r"ory|nex" + r"us\.|codeart" + "ifact)"
)


def tracked(*patterns: str) -> list[Path]:
    """Committed files, and new files that git does not ignore."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    return [ROOT / name for name in names if (ROOT / name).is_file()]


PYTHON = [file for file in tracked("*.py") if file.relative_to(ROOT).parts[0] in CODE]


def text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def test_no_module_is_longer_than_the_limit() -> None:
    modules = [*PYTHON, *tracked("frontend/src/**/*.ts", "frontend/src/**/*.tsx")]
    own = [module for module in modules if "generated" not in module.parts]
    assert {str(each): lines for each in own if (lines := len(text_of(each).splitlines())) > LONGEST_MODULE} == {}


def test_no_module_has_an_empty_name_like_utils() -> None:
    files = [*PYTHON, *tracked("frontend/src/**/*")]
    names = {part.split(".")[0].lower() for file in files for part in file.relative_to(ROOT).parts}
    assert names & EMPTY_NAMES == set()


@pytest.mark.parametrize("pattern", [MACHINE_PATH, REGISTRY_HOST], ids=["machine path", "registry host"])
def test_no_file_contains_a_machine_path_or_a_registry_host(pattern: re.Pattern[str]) -> None:
    found = [
        f"{file.relative_to(ROOT)}: {match.group()}"
        for file in tracked()
        for match in [pattern.search(text_of(file))]
        if match
    ]
    assert found == []


def test_every_rule_ignored_in_the_configuration_has_a_reason() -> None:
    for configuration in tracked("pyproject.toml", "**/ruff.toml"):
        rules = [line for line in text_of(configuration).splitlines() if RULE.match(line)]
        silent = [line.strip() for line in rules if not re.search(r"#.{10}", line)]
        assert silent == [], configuration


def test_every_inline_suppression_names_its_rule() -> None:
    blanket = re.compile(r"#\s*(?:noqa(?!: [A-Z])|type: ignore(?!\[))")
    found = [f"{file.relative_to(ROOT)}:{number}" for file in PYTHON for number, line in enumerate(text_of(file).splitlines(), 1) if blanket.search(line) and file != Path(__file__)]  # fmt: skip # noqa: E501
    assert found == []


def reads_environment(node: ast.AST) -> bool:
    is_reader = isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    return is_reader and ast.unparse(node.value) == "os"


def test_only_settings_read_the_environment() -> None:
    """A variable that is read elsewhere would be missing in the tables of settings."""
    allowed = {
        "infra/setup/__main__.py",  # comes before pydantic-settings is installed
        "infra/setup/uv.py",
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


def test_time_and_random_ids_come_from_clock_and_ids_only() -> None:
    direct = re.compile(r"\b(?:datetime\.now|datetime\.utcnow|time\.time|uuid\.uuid4)\(")
    own = [file for file in PYTHON if file.relative_to(ROOT).parts[0] in {"services", "shared"}]
    found = {str(file.relative_to(ROOT)) for file in own if direct.search(text_of(file))}
    assert found - {"shared/clock.py", "shared/ids.py"} == set()


def is_program(file: Path) -> bool:
    return any(
        isinstance(node, ast.If) and "__name__" in ast.unparse(node.test) for node in ast.parse(text_of(file)).body
    )


def test_programs_that_people_run_are_in_infra() -> None:
    """Generators of documents, for example, in `infra/docs/`."""
    programs = [
        file.relative_to(ROOT)
        for file in PYTHON
        if file.relative_to(ROOT).parts[0] in {"services", "shared"} and is_program(file)
    ]
    assert [str(each) for each in programs if each.name != "__main__.py"] == []


def test_no_code_is_marked_as_unfinished() -> None:
    unfinished = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|X" + r"XX)\b|NotImplemented" + r"Error")
    files = [*PYTHON, *tracked("frontend/src/**/*", "Makefile", "infra/**/*.yaml")]
    assert [str(file) for file in files if unfinished.search(text_of(file))] == []


def test_mypy_is_strict_about_every_service() -> None:
    mypy = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]
    assert mypy["strict"]
    assert {"services", "shared", "infra"} <= set(mypy["files"])


def name_of(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def code(*roots: str) -> list[Path]:
    return [file for file in PYTHON if file.relative_to(ROOT).parts[0] in roots]


def test_no_module_is_named_by_a_bare_gerund() -> None:
    """A module is a noun (what it holds) or a verb (what it does): `deploy`, not `deploying`."""
    found = {
        name_of(file)
        for file in PYTHON
        for part in file.relative_to(ROOT).with_suffix("").parts
        if GERUND.fullmatch(word := part.removeprefix("test_")) and word not in GERUNDS_THAT_ARE_NOUNS
    }
    assert found == set()


def classes(files: Iterable[Path]) -> Iterator[tuple[str, str]]:
    for file in files:
        for node in ast.walk(ast.parse(text_of(file))):
            if isinstance(node, ast.ClassDef):
                yield node.name, name_of(file)


def test_no_class_name_is_defined_twice() -> None:
    """Nested and private classes count, so that a search for a name has one result."""
    places = defaultdict(list)
    for name, file in classes(code("services", "shared", "infra")):
        places[name].append(file)
    twice = {name: files for name, files in places.items() if len(files) > 1 and name not in CLASSES_DEFINED_TWICE}
    assert twice == {}


def test_no_module_is_shorter_than_the_limit() -> None:
    found = {
        name_of(file)
        for file in PYTHON
        if len(text_of(file).splitlines()) < SHORTEST_MODULE
        and file.stem not in NAMES_OF_SHORT_MODULES
        and not file.name.startswith("test_")
    }
    assert found - SHORT_MODULES.keys() == set()
    assert SHORT_MODULES.keys() - found == set(), "no longer needed"


def test_no_folder_of_a_service_has_more_modules_than_the_limit() -> None:
    modules = [file for file in code("services", "shared") if file.stem != "__init__"]
    sizes = Counter(name_of(file.parent) for file in modules)
    assert {folder: count for folder, count in sizes.items() if count > MOST_MODULES_IN_A_FOLDER} == {}


def test_there_are_no_circular_imports() -> None:
    """Also inside a folder. Imports for type checkers do not count: they are not executed."""
    graph = grimp.build_graph("services", "shared", "infra", exclude_type_checking_imports=True, cache_dir=None)
    imports = TopologicalSorter({each: graph.find_modules_directly_imported_by(each) for each in graph.modules})
    try:
        imports.prepare()
    except CycleError as circle:
        pytest.fail(" <- ".join(circle.args[1]))


def log_calls(file: Path) -> Iterator[ast.Call]:
    """`_log.info(…)`, `log.warning(…)`, `logger.bind(…).error(…)`, `self._log.info(…)`."""
    for node in ast.walk(ast.parse(text_of(file))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LOG_METHODS:
            logger = re.match(r"(?:\w+\.)*_?log(?:ger)?\b", ast.unparse(node.func.value))
            if logger or "get_logger(" in ast.unparse(node.func.value):
                yield node


def event_of(call: ast.Call) -> str:
    """The event's name. Where there is only the standard library, its fields follow as `name=%s`."""
    first = call.args[0] if call.args else None
    if not (isinstance(first, ast.Constant) and isinstance(first.value, str)):
        return f"not a literal: {ast.unparse(call)}"
    event, *fields = first.value.split(" ")
    return event if all(re.fullmatch(r"[a-z_]+=%[\w.]+", field) for field in fields) else first.value


def test_every_log_event_is_a_noun_and_a_past_verb() -> None:
    """For example `turn.taken_over turn_id=… attempt=2`: a searchable name, and separate fields."""
    events = {
        (event_of(call), name_of(file)) for file in code("services", "shared", "infra") for call in log_calls(file)
    }
    old = {(event, file) for event, file in events if not LOG_EVENT.fullmatch(event)}
    assert old == set()
