"""Client of AWS's JSON services that bypasses botocore, for operations that are called many times a second."""

from shared.aws.fast_client.client import FAST_CLIENTS, FastClient, open_fast_client

__all__ = ["FAST_CLIENTS", "FastClient", "open_fast_client"]
