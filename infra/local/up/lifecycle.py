"""Starts the processes of the local system in order, watches them, and ends them in the reverse order."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from infra.deploy.stack_names import SERVICES
from infra.local.supervisor.daemon import Supervisor, SupervisorNotStartedError
from infra.local.up import functions
from infra.local.up.bedrock.model_check import model_check
from infra.local.up.deployment import LocalDeployment, deploy_stacks, seed_demo_users
from infra.local.up.email_codes import EmailCodes
from infra.local.up.errors import CannotStartError
from infra.local.up.programs import APIS, AWS, GATEWAY, MODELS, SystemPrograms
from infra.local.up.readiness import fetch_json, wait_until_ready
from infra.local.up.ready_message import ready_message

_MAINTENANCE_SECONDS = 1.0


def run(system: SystemPrograms) -> None:
    """Run the system until an exception: KeyboardInterrupt after a signal, CannotStartError if a step fails."""
    started = time.monotonic()
    codes = EmailCodes(system.state.folder / "aws" / "outbox.jsonl")
    supervisor = Supervisor(system.state.folder, system.environment, system.repository)
    try:
        with model_check(system.model_check(), system.state.logs / "model-check.log"):
            _start(system, supervisor)
        seconds = time.monotonic() - started
        print(ready_message(system.settings, seconds, system.bedrock_credentials), flush=True)
        while True:
            time.sleep(_MAINTENANCE_SECONDS)
            supervisor.maintain()
            for sentence in codes.new():
                print(sentence, flush=True)
    except SupervisorNotStartedError as error:
        raise CannotStartError(str(error)) from error
    finally:
        with step("stopped"):
            supervisor.stop()


def _start(system: SystemPrograms, supervisor: Supervisor) -> None:
    tools = _prepare_functions() if system.settings.compute == "lambda" else None
    deadline = time.monotonic() + system.settings.ready_seconds
    with step("supervisor"):
        supervisor.start()
    with step("embedded AWS and model server"):
        # The functions start before the embedded AWS delivers messages of queues to them.
        foundation = [system.functions("events", *tools)] if tools else []
        supervisor.run("foundation", [*foundation, *system.foundation()])
        _wait(system, AWS, "/_ministack/health", deadline)
        _wait(system, MODELS, "/health", deadline)
    with step("stacks from the SAM templates"):
        deployed = deploy_stacks(system.address(AWS), system.settings)
    with step("demo users"):
        seed_demo_users(system.address(AWS), deployed)
    with step("services"):
        services = [system.functions("apis", *tools)] if tools else system.services(deployed.settings)
        supervisor.run("services", services)
        supervisor.run("edge", [system.gateway(deployed.public)])
        with ThreadPoolExecutor(len(SERVICES)) as pool:
            log_of = {service: APIS if tools else service for service in SERVICES}
            list(pool.map(lambda each: _wait(system, each, f"/api/{each}/ready", deadline, log_of[each]), SERVICES))
    with step("gateway"):
        _wait(system, GATEWAY, "/config.json", deadline)
        _require_own_gateway(system, deployed)


def _prepare_functions() -> tuple[Path, Path]:
    with step("web adapter and runtime client"):
        tools = functions.tools()
    with step("packages of the functions"):
        functions.packages()
    return tools


def _require_own_gateway(system: SystemPrograms, deployed: LocalDeployment) -> None:
    """Raise CannotStartError if another system has taken the port meanwhile: its responses may look like ours."""
    if fetch_json(system.address(GATEWAY) + "/config.json").get("user_pool_id") != deployed.public["user_pool_id"]:
        raise CannotStartError(f"port {system.settings.port} was taken by another program while this one started")


def _wait(system: SystemPrograms, name: str, path: str, deadline: float, log_of: str = "") -> None:
    """`log_of`: the program whose log explains a failure, if it is not `name`."""
    wait_until_ready(name, system.address(name) + path, system.state.logs / f"{log_of or name}.log", deadline)


@contextmanager
def step(title: str) -> Iterator[None]:
    """Print the title and the duration when the step has ended. A failed step prints nothing; its error is reported."""
    started = time.monotonic()
    yield
    print(f"  {title:<44} {time.monotonic() - started:5.1f} s", flush=True)
