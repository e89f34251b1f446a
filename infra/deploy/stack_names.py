"""The stacks of a deployment, in the order in which they are created."""

from typing import Final

PLATFORM: Final = "platform"
SERVICES: Final = ("chat", "bots", "ingest", "agents", "analytics")
EDGE_GLOBAL: Final = "edge-global"
EDGE: Final = "edge"
EDGE_GLOBAL_REGION: Final = "us-east-1"
"""CloudFront accepts firewalls and certificates from this region only."""


def stack_name(environment: str, stack: str) -> str:
    return f"colloquy-{environment}-{stack}"
