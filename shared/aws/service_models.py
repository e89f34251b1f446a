"""Trims botocore's descriptions of AWS services, which saves a quarter of a process's memory.

botocore creates each client from a JSON file that describes the whole service. Documentation is dropped, and of the
big services only the operations named here are kept, with the types that they need.
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
            "HeadBucket",  # called by botocore itself, when a bucket is in another region
        }
    ),
    "Cognito Identity Provider": frozenset({"AdminGetUser", "AdminListGroupsForUser", "ListGroups", "ListUsers"}),
}  # fmt: skip
"""Operations by botocore's id of the service. Services that are not named here are small and kept whole."""

# Services that we call or that issue credentials. The endpoints of others follow the pattern of the partition.
_WITH_ENDPOINTS: Final = frozenset(
    {"dynamodb", "events", "sqs", "s3", "cognito-idp", "bedrock-runtime", "states", "sts", "oidc", "portal.sso"}
)


class TrimmedServiceModels(JSONFileLoader):
    """A file loader for botocore's `Loader(file_loader=…)`."""

    def _load_file(self, full_path: str, open_method: Callable[..., IO[bytes]]) -> dict[str, Any] | None:
        if not Path(full_path).is_file():
            return None
        with open_method(full_path, "rb") as file:
            described: dict[str, Any] = json.loads(file.read(), object_pairs_hook=_without_documentation)
        if "operations" in described:
            return keep_called_operations(described | _with_required_documentation(described))
        return keep_used_endpoints(described) if "endpoints" in Path(full_path).name else described


def new_session(profile: str | None = None) -> AioSession:
    """A session that creates clients from trimmed descriptions.

    Endpoints, region and credentials are botocore's own settings; `profile` is one of its profiles. The session of a
    profile ignores configured endpoints, except for clients whose own configuration says otherwise. Many profiles get
    their credentials from STS or IAM Identity Center. An embedded AWS that is configured for everything else must not
    receive these requests: it would see the person's token, and its credentials are worth nothing to Bedrock.
    """
    session = AioSession(profile=profile)
    if profile:
        session.set_config_variable("ignore_configured_endpoint_urls", True)
    session.get_component("data_loader").file_loader = TrimmedServiceModels()
    return session


def keep_called_operations(service: dict[str, Any]) -> dict[str, Any]:
    """The description of a service with only the operations that are called, and the shapes that these refer to."""
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


def keep_used_endpoints(endpoints: dict[str, Any]) -> dict[str, Any]:
    """The endpoints of all partitions, without those of services that are never called."""
    partitions = [
        partition
        | {"services": {name: each for name, each in partition["services"].items() if name in _WITH_ENDPOINTS}}
        for partition in endpoints["partitions"]
    ]
    return endpoints | {"partitions": partitions}


def _with_required_documentation(service: dict[str, Any]) -> dict[str, Any]:
    # The only documentation that botocore requires: S3 has such parameters, and its first call fails without.
    parameters = service.get("clientContextParams", {})
    return {"clientContextParams": {name: {"documentation": "", **each} for name, each in parameters.items()}}


def _without_documentation(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # A member of a shape may be called `documentation`; then its value is not a text.
    return {name: value for name, value in pairs if name != "documentation" or not isinstance(value, str)}
