"""A function as the embedded AWS has it: the version behind an alias, its package, its settings."""

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
_KEYS: Final = "COLLOQUY_USER_POOL_JWKS_URL"


@dataclass(frozen=True)
class HostTools:
    """Paths of the tools that run packages: `adapter` is a program, `runtime_client` and `folder` are folders."""

    adapter: Path
    runtime_client: Path
    folder: Path


@dataclass(frozen=True)
class DeployedFunction:
    """`variables` are those of the template. `is_http`: the web adapter is among its layers."""

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
        """Raises ClientError (ResourceNotFoundException) when there is none. Blocks."""
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
    def title(self) -> str:
        """Short, for logs: `chat-Http`."""
        found = _NAME.match(self.name)
        return f"{found['service']}-{found['resource']}" if found else self.name

    def plan(self, tools: HostTools, local: Mapping[str, str]) -> Plan:
        """How to run it. `local` variables override the template's. Downloads the package. Blocks."""
        task = _task(self.code, tools.folder)
        variables = {**self.variables, **self._keys_here(local), **local}
        if self.is_http:
            plan = http_plan(self.name, task, tools.adapter, variables, self.timeout_s)
        else:
            plan = handler_plan(task, tools.runtime_client, self.handler, variables, self.timeout_s)
        return replace(plan, name=self.name, memory_mb=self.memory_mb)

    def _keys_here(self, local: Mapping[str, str]) -> dict[str, str]:
        """The URL of the user pool's keys on the embedded AWS: the host differs from AWS, the path is the same."""
        if _KEYS not in self.variables or "AWS_ENDPOINT_URL" not in local:
            return {}
        return {_KEYS: local["AWS_ENDPOINT_URL"] + urlsplit(self.variables[_KEYS]).path}


def _task(address: str, folder: Path) -> Path:
    """The unpacked package, shared by all functions with the same content."""
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
