"""The relay of chat as Lambda functions: `relay` for the records of the table's stream, `sweep` for a schedule.

They do not import `app`, so that their package stays small and the functions start quickly.
"""

from shared.host.lambda_relay import RelayFunction
from shared.settings import PublisherSettings

_function = RelayFunction.of("chat", PublisherSettings)
relay, sweep = _function.on_stream, _function.on_schedule
