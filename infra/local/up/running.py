"""The life of the local system: start in order, watch, end in the reverse order."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from infra.deploy.house import SERVICES
from infra.local.supervisor.daemon import Supervisor, SupervisorNotStartedError
from infra.local.up import functions
from infra.local.up.codes import Codes
from infra.local.up.deploying import Deployed, deploy_stacks, seed_people
from infra.local.up.errors import CannotStartError
from infra.local.up.greeting import greeting
from infra.local.up.programs import APIS, AWS, GATEWAY, MODELS, House
from infra.local.up.readiness import fetch_json, wait_until_ready

_CARE_SECONDS = 1.0


def run(house: House) -> None:
    """Returns only by an exception: KeyboardInterrupt when told to end, CannotStartError when a step fails."""
    started = time.monotonic()
    codes = Codes(house.state.folder / "aws" / "outbox.jsonl")
    supervisor = Supervisor(house.state.folder, house.environment, house.repository)
    try:
        _start(house, supervisor)
        print(greeting(house.settings, time.monotonic() - started), flush=True)
        while True:
            time.sleep(_CARE_SECONDS)
            supervisor.care()
            for sentence in codes.new():
                print(sentence, flush=True)
    except SupervisorNotStartedError as error:
        raise CannotStartError(str(error)) from error
    finally:
        with step("stopped"):
            supervisor.stop()


def _start(house: House, supervisor: Supervisor) -> None:
    tools = _prepare_functions() if house.settings.compute == "lambda" else None
    deadline = time.monotonic() + house.settings.ready_seconds
    with step("supervisor"):
        supervisor.start()
    with step("embedded AWS and model server"):
        # Functions are there before the queues whose messages they work on.
        foundation = [house.functions("events", *tools)] if tools else []
        supervisor.run("foundation", [*foundation, *house.foundation()])
        _wait(house, AWS, "/_ministack/health", deadline)
        _wait(house, MODELS, "/health", deadline)
    with step("stacks from the SAM templates"):
        deployed = deploy_stacks(house.address(AWS), house.settings)
    with step("demo users"):
        seed_people(house.address(AWS), deployed)
    with step("services"):
        services = [house.functions("apis", *tools)] if tools else house.services(deployed.settings)
        supervisor.run("services", services)
        supervisor.run("edge", [house.gateway(deployed.public)])
        with ThreadPoolExecutor(len(SERVICES)) as pool:
            told_in = {service: APIS if tools else service for service in SERVICES}
            list(pool.map(lambda each: _wait(house, each, f"/api/{each}/ready", deadline, told_in[each]), SERVICES))
    with step("gateway"):
        _wait(house, GATEWAY, "/config.json", deadline)
        _require_own_gateway(house, deployed)


def _prepare_functions() -> tuple[Path, Path]:
    with step("web adapter and runtime client"):
        tools = functions.tools()
    with step("packages of the functions"):
        functions.packages()
    return tools


def _require_own_gateway(house: House, deployed: Deployed) -> None:
    """Somebody else may have taken the port since we looked; their answer would pass for ours."""
    if fetch_json(house.address(GATEWAY) + "/config.json").get("user_pool_id") != deployed.public["user_pool_id"]:
        raise CannotStartError(f"port {house.settings.port} was taken by another program while this one started")


def _wait(house: House, name: str, path: str, deadline: float, told_in: str = "") -> None:
    """`told_in`: the program whose log says why it is not ready, where that is not its own."""
    wait_until_ready(name, house.address(name) + path, house.state.logs / f"{told_in or name}.log", deadline)


@contextmanager
def step(title: str) -> Iterator[None]:
    """The line is written when the step has ended; a failed step is told by its error."""
    started = time.monotonic()
    yield
    print(f"  {title:<44} {time.monotonic() - started:5.1f} s", flush=True)
