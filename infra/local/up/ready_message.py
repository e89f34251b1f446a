"""The message that `make up` prints when everything is ready."""

from infra.local.seed import DEMO_PASSWORD, DEMO_USERS
from infra.local.up.settings import UpSettings

_NO_GROUP = "no group"


def ready_message(settings: UpSettings, seconds: float) -> str:
    people = "\n".join(
        f"    {user.email:<20} {DEMO_PASSWORD}   {', '.join(user.groups) or _NO_GROUP}" for user in DEMO_USERS
    )
    return f"""
Colloquy is ready after {seconds:.1f} s:

    http://127.0.0.1:{settings.port}

  Demo users and their passwords:
{people}

{_models(settings)}
  `make logs` follows the logs, `make down` or Ctrl-C ends the system, `make reset` also deletes its data.
"""  # fmt: skip


def _models(settings: UpSettings) -> str:
    if settings.bedrock == "aws":
        return f"""  Models: Amazon Bedrock in {settings.bedrock_region}, billed to profile {settings.aws_profile}.
"""
    return """  The local model is a toy: it shows that everything works, not what a real model can say.
  Real models: make up BEDROCK=aws AWS_PROFILE=<profile>   (everything else stays on this machine)
"""
