"""`python -m infra.local.up.token <e-mail> [password]` prints an ID token of the running system."""

import sys

from botocore.exceptions import BotoCoreError, ClientError

from infra.local.aws.deploy import client
from infra.local.seed import token
from infra.local.up.programs import AWS
from infra.local.up.readiness import fetch_json
from infra.local.up.settings import UpSettings
from infra.local.up.state import State


def id_token(state: State, *email_and_password: str) -> str:
    """Raises LookupError if no system runs on the folder, ClientError for wrong credentials."""
    up, ports = state.read_note("up"), state.read_note("ports")
    if not (isinstance(up, dict) and isinstance(ports, dict) and state.is_locked()):
        raise LookupError("nothing is running; start it with `make up`")
    public = fetch_json(f"http://127.0.0.1:{up['port']}/config.json")
    platform = {"UserPoolId": public["user_pool_id"], "UserPoolClientId": public["user_pool_client_id"]}
    return token(client("cognito-idp", f"http://127.0.0.1:{ports[AWS]}"), platform, *email_and_password)


def main() -> int:
    try:
        print(id_token(State(UpSettings(bedrock="local").state), *sys.argv[1:3]))
    except (LookupError, ValueError, OSError, BotoCoreError, ClientError) as error:
        print(f"make token: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
