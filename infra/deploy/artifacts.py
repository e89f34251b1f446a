"""The bucket that holds packages and large templates, each under the hash of its content."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

_MISSING: Final = {"404", "NoSuchBucket", "NotFound", "NoSuchKey"}


@dataclass(frozen=True)
class Artifacts:
    """A bucket of immutable objects: an object that exists is not uploaded again."""

    s3: Any
    bucket: str

    def ensure(self) -> None:
        """Create the bucket if it is missing: private, and reachable over TLS only."""
        if _found(self.s3.head_bucket, Bucket=self.bucket):
            return
        region = self.s3.meta.region_name
        # S3 refuses a LocationConstraint for us-east-1 and requires it for every other region.
        place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        self.s3.create_bucket(Bucket=self.bucket, **place)
        closed = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
        self.s3.put_public_access_block(Bucket=self.bucket, PublicAccessBlockConfiguration=dict.fromkeys(closed, True))
        self.s3.put_bucket_policy(Bucket=self.bucket, Policy=json.dumps(_only_over_tls(self.bucket)))

    def put(self, content: bytes, ending: str) -> str:
        """Upload the content unless it exists. Returns its key."""
        key = f"{hashlib.sha256(content).hexdigest()[:32]}.{ending}"
        if not _found(self.s3.head_object, Bucket=self.bucket, Key=key):
            self.s3.put_object(Bucket=self.bucket, Key=key, Body=content)
        return key

    def address(self, key: str) -> str:
        """The address of a template in the form that CloudFormation expects."""
        return f"{self.s3.meta.endpoint_url}/{self.bucket}/{key}"


def _found(look: Any, **asked: str) -> bool:
    try:
        look(**asked)
    except ClientError as refused:
        if refused.response["Error"]["Code"] in _MISSING:
            return False
        raise
    return True


def _only_over_tls(bucket: str) -> dict[str, Any]:
    name = f"arn:aws:s3:::{bucket}"
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "OnlyOverTls",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [name, f"{name}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
    }
