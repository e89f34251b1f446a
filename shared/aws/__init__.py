"""AWS clients, opened once per process and event loop, and DynamoDB attribute values."""

from shared.aws.clients import Aws
from shared.aws.items import from_item, from_value, to_item, to_value

__all__ = ["Aws", "from_item", "from_value", "to_item", "to_value"]
