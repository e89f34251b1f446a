"""A function that is deployed in the embedded AWS: its version, its package and its settings."""

import hashlib
import re
import shutil
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from infra.local.lambdas.execution_environment import Plan
from infra.local.lambdas.function import handler_plan, http_plan, unpack

_NAME: Final = re.compile(r"^colloquy-[^-]+-(?P<service>[a-z]+)-(?P<resource>[A-Za-z]+)-")
_ISSUER: Final = "COLLOQUY_USER_POOL_ISSUER"
_KEYS: Final = "COLLOQUY_USER_POOL_JWKS_URL"


@dataclass(frozen=True)
class HostTools:
    """`adapter`: program of the web adapter. `runtime_client`: folder of awslambdaric. `folder`: unpacked packages."""

    adapter: Path
    runtime_client: Path
    folder: Path


@dataclass(frozen=True)
class DeployedFunction:
    """`variables`: from the template. `is_http`: the web adapter is one of its layers. `code`: URL of the package."""

    name: str
    version: str
    handler: str
    variables: Mapping[str, str]
    timeout_s: float
    memory_mb: int
    is_http: bool
    code: str

    @classmethod
    def find(cls, client: Any, name: str, qualifier: str) -> "DeployedFunction":
        """Raises ClientError (ResourceNotFoundException) if there is no such function. Blocks."""
        answer = client.get_function(FunctionName=name, Qualifier=qualifier)
        configuration = answer["Configuration"]
        return cls(
            name=name,
            version=configuration["Version"],
            handler=configuration["Handler"],
            variables=configuration.get("Environment", {}).get("Variables", {}),
            timeout_s=configuration["Timeout"],
            memory_mb=configuration["MemorySize"],
            is_http=any("LambdaAdapterLayer" in layer["Arn"] for layer in configuration.get("Layers", ())),
            code=answer["Code"]["Location"],
        )

    @property
    def service(self) -> str:
        """The service that it belongs to; empty for a function whose name is not one of our stacks'."""
        found = _NAME.match(self.name)
        return found["service"] if found else ""

    @property
    def title(self) -> str:
        """A short name for logs, for example `chat-Http`."""
        found = _NAME.match(self.name)
        return f"{found['service']}-{found['resource']}" if found else self.name

    def plan(self, tools: HostTools, local: Mapping[str, str]) -> Plan:
        """The plan to run it. `local` variables override the template's. Downloads the package. Blocks."""
        task = _task(self.code, tools.folder)
        variables = {**self.variables, **self._keys_here(local), **local}
        if self.is_http:
            plan = http_plan(self.name, task, tools.adapter, variables, self.timeout_s)
        else:
            plan = handler_plan(task, tools.runtime_client, self.handler, variables, self.timeout_s)
        return replace(plan, name=self.name, memory_mb=self.memory_mb)

    def _keys_here(self, local: Mapping[str, str]) -> dict[str, str]:
        """The setting with the URL of the user pool's keys: the host of the embedded AWS with the issuer's path."""
        if _ISSUER not in self.variables or "AWS_ENDPOINT_URL" not in local:
            return {}
        path = urlsplit(self.variables[_ISSUER]).path
        return {_KEYS: f"{local['AWS_ENDPOINT_URL']}{path}/.well-known/jwks.json"}


def _task(address: str, folder: Path) -> Path:
    """The folder of the unpacked package. Functions with the same package share it."""
    with urllib.request.urlopen(address, timeout=30) as answer:  # noqa: S310 - the embedded AWS's own address
        content = answer.read()
    task = folder / hashlib.sha256(content).hexdigest()[:16]
    if not task.is_dir():
        new = task.with_name(f"{task.name}.new")
        shutil.rmtree(new, ignore_errors=True)
        package = folder / f"{task.name}.zip"
        package.write_bytes(content)
        unpack(package, new).rename(task)
        package.unlink()
    return task
