"""No fault: functions run where Lambda's own runtime and the web adapter run them, not in ministack's workers.

`infra.local.lambdas` is told which version of which function an event is for.
"""

from typing import Any

from ministack.services import lambda_svc


def apply(address: str | None) -> None:
    """`address`: of the host of functions; None leaves them to ministack."""
    if address is None:
        return

    def there(config: dict[str, Any]) -> str:
        return f"{address}/functions/{config['FunctionName']}/{config.get('Version', '$LATEST')}"

    lambda_svc._proxy_url_for = there
