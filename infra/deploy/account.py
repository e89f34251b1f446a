"""The AWS account of a deployment, and clients for it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

_CONFIG = Config(connect_timeout=5, read_timeout=60, retries={"mode": "standard", "total_max_attempts": 6})


class NoAccountError(Exception):
    """No usable account or region. The message says what is missing and how to set it."""


@dataclass(frozen=True)
class Account:
    """An account in one region. `connect(service, region)` makes a client."""

    id: str
    region: str
    connect: Callable[[str, str], Any]

    @classmethod
    def of_terminal(cls, region: str | None) -> "Account":
        """From the terminal's own credentials, and its region if none is given. Raises NoAccountError."""
        session = botocore.session.get_session()
        where = region or session.get_config_variable("region")
        if not where:
            raise NoAccountError("no region: name one in deploy.toml, or set AWS_REGION")

        def connect(service: str, region_name: str) -> Any:
            return session.create_client(service, region_name=region_name, config=_CONFIG)

        try:
            return cls(connect("sts", where).get_caller_identity()["Account"], where, connect)
        except (BotoCoreError, ClientError) as refused:
            raise NoAccountError(f"no usable AWS credentials ({refused}): sign in, or set AWS_PROFILE") from refused

    def client(self, service: str) -> Any:
        return self.connect(service, self.region)

    def in_region(self, region: str) -> "Account":
        return replace(self, region=region)

    def artifacts_bucket(self, environment: str) -> str:
        """The bucket's name. Bucket names are global, so it contains the account and the region."""
        return f"colloquy-{environment}-artifacts-{self.id}-{self.region}"
