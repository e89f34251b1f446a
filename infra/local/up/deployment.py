"""Deploys the stacks from the SAM templates and creates the demo users."""

from dataclasses import dataclass

from infra.deploy.desired_stack import Overrides
from infra.deploy.stack_names import PLATFORM, SERVICES
from infra.deploy.stacks import StackFailedError
from infra.local.aws.deploy import client, deploy
from infra.local.seed import seed
from infra.local.up import functions
from infra.local.up.environment import REGION
from infra.local.up.errors import CannotStartError
from infra.local.up.settings import UpSettings

_TOY = "The local model is a toy: it shows that everything works, not what a real model can say."
_WHERE_CODES_ARE = "No e-mail is sent on this machine: the code is printed where make up runs."


@dataclass(frozen=True)
class LocalDeployment:
    """`settings`: service → environment variables. `public`: the content of `/config.json`."""

    settings: dict[str, dict[str, str]]
    public: dict[str, object]


def deploy_stacks(endpoint: str, chosen: UpSettings) -> LocalDeployment:
    """Raises CannotStartError with the reason if a stack fails."""
    overrides = Overrides("local", functions.parameters() if chosen.compute == "lambda" else {})
    try:
        deployment = deploy(endpoint, overrides)
    except StackFailedError as failure:
        raise CannotStartError(f"a stack could not be deployed: {failure}") from failure
    platform = deployment.outputs[PLATFORM]
    return LocalDeployment(
        settings={service: deployment.outputs_as_settings(service) for service in SERVICES},
        public={
            "region": REGION,
            "user_pool_id": platform["UserPoolId"],
            "user_pool_client_id": platform["UserPoolClientId"],
            "default_model": chosen.default_model,
            "environment": "local",
            "notices": _notices(chosen),
        },
    )


def seed_demo_users(endpoint: str, deployed: LocalDeployment) -> None:
    seed(client("cognito-idp", endpoint), str(deployed.public["user_pool_id"]))


def _notices(chosen: UpSettings) -> dict[str, str]:
    is_toy = chosen.bedrock == "local" and not (chosen.model_file or chosen.openai_address)
    return {"model": _TOY if is_toy else "", "confirmation": _WHERE_CODES_ARE}
