"""Calls of AWS's JSON services without botocore's machinery around each: for what is called many times a second."""

from shared.aws.direct.client import DirectClient, opened_direct

__all__ = ["DirectClient", "opened_direct"]
