"""The bucket of packages: private, keys derived from the content, each content uploaded once."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.deploy.artifacts import Artifacts
from tests.fakes.buckets import FakeBuckets


def test_the_bucket_is_private_and_reached_over_tls_only() -> None:
    buckets = FakeBuckets("eu-west-1")
    Artifacts(buckets, "packages").ensure()
    created = buckets.buckets["packages"]
    assert created["CreateBucketConfiguration"] == {"LocationConstraint": "eu-west-1"}
    assert set(created["PublicAccessBlockConfiguration"].values()) == {True}
    (statement,) = json.loads(created["Policy"])["Statement"]
    assert (statement["Effect"], statement["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_the_bucket_in_us_east_1_has_no_location_constraint() -> None:
    buckets = FakeBuckets("us-east-1")
    Artifacts(buckets, "packages").ensure()
    assert "CreateBucketConfiguration" not in buckets.buckets["packages"]


def test_an_existing_bucket_is_not_changed() -> None:
    buckets = FakeBuckets()
    buckets.buckets["packages"] = {"own": "settings"}
    Artifacts(buckets, "packages").ensure()
    assert buckets.buckets["packages"] == {"own": "settings"}


def test_a_bucket_of_another_account_raises_the_error() -> None:
    class Denying(FakeBuckets):
        def head_bucket(self, **_: Any) -> None:
            raise ClientError({"Error": {"Code": "403", "Message": "Forbidden"}}, "HeadBucket")

    with pytest.raises(ClientError, match="Forbidden"):
        Artifacts(Denying(), "packages").ensure()


def test_the_same_content_is_uploaded_once() -> None:
    buckets = FakeBuckets()
    artifacts = Artifacts(buckets, "packages")
    artifacts.ensure()
    first = artifacts.put(b"code", "zip")
    assert artifacts.put(b"code", "zip") == first
    assert artifacts.put(b"other", "zip") != first
    assert len(buckets.sent) == 2
    assert buckets.objects[f"packages/{first}"] == b"code"
    assert first.endswith(".zip")


def test_the_address_of_an_artifact_is_a_regional_url() -> None:
    assert Artifacts(FakeBuckets("eu-west-1"), "packages").address("a.yaml") == (
        "https://s3.eu-west-1.amazonaws.com/packages/a.yaml"
    )
