"""Content too large for an item: in the bucket, under its conversation, so that erasing one erases the other."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from types_aiobotocore_s3 import S3Client

MAX_INLINE_BYTES: Final = 300_000
"""Bytes; an item takes 400 KB, and a transaction should stay well below its 4 MB."""


class S3LargeContent:
    """Written before the transaction that names it; what no message names is erased with its conversation."""

    def __init__(self, s3: "S3Client", bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    async def put(self, conversation_id: str, message_id: str, content: str) -> str | None:
        data = content.encode()
        if len(data) <= MAX_INLINE_BYTES:
            return None
        place = f"{_folder(conversation_id)}{message_id}.json"
        await self._s3.put_object(Bucket=self._bucket, Key=place, Body=data, ContentType="application/json")
        return place

    async def get(self, place: str) -> bytes:
        answer = await self._s3.get_object(Bucket=self._bucket, Key=place)
        async with answer["Body"] as body:
            return await body.read()

    async def erase(self, conversation_id: str) -> None:
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=_folder(conversation_id))
        async for page in pages:
            for found in page.get("Contents", []):
                await self._s3.delete_object(Bucket=self._bucket, Key=found["Key"])


def _folder(conversation_id: str) -> str:
    return f"chat/{conversation_id}/"
