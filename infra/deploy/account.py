"""Whose account it is, and the clients with which it is asked."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

_CONFIG = Config(connect_timeout=5, read_timeout=60, retries={"mode": "standard", "total_max_attempts": 6})


class NoAccountError(Exception):
    """One sentence: what is missing, and how it is given."""


@dataclass(frozen=True)
class Account:
    """`client` takes a service's name, and a region where it is not this one."""

    id: str
    region: str
    client: Callable[..., Any]

    @classmethod
    def of_terminal(cls, region: str | None) -> "Account":
        """By the terminal's own credentials, and its region where none is given. Raises NoAccountError."""
        session = botocore.session.get_session()
        where = region or session.get_config_variable("region")
        if not where:
            raise NoAccountError("no region: name one in deploy.toml, or set AWS_REGION")

        def client(service: str, region_name: str = where) -> Any:
            return session.create_client(service, region_name=region_name, config=_CONFIG)

        try:
            return cls(client("sts").get_caller_identity()["Account"], where, client)
        except (BotoCoreError, ClientError) as refused:
            raise NoAccountError(f"no account answers ({refused}): sign in, or set AWS_PROFILE") from refused

    def artifacts_bucket(self, environment: str) -> str:
        """Bucket names are the world's: the account and the region make it ours."""
        return f"colloquy-{environment}-artifacts-{self.id}-{self.region}"
