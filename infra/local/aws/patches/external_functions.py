"""No fault: functions run in our own host with AWS's runtime and the web adapter, not in ministack's workers.

The address names the function and the version that an event is for.
"""

from typing import Any

from ministack.services import lambda_svc


def apply(address: str | None) -> None:
    """`address`: of the function host; None leaves functions to ministack."""
    if address is None:
        return

    def address_of_function(config: dict[str, Any]) -> str:
        return f"{address}/functions/{config['FunctionName']}/{config.get('Version', '$LATEST')}"

    lambda_svc._proxy_url_for = address_of_function
