"""Bots's relay as Lambda functions: `relay` is rung by the table's stream, `sweep` by a schedule.

Apart from the other handlers: it needs little, and so starts soon.
"""

from shared.host.lambda_relay import RelayFunction
from shared.settings import PublisherSettings

_relay = RelayFunction.of("bots", PublisherSettings)
relay, sweep = _relay.rung, _relay.swept
