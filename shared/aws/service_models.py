"""botocore's descriptions of AWS services, without what we never read or call: a quarter of a process's memory.

Each client is made from a JSON file that describes its whole service in words and types. Words are dropped, and of
the big services only the operations named here are kept, with the types that they need.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Final

from aiobotocore.session import AioSession
from botocore.loaders import JSONFileLoader

CALLED: Final[Mapping[str, frozenset[str]]] = {
    "DynamoDB": frozenset(
        {
            "GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan", "BatchGetItem", "BatchWriteItem",
            "TransactGetItems", "TransactWriteItems",
        }
    ),
    "EventBridge": frozenset({"PutEvents"}),
    "S3": frozenset(
        {
            "GetObject", "HeadObject", "PutObject", "CopyObject", "DeleteObject", "DeleteObjects", "ListObjectsV2",
            "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload", "AbortMultipartUpload",
            "HeadBucket",  # botocore's own, when a bucket is in another region
        }
    ),
    "Cognito Identity Provider": frozenset({"AdminGetUser", "AdminListGroupsForUser", "ListGroups", "ListUsers"}),
}  # fmt: skip
"""Operations by botocore's id of the service. A service that is not named here is kept whole: it is small."""

# Ours, and those that credentials may come from. Addresses of others follow the partition's usual pattern.
_ADDRESSED: Final = frozenset(
    {"dynamodb", "events", "sqs", "s3", "cognito-idp", "bedrock-runtime", "states", "sts", "oidc", "portal.sso"}
)


class TrimmedServiceModels(JSONFileLoader):
    """For `Loader(file_loader=…)`."""

    def _load_file(self, full_path: str, open_method: Callable[..., IO[bytes]]) -> dict[str, Any] | None:
        if not Path(full_path).is_file():
            return None
        with open_method(full_path, "rb") as file:
            described: dict[str, Any] = json.loads(file.read(), object_pairs_hook=_without_words)
        if "operations" in described:
            return only_called(described | _with_demanded_words(described))
        return only_addressed(described) if "endpoints" in Path(full_path).name else described


def new_session(profile: str | None = None) -> AioSession:
    """A session whose clients are made from these descriptions.

    Endpoints, region and credentials are botocore's own settings; `profile` names one of its configuration.
    """
    session = AioSession(profile=profile)
    session.get_component("data_loader").file_loader = TrimmedServiceModels()
    return session


def only_called(service: dict[str, Any]) -> dict[str, Any]:
    """A service's description with the operations that are called, and the shapes that these reach."""
    called = CALLED.get(service["metadata"].get("serviceId"))
    if called is None:
        return service
    operations = {name: each for name, each in service["operations"].items() if name in called}
    reached: dict[str, Any] = {}
    waiting = list(_shapes_of(operations))
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached[name] = service["shapes"][name]
            waiting.extend(_shapes_of(reached[name]))
    return service | {"operations": operations, "shapes": reached}


def _shapes_of(described: Any) -> Iterator[str]:
    if isinstance(described, list):
        for each in described:
            yield from _shapes_of(each)
    elif isinstance(described, dict):
        if isinstance(described.get("shape"), str):
            yield described["shape"]
        for each in described.values():
            yield from _shapes_of(each)


def only_addressed(endpoints: dict[str, Any]) -> dict[str, Any]:
    """The addresses of all services in all partitions, without those that nobody asks."""
    partitions = [
        partition | {"services": {name: each for name, each in partition["services"].items() if name in _ADDRESSED}}
        for partition in endpoints["partitions"]
    ]
    return endpoints | {"partitions": partitions}


def _with_demanded_words(service: dict[str, Any]) -> dict[str, Any]:
    # The only words that botocore insists on: S3 has such parameters, and its first call would end without.
    parameters = service.get("clientContextParams", {})
    return {"clientContextParams": {name: {"documentation": "", **each} for name, each in parameters.items()}}


def _without_words(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # A member may be called `documentation`; then it is a shape, no words.
    return {name: value for name, value in pairs if name != "documentation" or not isinstance(value, str)}
