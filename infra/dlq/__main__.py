"""`python -m infra.dlq list|redrive`: `make dlq`, `make redrive QUEUE=chat-turns [LIMIT=10]`.

By default it works on the system of `make up`. With `ENV=prod` it works on a deployment on AWS, with the credentials
and the region of the terminal.
"""

import argparse
import sys
from collections.abc import Callable
from typing import Any

import botocore.session
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from infra.dlq.queues import DeadLetterQueue, dead_letter_queues
from infra.dlq.receive import count, dead_letters
from infra.dlq.redrive import redrive
from infra.local.aws.deploy import client
from infra.local.up.programs import AWS
from infra.local.up.settings import UpSettings
from infra.local.up.state import State

Clients = Callable[[str], Any]


class DlqSettings(BaseSettings):
    """Plain names without a prefix: these are the variables of the Makefile."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, env_ignore_empty=True)

    env: str | None = Field(default=None, description="environment on AWS; without it, the system of `make up`")
    queue: str | None = None
    limit: int | None = Field(
        default=None, ge=1, description="most dead letters; by default 20 are listed and all are redriven"
    )


def clients_of(settings: DlqSettings) -> tuple[Clients, str]:
    """A factory of clients by service name, and the environment's name. Raises LookupError if no system runs here."""
    if settings.env:
        return botocore.session.get_session().create_client, settings.env
    state = State(UpSettings(bedrock="local").state)
    ports = state.read_note("ports")
    if not (isinstance(ports, dict) and state.is_locked()):
        raise LookupError("nothing is running; start it with `make up`, or name a deployment with ENV=…")
    return lambda name: client(name, f"http://127.0.0.1:{ports[AWS]}"), "local"


def show(sqs: Any, queues: list[DeadLetterQueue], at_most: int) -> None:
    for queue in queues:
        print(f"{queue.name}: {count(sqs, queue)}")
        for letter in dead_letters(sqs, queue, at_most):
            print(f"  {letter.id}  {letter.type}  {letter.age_s} s  from {letter.origin}: {letter.reason}")


def chosen(queues: list[DeadLetterQueue], name: str | None) -> DeadLetterQueue:
    """The queue of that name. Raises LookupError with the valid names."""
    for queue in queues:
        if queue.name == name:
            return queue
    raise LookupError(f"QUEUE= must be one of {', '.join(queue.name for queue in queues)}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.dlq")
    parser.add_argument("what", choices=["list", "redrive"])
    what = parser.parse_args().what
    try:
        settings = DlqSettings()
        clients, environment = clients_of(settings)
        queues, sqs = dead_letter_queues(clients("cloudformation"), environment), clients("sqs")
        if what == "list":
            show(sqs, [chosen(queues, settings.queue)] if settings.queue else queues, settings.limit or 20)
            return 0
        done = redrive(sqs, clients("events"), chosen(queues, settings.queue), settings.limit)
        print(f"{done.moved} put back, {done.kept} refused again")
    except (LookupError, ValidationError, OSError, BotoCoreError, ClientError) as error:
        print(f"make {'dlq' if what == 'list' else what}: {error}", file=sys.stderr)
        return 1
    return int(done.kept > 0)


if __name__ == "__main__":
    sys.exit(main())
