"""`make up BEDROCK=aws` with fakes on loopback: whose credentials reach which service, and what is listed."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from botocore.exceptions import ClientError

from infra.deploy.stack_names import SERVICES
from infra.local.supervisor.supervisord_config import Program
from infra.local.up.bedrock import credentials
from infra.local.up.bedrock.model_check import model_check
from infra.local.up.programs import INNER, SystemPrograms
from infra.local.up.settings import UpSettings
from infra.local.up.state import State
from shared.aws import Aws
from shared.catalogue import Catalogue
from tests.fakes.bedrock_control_plane import BedrockControlPlane, bearer, signed_by

REPOSITORY: Final = Path(__file__).parents[3]
TOKEN: Final = "ABSK-a-key-of-bedrock"
SECRET: Final = "a-secret-access-key"
PROFILES: Final = f"[mine]\naws_access_key_id = AKIAPROFILE\naws_secret_access_key = {SECRET}\n"
GIVEN: Final[dict[str, dict[str, str]]] = {
    "an API key": {"aws_bearer_token_bedrock": TOKEN},
    "a profile": {"aws_profile": "mine"},
    "access keys": {
        "aws_access_key_id": "ASIATERMINAL",
        "aws_secret_access_key": SECRET,
        "aws_session_token": "a-session-token",
    },
}
ACCEPTS: Final = {
    "an API key": bearer(TOKEN),
    "a profile": signed_by("AKIAPROFILE"),
    "access keys": signed_by("ASIATERMINAL"),
}
EVERY_KIND: Final = pytest.mark.parametrize("kind", GIVEN)
PLAIN, PROFILED, ENDED, DENIED, ABSENT = [
    model for model in Catalogue.offered(("bedrock",)) if "us" in model.inference_profiles
][:5]
OFFERED: Final = [model.id for model in (PLAIN, PROFILED, ENDED, DENIED, ABSENT)]
ON_DEMAND: Final = {"inferenceTypesSupported": ["ON_DEMAND"], "modelLifecycle": {"status": "ACTIVE"}}
PAST: Final = {"status": "LEGACY", "endOfLifeTime": "2025-04-30T00:00:00Z"}


NOT_ALLOWED: Final = "the credentials do not allow bedrock"
OUTPUTS: Final[dict[str, dict[str, str]]] = {service: {} for service in SERVICES}
Chosen = Callable[[str], SystemPrograms]


@dataclass
class EmbeddedAws:
    """Answers every operation with an empty object, and remembers who asked."""

    authorizations: list[str] = field(default_factory=list)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/{path:.*}", self._answer)
        return app

    async def _answer(self, request: web.Request) -> web.Response:
        self.authorizations.append(request.headers["Authorization"])
        return web.json_response({}, content_type="application/x-amz-json-1.0")


def control_plane(kind: str, **changes: Any) -> BedrockControlPlane:
    """One model of each kind of access."""
    return BedrockControlPlane(
        ACCEPTS[kind],
        models=[
            {"modelId": PLAIN.bedrock_id, **ON_DEMAND},
            {"modelId": ENDED.bedrock_id, **ON_DEMAND, "modelLifecycle": PAST},
            {"modelId": DENIED.bedrock_id, **ON_DEMAND},
        ],
        profiles=["us.other.one", "us.other.two", "us.other.three", f"us.{PROFILED.bedrock_id}"],
        rights={
            PLAIN.bedrock_id: {"agreementAvailability": {"status": "NOT_AVAILABLE"}},
            DENIED.bedrock_id: {"authorizationStatus": "NOT_AUTHORIZED"},
        },
        **changes,
    )


@pytest.fixture
def chosen(tmp_path: Path) -> Iterator[Callable[[str], SystemPrograms]]:
    """The programs of `make up BEDROCK=aws` with one kind of credentials."""
    (tmp_path / "profiles").write_text(PROFILES)
    state = State(tmp_path / "state")
    state.prepare()
    inherited = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "AWS_SHARED_CREDENTIALS_FILE": f"{tmp_path}/profiles"}
    ports = {name: 9000 + number for number, name in enumerate(INNER)}
    with ExitStack() as stack:

        def choose(kind: str) -> SystemPrograms:
            settings = UpSettings.model_validate(
                {"state": state.folder, "bedrock": "aws", "allowed_models": OFFERED, **GIVEN[kind]}
            )
            given = credentials.choose(settings, inherited, state)
            stack.enter_context(credentials.stored(given, state))
            return SystemPrograms(settings, state, ports, inherited, REPOSITORY, given)

        yield choose


def environment(programs: SystemPrograms, name: str) -> dict[str, str]:
    return dict(next(each for each in programs.services(OUTPUTS) if each.name == name).environment)


def address(server: TestServer) -> str:
    return str(server.make_url("")).rstrip("/")


def calling(programs: SystemPrograms, bedrock: TestServer) -> Program:
    """The check, with the address of the fake instead of Bedrock's."""
    program = programs.model_check()
    assert program is not None
    return replace(program, environment={**program.environment, "AWS_ENDPOINT_URL_BEDROCK": address(bedrock)})


async def listed(programs: SystemPrograms, fake: BedrockControlPlane, capfd: pytest.CaptureFixture[str]) -> list[str]:
    async with TestServer(fake.app()) as server:
        await asyncio.to_thread(check, calling(programs, server), programs.state.logs / "model-check.log")
    return capfd.readouterr().out.splitlines()


def check(program: Program, log: Path) -> None:
    with model_check(program, log):
        pass


