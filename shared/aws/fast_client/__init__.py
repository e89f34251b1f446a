"""Calls of AWS's JSON services without botocore's machinery around each: for what is called many times a second."""

from shared.aws.fast_client.client import FAST_CLIENTS, FastClient, open_fast_client

__all__ = ["FAST_CLIENTS", "FastClient", "open_fast_client"]
