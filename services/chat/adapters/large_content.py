"""Stores content that is too large for a table item in the bucket, under the id of its conversation."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from types_aiobotocore_s3 import S3Client

MAX_INLINE_BYTES: Final = 300_000
"""Larger content goes to the bucket: an item holds at most 400 KB, a transaction 4 MB."""


class S3LargeContent:
    """Content is written before the transaction of its message; what no message refers to is erased with the rest."""

    def __init__(self, s3: "S3Client", bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    async def put(self, conversation_id: str, message_id: str, content: str) -> str | None:
        """Store the content if it is larger than MAX_INLINE_BYTES; return its key, or None."""
        data = content.encode()
        if len(data) <= MAX_INLINE_BYTES:
            return None
        key = f"{_folder(conversation_id)}{message_id}.json"
        await self._s3.put_object(Bucket=self._bucket, Key=key, Body=data, ContentType="application/json")
        return key

    async def get(self, key: str) -> bytes:
        response = await self._s3.get_object(Bucket=self._bucket, Key=key)
        async with response["Body"] as body:
            return await body.read()

    async def erase(self, conversation_id: str) -> None:
        """Delete all content of the conversation."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=_folder(conversation_id))
        async for page in pages:
            for listed in page.get("Contents", []):
                await self._s3.delete_object(Bucket=self._bucket, Key=listed["Key"])


def _folder(conversation_id: str) -> str:
    return f"chat/{conversation_id}/"