@EVERY_KIND
async def test_each_offered_model_is_listed_with_the_reason_if_it_cannot_be_used(
    kind: str, chosen: Chosen, capfd: pytest.CaptureFixture[str]
) -> None:
    fake = control_plane(kind)
    assert await listed(chosen(kind), fake, capfd) == [
        "  Bedrock in us-east-1: 2 of 5 offered models may be used",
        f"    usable   {PLAIN.name}; the first call accepts the provider's terms",
        f"    usable   {PROFILED.name}",
        f"    no       {ENDED.name}: ended on 2025-04-30",
        f"    no       {DENIED.name}: access denied",
        f"    no       {ABSENT.name}: not in us-east-1",
    ]
    assert "ConverseStream" not in fake.requests


async def test_without_permission_to_list_the_models_the_profiles_are_listed(
    chosen: Chosen, capfd: pytest.CaptureFixture[str]
) -> None:
    fake = control_plane("a profile", denied=frozenset({"ListFoundationModels", "GetFoundationModelAvailability"}))
    assert await listed(chosen("a profile"), fake, capfd) == [
        "  Bedrock in us-east-1: 1 of 5 offered models may be used",
        f"    unknown  {PLAIN.name}",
        f"    usable   {PROFILED.name}",
        *(f"    unknown  {model.name}" for model in (ENDED, DENIED, ABSENT)),
        f"    ListFoundationModels was not answered, so some models are unknown: {NOT_ALLOWED}:ListFoundationModels",
        f"    Not each model was checked for denied access: {NOT_ALLOWED}:GetFoundationModelAvailability",
    ]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("an API key", "the credentials do not allow bedrock:ListFoundationModels, or the API key is not valid"),
        ("a profile", "AWS does not know the credentials"),
    ],
)
async def test_credentials_that_are_not_valid_are_reported_in_one_line_without_the_secret(
    kind: str, expected: str, chosen: Chosen, capfd: pytest.CaptureFixture[str]
) -> None:
    fake = BedrockControlPlane(accepts=lambda _: False)
    programs = chosen(kind)
    (line,) = await listed(programs, fake, capfd)
    assert line.startswith("  Which models may be used is not known: ")
    assert expected in line.replace("ListInferenceProfiles", "ListFoundationModels")
    log = (programs.state.logs / "model-check.log").read_text()
    assert not [secret for secret in (TOKEN, SECRET) if secret in line + log]


@EVERY_KIND
async def test_only_the_client_of_bedrock_has_the_real_credentials(
    kind: str, chosen: Chosen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything else in the process of chat has the embedded AWS's keys, also our own fast client."""
    bedrock, embedded = control_plane(kind), EmbeddedAws()
    programs = chosen(kind)
    variables = environment(programs, "chat")
    async with TestServer(bedrock.app()) as real, TestServer(embedded.app()) as local:
        variables["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"] = address(real)
        variables["AWS_ENDPOINT_URL"] = address(local)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        async with Aws.open(bedrock_profile=variables.get("COLLOQUY_BEDROCK_PROFILE")) as aws:
            with pytest.raises(ClientError, match="ValidationException"):
                await (await aws.bedrock_runtime("us-east-1")).converse_stream(modelId=PLAIN.bedrock_id, messages=[])
            await (await aws.dynamodb()).get_item(TableName="t", Key={})
            await (await aws.sqs()).get_queue_attributes(QueueUrl="q")
            await (await aws.events()).put_events(Entries=[])
    assert bedrock.requests == ["ConverseStream"]
    assert len(embedded.authorizations) == 3
    assert all(" Credential=test/" in each for each in embedded.authorizations)


@EVERY_KIND
def test_no_other_process_gets_the_credentials(kind: str, chosen: Chosen, tmp_path: Path) -> None:
    programs = chosen(kind)
    (file,) = [*(tmp_path / "state" / "run").glob("bedrock-credentials")] or [tmp_path / "profiles"]
    hidden = [TOKEN, SECRET, "ASIATERMINAL", "a-session-token", "mine", str(file)]
    others = [*programs.foundation(), programs.gateway({}), *programs.services(OUTPUTS)]
    for program in others:
        found = [value for value in hidden if value in program.environment.values()]
        assert (not found) == (program.name != "chat"), program.name
    assert not [value for value in hidden if value in programs.environment.values()]
    host = programs.functions("events", Path("/adapter"), Path("/ric")).environment
    assert not [value for value in hidden if value in json.loads(host["COLLOQUY_FUNCTIONS_LOCAL"]).values()]
    assert list(json.loads(host["COLLOQUY_FUNCTIONS_LOCAL_OF"])) == ["chat"]


@EVERY_KIND
def test_no_secret_is_left_on_the_disk_when_the_system_has_ended(kind: str, tmp_path: Path) -> None:
    state = State(tmp_path / "state")
    state.prepare()
    (tmp_path / "profiles").write_text(PROFILES)
    settings = UpSettings.model_validate({"state": state.folder, "bedrock": "aws", **GIVEN[kind]})
    given = credentials.choose(settings, {"AWS_SHARED_CREDENTIALS_FILE": f"{tmp_path}/profiles"}, state)
    with credentials.stored(given, state):
        assert all(file.stat().st_mode & 0o077 == 0 for file in state.run.iterdir())
    assert list(state.run.iterdir()) == []
    assert not [secret for secret in (TOKEN, SECRET, "a-session-token") if secret in repr((settings, given))]
