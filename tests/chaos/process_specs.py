"""The processes of a system under chaos, and their settings."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from infra.deploy.stack_names import PLATFORM
from infra.local.aws.deploy import DeployedStacks
from infra.local.supervisor.supervisord_config import Program
from infra.local.up import environment
from infra.local.up.state import State
from tests.stack import ROOT

AWS, MODELS, PROXY, GATEWAY = "aws", "models", "proxy", "gateway"
# A person may have few answers and streams at once; here one person stands for many.
_MANY: Final = {"running_turns_limit": "100000", "open_streams_limit": "100000"}
_ENDPOINTS: Final = {
    "dynamodb": "AWS_ENDPOINT_URL_DYNAMODB",
    "events": "AWS_ENDPOINT_URL_EVENTBRIDGE",
    "sqs": "AWS_ENDPOINT_URL_SQS",
}


@dataclass(frozen=True)
class ProcessSpec:
    """One process: `name` is its own, `service` what it runs; `proxied`: AWS services reached through the proxy.

    `settings` are `COLLOQUY_` variables by their lower-case names.
    """

    name: str
    service: str
    roles: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    proxied: tuple[str, ...] = ()


def chat_processes(
    count: int, *, roles: str = "", proxied: tuple[str, ...] = (), **settings: str
) -> tuple[ProcessSpec, ...]:
    return tuple(ProcessSpec(f"chat{number}", "chat", roles, settings, proxied) for number in range(1, count + 1))


ANALYTICS: Final = ProcessSpec("analytics", "analytics")
AGENTS: Final = ProcessSpec("agents", "agents")


class Programs:
    """Addresses first, then programs, so that every process knows the others before any has started."""

    def __init__(self, state: State, ports: Mapping[str, int], inherited: Mapping[str, str]) -> None:
        self._state = state
        self._ports = ports
        self._base = environment.base(inherited, ROOT)

    def address(self, name: str) -> str:
        return f"http://127.0.0.1:{self._ports[name]}"

    def foundation(self) -> list[Program]:
        aws = str(ROOT / ".venv-aws/bin/python")
        here = self._state.folder
        return [
            self._program(AWS, aws, "infra.local.aws", f"--port={self._ports[AWS]}", f"--state={here / 'aws'}"),
            self._program(
                MODELS,
                sys.executable,
                "infra.local.bedrock",
                f"--port={self._ports[MODELS]}",
                f"--log={self._state.logs / 'models.jsonl'}",
            ),
            self._program(
                PROXY,
                sys.executable,
                "tests.chaos.fault_proxy",
                f"--port={self._ports[PROXY]}",
                f"--upstream={self.address(AWS)}",
                f"--rules={here / 'rules.json'}",
            ),
        ]

    def service(self, spec: ProcessSpec, deployment: DeployedStacks) -> Program:
        chosen = {f"COLLOQUY_{name.upper()}": value for name, value in {**_MANY, **spec.settings}.items()}
        return self._program(
            spec.name,
            sys.executable,
            f"services.{spec.service}",
            *(["--roles", spec.roles] if spec.roles else []),
            **environment.aws(self.address(AWS)),
            **{_ENDPOINTS[name]: self.address(PROXY) for name in spec.proxied},
            AWS_ENDPOINT_URL_BEDROCK_RUNTIME=self.address(MODELS),
            COLLOQUY_MODEL_SOURCES='["scripted"]',
            COLLOQUY_DEFAULT_MODEL="scripted.lorem",
            COLLOQUY_TITLE_MODEL="scripted.title",
            **environment.service(self._ports[spec.name], deployment.outputs_as_settings(spec.service), self._state),
            **{f"COLLOQUY_{each.upper()}_URL": self.address(each) for each in self._ports if each == "agents"},
            **chosen,
        )

    def gateway(self, services: Mapping[str, str], deployment: DeployedStacks) -> Program:
        """`services`: service → the part that answers for it."""
        platform = deployment.outputs[PLATFORM]
        public = {
            "region": environment.REGION,
            "user_pool_id": platform["UserPoolId"],
            "user_pool_client_id": platform["UserPoolClientId"],
        }
        return self._program(
            GATEWAY,
            sys.executable,
            "infra.local.gateway",
            COLLOQUY_GATEWAY_PORT=str(self._ports[GATEWAY]),
            COLLOQUY_GATEWAY_SERVICES=json.dumps({name: self.address(spec) for name, spec in services.items()}),
            COLLOQUY_GATEWAY_COGNITO=self.address(AWS),
            COLLOQUY_GATEWAY_PUBLIC=json.dumps(public),
        )

    def _program(self, name: str, python: str, module: str, *arguments: str, **settings: str) -> Program:
        return Program(name, (python, "-m", module, *arguments), {**self._base, **settings}, str(ROOT))
