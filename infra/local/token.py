"""`python -m infra.local.token admin@example.com [--endpoint …]` prints an ID token."""

import argparse
import sys

from botocore.exceptions import BotoCoreError, ClientError

from infra.deploy.stack_names import PLATFORM
from infra.deploy.stacks import outputs
from infra.local.aws.deploy import client
from infra.local.seed import DEMO_PASSWORD, token


def main() -> int:
    parser = argparse.ArgumentParser(prog="infra.local.token", description="Sign in and print an ID token.")
    parser.add_argument("user", help="e-mail address")
    parser.add_argument("--password", default=DEMO_PASSWORD, help="default: the demo users' password")
    parser.add_argument("--endpoint", help="the embedded AWS; default: AWS_ENDPOINT_URL")
    parser.add_argument("--environment", default="local")
    given = parser.parse_args()
    try:
        platform = outputs(client("cloudformation", given.endpoint), f"colloquy-{given.environment}-{PLATFORM}")
        print(token(client("cognito-idp", given.endpoint), platform, given.user, given.password))
    except (BotoCoreError, ClientError) as refused:
        print(f"no token for {given.user}: {refused}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
