"""Errors of the AWS clients, which a test can inject."""

from collections import defaultdict, deque

from botocore.exceptions import ClientError


def aws_error(code: str, operation: str = "Operation", **more: object) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}, **more}, operation)


class Faults:
    """A fake client whose calls can fail: `client.fail("put_item", aws_error("ThrottlingException"), times=2)`."""

    def __init__(self) -> None:
        self._faults: dict[str, deque[Exception]] = defaultdict(deque)
        self.calls: list[str] = []

    def fail(self, operation: str, error: Exception, times: int = 1) -> None:
        self._faults[operation].extend([error] * times)

    def clear_faults(self) -> None:
        self._faults.clear()

    def _called(self, operation: str) -> None:
        self.calls.append(operation)
        if self._faults[operation]:
            raise self._faults[operation].popleft()
