"""The supervisor with small programs: killed ones are restarted, and stopping leaves no process."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from tenacity import Retrying, stop_after_delay, wait_fixed

from infra.local.supervisor import processes
from infra.local.supervisor.daemon import Supervisor
from infra.local.supervisor.supervisord_config import Program

REPOSITORY = Path(__file__).resolve().parents[3]
ENVIRONMENT = {"PATH": os.environ["PATH"], "PYTHONPATH": str(REPOSITORY)}
SLEEP = "import time; print('up', flush=True); time.sleep(600)"
# A program whose child has a session of its own, so that a signal to the process group does not reach it.
PARENT = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
time.sleep(600)
"""
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"


def eventually() -> Retrying:
    return Retrying(stop=stop_after_delay(15), wait=wait_fixed(0.05), reraise=True)


def program(name: str, code: str) -> Program:
    return Program(name, (sys.executable, "-c", code), ENVIRONMENT, str(REPOSITORY))


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "a state folder"
    folder.mkdir()
    return folder


@pytest.fixture
def supervisor(state: Path) -> Iterator[Supervisor]:
    supervisor = Supervisor(state, ENVIRONMENT, REPOSITORY)
    supervisor.start()
    yield supervisor
    supervisor.stop()
    assert processes.marked(state) == set(), "a process still runs"


def pid_of(supervisor: Supervisor, name: str) -> int:
    for attempt in eventually():
        with attempt:
            state, pid = supervisor.states()[name]
            assert state == "RUNNING"
    return pid


def test_a_killed_program_is_restarted_and_the_others_keep_running(supervisor: Supervisor) -> None:
    supervisor.run("services", [program("one", SLEEP), program("two", SLEEP)])
    one, two = pid_of(supervisor, "one"), pid_of(supervisor, "two")
    os.kill(one, signal.SIGKILL)
    for attempt in eventually():
        with attempt:
            assert supervisor.states()["one"] not in {("RUNNING", one), ("EXITED", 0)}
            assert pid_of(supervisor, "one") != one
    assert pid_of(supervisor, "two") == two


def test_groups_are_added_to_a_running_system(supervisor: Supervisor) -> None:
    supervisor.run("foundation", [program("aws", SLEEP)])
    aws = pid_of(supervisor, "aws")
    supervisor.run("services", [program("chat", SLEEP)])
    pid_of(supervisor, "chat")
    assert pid_of(supervisor, "aws") == aws


def test_a_program_that_fails_at_its_start_is_retried_with_pauses(supervisor: Supervisor, state: Path) -> None:
    attempts = state / "attempts"
    supervisor.run("services", [program("broken", f"open({str(attempts)!r}, 'a').write('x'); raise SystemExit(3)")])
    for attempt in eventually():
        with attempt:
            assert len(attempts.read_text()) >= 2
    assert supervisor.states()["broken"][0] in {"BACKOFF", "STARTING"}


def test_children_of_a_killed_program_are_ended(supervisor: Supervisor) -> None:
    supervisor.run("services", [program("parent", PARENT)])
    parent = pid_of(supervisor, "parent")
    for attempt in eventually():
        with attempt:
            (child,) = processes.children(parent)
    os.kill(parent, signal.SIGKILL)
    for attempt in eventually():
        with attempt:
            supervisor.maintain()
            assert not processes.is_alive(child)
    assert pid_of(supervisor, "parent") != parent


def test_a_killed_supervisor_is_started_again_with_its_programs(supervisor: Supervisor, state: Path) -> None:
    supervisor.run("services", [program("one", SLEEP)])
    one = pid_of(supervisor, "one")
    os.kill(int((state / "run" / "supervisord.pid").read_text()), signal.SIGKILL)
    for attempt in eventually():
        with attempt:
            supervisor.maintain()
            assert not processes.is_alive(one)
            state_name, again = supervisor.states()["one"]
            assert state_name == "RUNNING"
            assert again != one


def test_stopping_ends_children_with_their_own_sessions(state: Path) -> None:
    supervisor = Supervisor(state, ENVIRONMENT, REPOSITORY)
    supervisor.start()
    supervisor.run("services", [program("parent", PARENT)])
    parent = pid_of(supervisor, "parent")
    for attempt in eventually():
        with attempt:
            assert processes.children(parent)
    supervisor.stop()
    assert processes.marked(state) == set()


def test_secrets_are_readable_by_their_owner_only_and_are_deleted_at_the_end(
    supervisor: Supervisor, state: Path
) -> None:
    supervisor.run("services", [program("one", SLEEP)])
    pid_of(supervisor, "one")
    assert (state / "run" / "one.json").stat().st_mode & 0o077 == 0
    supervisor.stop()
    assert not (state / "run" / "one.json").exists()


def test_if_the_starting_process_is_killed_all_programs_end(state: Path) -> None:
    starter = textwrap.dedent(f"""
        import sys, time
        from pathlib import Path
        from infra.local.supervisor.daemon import Supervisor
        from infra.local.supervisor.supervisord_config import Program
        environment = {ENVIRONMENT!r}
        supervisor = Supervisor(Path({str(state)!r}), environment, Path({str(REPOSITORY)!r}))
        supervisor.start()
        supervisor.run("services", [Program("one", (sys.executable, "-c", {SLEEP!r}), environment, "/")])
        while supervisor.states()["one"][0] != "RUNNING":
            time.sleep(0.05)
        print("started", flush=True)
        time.sleep(600)
    """)
    with subprocess.Popen([sys.executable, "-c", starter], env=ENVIRONMENT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"started\n"
        process.kill()
    for attempt in eventually():
        with attempt:
            assert processes.marked(state) == set()


def test_processes_that_ignore_sigterm_are_killed(state: Path) -> None:
    environment = {**ENVIRONMENT, processes.MARK: str(state.resolve())}
    with subprocess.Popen([sys.executable, "-c", STUBBORN], env=environment):
        for attempt in eventually():
            with attempt:
                assert len(processes.marked(state)) == 1
        assert processes.end(lambda: processes.marked(state), grace_seconds=0.3) == 1
        assert processes.marked(state) == set()


def test_processes_of_another_checkout_are_not_ended(state: Path, tmp_path: Path) -> None:
    environment = {**ENVIRONMENT, processes.MARK: str(tmp_path / "another")}
    with subprocess.Popen([sys.executable, "-c", SLEEP], env=environment, stdout=subprocess.DEVNULL) as other:
        assert processes.end(lambda: processes.marked(state), grace_seconds=0) == 0
        assert other.poll() is None
        other.kill()
