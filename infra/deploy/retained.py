"""Resources that stay when their stack is deleted, because they hold data. They are removed only on request."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from infra.deploy.account import Account
from infra.deploy.templates import load


@dataclass(frozen=True)
class RetainedResource:
    """`id`: the physical id."""

    kind: str
    id: str


def retained_by(cloudformation: Any, stack: str, template: str) -> Iterator[RetainedResource]:
    """Resources that an existing stack would leave behind, by the deletion policies of its template."""
    declared = load(template)["Resources"]
    more: dict[str, str] = {}
    while True:
        page = cloudformation.list_stack_resources(StackName=stack, **more)
        for each in page["StackResourceSummaries"]:
            policy = declared.get(each["LogicalResourceId"], {}).get("DeletionPolicy", "Retain")
            if each["ResourceType"] in REMOVERS and each.get("PhysicalResourceId") and policy.startswith("Retain"):
                yield RetainedResource(each["ResourceType"], each["PhysicalResourceId"])
        if not page.get("NextToken"):
            return
        more = {"NextToken": page["NextToken"]}


def remove(account: Account, retained: RetainedResource) -> None:
    """Delete the resource. Does nothing if it is gone."""
    try:
        REMOVERS[retained.kind](account, retained.id)
    except ClientError as refused:
        if refused.response["Error"]["Code"] not in _GONE:
            raise


def _table(account: Account, name: str) -> None:
    dynamodb = account.client("dynamodb")
    dynamodb.update_table(TableName=name, DeletionProtectionEnabled=False)
    dynamodb.get_waiter("table_exists").wait(TableName=name)
    dynamodb.delete_table(TableName=name)


def _bucket(account: Account, name: str) -> None:
    s3 = account.client("s3")
    empty(s3, name)
    s3.delete_bucket(Bucket=name)


def empty(s3: Any, bucket: str) -> None:
    """Delete every version of every object."""
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
        objects = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in found]
        if objects:
            s3.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})


def _user_pool(account: Account, pool: str) -> None:
    people = account.client("cognito-idp")
    if domain := people.describe_user_pool(UserPoolId=pool)["UserPool"].get("Domain"):
        people.delete_user_pool_domain(Domain=domain, UserPoolId=pool)
    people.update_user_pool(UserPoolId=pool, DeletionProtection="INACTIVE")
    people.delete_user_pool(UserPoolId=pool)


def _collection(account: Account, id_: str) -> None:
    account.client("opensearchserverless").delete_collection(id=id_)


REMOVERS: Final[Mapping[str, Callable[[Account, str], None]]] = {
    "AWS::DynamoDB::Table": _table,
    "AWS::S3::Bucket": _bucket,
    "AWS::Cognito::UserPool": _user_pool,
    "AWS::OpenSearchServerless::Collection": _collection,
}
_GONE: Final = {"ResourceNotFoundException", "NoSuchBucket", "404", "UserPoolNotFoundException"}
