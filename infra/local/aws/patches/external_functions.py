"""Not a fault: functions run in our function host, with AWS's runtime client and the web adapter.

ministack sends each event to a URL of that host, which contains the function's name and version.
"""

from typing import Any

from ministack.services import lambda_svc


def apply(address: str | None) -> None:
    """`address`: URL of the function host. None runs functions in ministack."""
    if address is None:
        return

    def address_of_function(config: dict[str, Any]) -> str:
        return f"{address}/functions/{config['FunctionName']}/{config.get('Version', '$LATEST')}"

    lambda_svc._proxy_url_for = address_of_function
