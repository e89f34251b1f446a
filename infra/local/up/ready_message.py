"""The message that `make up` prints when everything is ready."""

from infra.local.seed import DEMO_PASSWORD, DEMO_USERS
from infra.local.up.bedrock.credentials import BedrockCredentials
from infra.local.up.settings import UpSettings

_NO_GROUP = "no group"


def ready_message(settings: UpSettings, seconds: float, credentials: BedrockCredentials | None = None) -> str:
    people = "\n".join(
        f"    {user.email:<20} {DEMO_PASSWORD}   {', '.join(user.groups) or _NO_GROUP}" for user in DEMO_USERS
    )
    return f"""
Colloquy is ready after {seconds:.1f} s:

    http://127.0.0.1:{settings.port}

  Demo users and their passwords:
{people}

{_models(settings, credentials)}
  `make logs` follows the logs, `make down` or Ctrl-C ends the system, `make reset` also deletes its data.
"""  # fmt: skip


def _models(settings: UpSettings, credentials: BedrockCredentials | None) -> str:
    if credentials:
        ignored = f" Not used: {credentials.not_used}." if credentials.not_used else ""
        return f"  Models: Amazon Bedrock in {settings.bedrock_region}, paid by {credentials.payer}.{ignored}\n"
    return """  The local model is a toy: it shows that everything works, not what a real model can say.
  Real models: make up BEDROCK=aws says which credentials it needs   (everything else stays on this machine)
"""
