"""Content too large for an item is stored in the bucket, under its conversation."""

import pytest

from services.chat.adapters.large_content import MAX_INLINE_BYTES, S3LargeContent
from tests.fakes.s3 import FakeS3


class Bucket:
    def __init__(self) -> None:
        self.s3 = FakeS3()
        self.bodies = S3LargeContent(self.s3, "content")  # type: ignore[arg-type]

    def keys(self) -> list[str]:
        return [key for _, key in sorted(self.s3.objects)]


@pytest.fixture
def bucket() -> Bucket:
    return Bucket()


async def test_content_that_fits_into_an_item_is_not_put_in_the_bucket(bucket: Bucket) -> None:
    assert await bucket.bodies.put("conv_1", "msg_1", "x" * MAX_INLINE_BYTES) is None
    assert bucket.keys() == []


async def test_larger_content_is_put_under_its_conversation_and_read_back(bucket: Bucket) -> None:
    content = "x" * (MAX_INLINE_BYTES + 1)
    key = await bucket.bodies.put("conv_1", "msg_1", content)
    assert key == "chat/conv_1/msg_1.json"
    assert (await bucket.bodies.get(key)) == content.encode()


async def test_the_limit_counts_bytes_not_characters(bucket: Bucket) -> None:
    assert await bucket.bodies.put("conv_1", "msg_1", "한" * 100_001) is not None
    assert await bucket.bodies.put("conv_1", "msg_2", "한" * 100_000) is None


async def test_erasing_removes_all_content_of_one_conversation_only(bucket: Bucket) -> None:
    for number in range(5):
        await bucket.bodies.put("conv_1", f"msg_{number}", "x" * 400_000)
    await bucket.bodies.put("conv_12", "msg_1", "x" * 400_000)
    await bucket.bodies.erase("conv_1")
    assert bucket.keys() == ["chat/conv_12/msg_1.json"]


async def test_erasing_a_conversation_without_content_raises_no_error(bucket: Bucket) -> None:
    await bucket.bodies.erase("conv_1")
