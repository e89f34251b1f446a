"""The processes of the local system, in the order of their start: AWS and models, services, gateway.

With `COMPUTE=lambda` two function hosts replace the services: one for events, one for the REST APIs.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from infra.deploy.stack_names import SERVICES
from infra.local.supervisor.supervisord_config import Program
from infra.local.up import environment
from infra.local.up.bedrock.credentials import BedrockCredentials
from infra.local.up.settings import UpSettings
from infra.local.up.state import State

AWS, MODELS, GATEWAY, FUNCTIONS, APIS = "aws", "models", "gateway", "functions", "apis"
INNER = (AWS, MODELS, *SERVICES, FUNCTIONS)
_CALLS_MODELS = "chat"
"""The only service that calls models, so the only one that gets credentials for Bedrock."""


@dataclass(frozen=True)
class SystemPrograms:
    """All addresses are chosen before the first process starts. They stay the same until `make up` ends."""

    settings: UpSettings
    state: State
    ports: Mapping[str, int]
    inherited: Mapping[str, str] = field(repr=False)
    repository: Path
    bedrock_credentials: BedrockCredentials | None = None

    def address(self, name: str) -> str:
        port = self.settings.port if name == GATEWAY else self.ports[name]
        return f"http://127.0.0.1:{port}"

    @property
    def environment(self) -> dict[str, str]:
        return environment.base(self.inherited, self.repository)

    def foundation(self) -> list[Program]:
        python_of_aws = str(self.repository / ".venv-aws" / "bin" / "python")
        aws = ["-m", "infra.local.aws", f"--port={self.ports[AWS]}", f"--state={self.state.folder / 'aws'}"]
        models = [
            "-m",
            "infra.local.bedrock",
            f"--port={self.ports[MODELS]}",
            f"--log={self.state.logs / 'models.jsonl'}",
        ]
        if self.settings.model_file:
            models.append(f"--model-file={self.settings.model_file.resolve()}")
        if self.settings.openai_address:
            models.append(f"--openai-address={self.settings.openai_address}")
        if self.settings.compute == "lambda":
            aws.append(f"--functions={self.address(FUNCTIONS)}")
        return [
            self._program(AWS, python_of_aws, *aws),
            self._program(MODELS, sys.executable, *models),
        ]

    def services(self, outputs: Mapping[str, Mapping[str, str]]) -> list[Program]:
        """`outputs`: service → outputs of stacks as settings."""

        def variables(name: str) -> dict[str, str]:
            own = environment.service(self.ports[name], outputs[name], self.state)
            return {**self._common_settings(), **self._credentials_of(name), **own}

        return [self._program(name, sys.executable, "-m", f"services.{name}", **variables(name)) for name in SERVICES]

    def functions(self, kind: str, adapter: Path, runtime_client: Path) -> Program:
        """The function host for events (`kind` is `events`) or for the services' REST APIs (`apis`)."""
        settings = environment.functions(
            aws=self.address(AWS),
            port=self.ports[FUNCTIONS],
            services={name: self.ports[name] for name in SERVICES},
            local=self._common_settings(),
            local_of={_CALLS_MODELS: self._credentials_of(_CALLS_MODELS)},
            state=self.state,
        )
        tools = {"COLLOQUY_FUNCTIONS_ADAPTER": str(adapter), "COLLOQUY_FUNCTIONS_RUNTIME_CLIENT": str(runtime_client)}
        name = FUNCTIONS if kind == "events" else APIS
        return self._program(name, sys.executable, "-m", "infra.local.lambdas", kind, **settings, **tools)

    def model_check(self) -> Program | None:
        """The program that lists which models may be used, with the variables of the process that calls models.

        None if the models are local.
        """
        if self.bedrock_credentials is None:
            return None
        variables = {**self._common_settings(), **self._credentials_of(_CALLS_MODELS)}
        return self._program("model-check", sys.executable, "-m", "infra.local.up.bedrock.usable_models", **variables)

    def _credentials_of(self, service: str) -> dict[str, str]:
        if self.bedrock_credentials is None or service != _CALLS_MODELS:
            return {}
        return dict(self.bedrock_credentials.variables)

    def _common_settings(self) -> dict[str, str]:
        return {
            **environment.aws(self.address(AWS)),
            **environment.models(self.settings, self.address(MODELS)),
            **environment.limits(self.settings),
            **{f"COLLOQUY_{name.upper()}_URL": self.address(name) for name in SERVICES},
        }

    def gateway(self, public: Mapping[str, object]) -> Program:
        """`public`: the content of `/config.json`."""
        return self._program(
            GATEWAY,
            sys.executable,
            "-m",
            "infra.local.gateway",
            COLLOQUY_GATEWAY_PORT=str(self.settings.port),
            COLLOQUY_GATEWAY_SERVICES=json.dumps({name: self.address(name) for name in SERVICES}),
            COLLOQUY_GATEWAY_COGNITO=self.address(AWS),
            COLLOQUY_GATEWAY_PUBLIC=json.dumps(public),
        )

    def _program(self, name: str, *argv: str, **settings: str) -> Program:
        return Program(name, argv, {**self.environment, **settings}, str(self.repository))
