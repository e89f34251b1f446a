"""S3 buckets in memory, with the operations that the services use."""

from collections.abc import AsyncIterator
from typing import Any, Self

from tests.fakes.faults import Faults, aws_error


class FakeS3(Faults):
    """`objects`: bucket and key → body. A listing has two objects per page."""

    def __init__(self) -> None:
        super().__init__()
        self.objects: dict[tuple[str, str], bytes] = {}

    async def put_object(self, *, Bucket: str, Key: str, Body: bytes, ContentType: str) -> dict[str, Any]:  # noqa: N803
        self._called("put_object")
        self.objects[Bucket, Key] = Body
        return {"ContentType": ContentType}

    async def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        self._called("get_object")
        if (Bucket, Key) not in self.objects:
            raise aws_error("NoSuchKey", "GetObject")
        return {"Body": _Body(self.objects[Bucket, Key])}

    async def delete_object(self, *, Bucket: str, Key: str) -> None:  # noqa: N803
        self._called("delete_object")
        self.objects.pop((Bucket, Key), None)

    def get_paginator(self, operation: str) -> "_Listing":
        assert operation == "list_objects_v2"
        return _Listing(self.objects)


class _Listing:
    def __init__(self, objects: dict[tuple[str, str], bytes]) -> None:
        self._objects = objects

    async def paginate(self, *, Bucket: str, Prefix: str) -> AsyncIterator[dict[str, Any]]:  # noqa: N803
        found = sorted(key for bucket, key in self._objects if bucket == Bucket and key.startswith(Prefix))
        for start in range(0, len(found), 2):
            yield {"Contents": [{"Key": key} for key in found[start : start + 2]]}
        if not found:
            yield {}


class _Body:
    def __init__(self, data: bytes) -> None:
        self._data = data

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return

    async def read(self) -> bytes:
        return self._data
