"""Where packages lie: private, under their content's name, sent once."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.deploy.artifacts import Artifacts
from tests.fakes.buckets import FakeBuckets


def test_the_bucket_is_private_and_reached_over_tls_only() -> None:
    buckets = FakeBuckets("eu-west-1")
    Artifacts(buckets, "packages").ensure()
    made = buckets.buckets["packages"]
    assert made["CreateBucketConfiguration"] == {"LocationConstraint": "eu-west-1"}
    assert set(made["PublicAccessBlockConfiguration"].values()) == {True}
    (statement,) = json.loads(made["Policy"])["Statement"]
    assert (statement["Effect"], statement["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_the_first_region_wants_not_to_be_named() -> None:
    buckets = FakeBuckets("us-east-1")
    Artifacts(buckets, "packages").ensure()
    assert "CreateBucketConfiguration" not in buckets.buckets["packages"]


def test_a_bucket_that_is_there_is_left_as_it_is() -> None:
    buckets = FakeBuckets()
    buckets.buckets["packages"] = {"own": "settings"}
    Artifacts(buckets, "packages").ensure()
    assert buckets.buckets["packages"] == {"own": "settings"}


def test_somebody_elses_bucket_of_that_name_is_told_of() -> None:
    class Denying(FakeBuckets):
        def head_bucket(self, **_: Any) -> None:
            raise ClientError({"Error": {"Code": "403", "Message": "Forbidden"}}, "HeadBucket")

    with pytest.raises(ClientError, match="Forbidden"):
        Artifacts(Denying(), "packages").ensure()


def test_the_same_content_is_sent_once_and_another_beside_it() -> None:
    buckets = FakeBuckets()
    artifacts = Artifacts(buckets, "packages")
    artifacts.ensure()
    first = artifacts.put(b"code", "zip")
    assert artifacts.put(b"code", "zip") == first
    assert artifacts.put(b"other", "zip") != first
    assert len(buckets.sent) == 2
    assert buckets.objects[f"packages/{first}"] == b"code"
    assert first.endswith(".zip")


def test_its_address_is_one_that_cloudformation_reads() -> None:
    assert Artifacts(FakeBuckets("eu-west-1"), "packages").address("a.yaml") == (
        "https://s3.eu-west-1.amazonaws.com/packages/a.yaml"
    )
