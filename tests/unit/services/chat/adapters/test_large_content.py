"""Content too large for an item lies in the bucket, under its conversation."""

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


async def test_what_fits_into_an_item_stays_there(bucket: Bucket) -> None:
    assert await bucket.bodies.put("conv_1", "msg_1", "x" * MAX_INLINE_BYTES) is None
    assert bucket.keys() == []


async def test_what_does_not_fit_is_put_under_its_conversation_and_read_back(bucket: Bucket) -> None:
    content = "x" * (MAX_INLINE_BYTES + 1)
    place = await bucket.bodies.put("conv_1", "msg_1", content)
    assert place == "chat/conv_1/msg_1.json"
    assert (await bucket.bodies.get(place)) == content.encode()


async def test_bytes_count_not_characters(bucket: Bucket) -> None:
    assert await bucket.bodies.put("conv_1", "msg_1", "한" * 100_001) is not None
    assert await bucket.bodies.put("conv_1", "msg_2", "한" * 100_000) is None


async def test_erasing_takes_all_of_a_conversation_and_nothing_else(bucket: Bucket) -> None:
    for number in range(5):
        await bucket.bodies.put("conv_1", f"msg_{number}", "x" * 400_000)
    await bucket.bodies.put("conv_12", "msg_1", "x" * 400_000)
    await bucket.bodies.erase("conv_1")
    assert bucket.keys() == ["chat/conv_12/msg_1.json"]


async def test_erasing_nothing_is_no_fault(bucket: Bucket) -> None:
    await bucket.bodies.erase("conv_1")
