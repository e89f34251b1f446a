"""Calls of AWS's JSON services without botocore's machinery around each: for what is called many times a second."""

from shared.aws.direct.client import DIRECT, DirectClient, opened_direct

__all__ = ["DIRECT", "DirectClient", "opened_direct"]
