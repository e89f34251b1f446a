"""A fake of S3 for the deployer: whole objects by key, in buckets that must exist."""

import io
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError


class FakeBuckets:
    """`objects`: bucket/key → content; `about`: bucket/key → metadata; `sent`: keys in the order of their upload."""

    def __init__(self, region: str = "eu-west-1") -> None:
        self.meta = SimpleNamespace(region_name=region, endpoint_url=f"https://s3.{region}.amazonaws.com")
        self.buckets: dict[str, dict[str, Any]] = {}
        self.objects: dict[str, bytes] = {}
        self.about: dict[str, dict[str, Any]] = {}
        self.sent: list[str] = []

    def head_bucket(self, *, Bucket: str) -> None:  # noqa: N803 - AWS's
        if Bucket not in self.buckets:
            raise _missing("HeadBucket")

    def create_bucket(self, *, Bucket: str, **settings: Any) -> None:  # noqa: N803 - AWS's
        self.buckets[Bucket] = settings

    def put_public_access_block(self, *, Bucket: str, **settings: Any) -> None:  # noqa: N803 - AWS's
        self.buckets[Bucket].update(settings)

    def put_bucket_policy(self, *, Bucket: str, **settings: Any) -> None:  # noqa: N803 - AWS's
        self.buckets[Bucket].update(settings)

    def head_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - AWS's
        if f"{Bucket}/{Key}" not in self.objects:
            raise _missing("HeadObject")
        return self.about[f"{Bucket}/{Key}"]

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - AWS's
        if f"{Bucket}/{Key}" not in self.objects:
            raise _missing("GetObject")
        return {"Body": io.BytesIO(self.objects[f"{Bucket}/{Key}"])}

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, **about: Any) -> None:  # noqa: N803 - AWS's
        self.head_bucket(Bucket=Bucket)
        self.objects[f"{Bucket}/{Key}"] = Body
        self.about[f"{Bucket}/{Key}"] = about
        self.sent.append(Key)


def _missing(operation: str) -> ClientError:
    return ClientError({"Error": {"Code": "404", "Message": "Not Found"}}, operation)
