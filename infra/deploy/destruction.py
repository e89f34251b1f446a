"""Deletes a deployment: its stacks after one confirmation, people's data only after a second one."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from infra.deploy import retained, stacks
from infra.deploy.account import Account
from infra.deploy.artifacts import Artifacts
from infra.deploy.change_sets import PollPolicy
from infra.deploy.deployment import POLL
from infra.deploy.retained import RetainedResource
from infra.deploy.stack_names import EDGE, EDGE_GLOBAL, EDGE_GLOBAL_REGION, PLATFORM, SERVICES, stack_name
from infra.deploy.stages import NotApprovedError
from infra.deploy.terminal import Terminal

_RECORD_KEY: Final = "retained.json"
_ORDER: Final = ((EDGE,), (EDGE_GLOBAL,), SERVICES, (PLATFORM,))


@dataclass(frozen=True)
class Destruction:
    environment: str
    account: Account
    terminal: Terminal
    poll: PollPolicy = POLL

    def run(self, *, with_data: bool) -> None:
        """Delete stacks, and data if asked; a second run continues. Raises StackFailedError, NotApprovedError."""
        there = [name for stage in _ORDER for name in stage if self._find(name)]
        held = sorted({*self._recorded(), *self._retained_resources(there)}, key=str)
        self.terminal.say(f"stacks of {self.environment} in {self.account.region}: {', '.join(there) or 'none'}")
        if there and not self.terminal.confirm_by_typing("They will be deleted; data stays.", self.environment):
            raise NotApprovedError
        if held:
            self._record(held)
        for stage in _ORDER:
            self._delete([name for name in stage if name in there])
        for each in held:
            self.terminal.say(f"  {'will be deleted' if with_data else 'stays'}: {each.kind} {each.id}")
        if with_data:
            self._remove(held)

    def _remove(self, held: list[RetainedResource]) -> None:
        if not self.terminal.confirm_by_typing("All of this will be deleted for good.", f"{self.environment} data"):
            raise NotApprovedError
        for each in held:
            retained.remove(self.account, each)
        retained.remove(self.account, RetainedResource("AWS::S3::Bucket", self._bucket))
        if self.account.region != EDGE_GLOBAL_REGION:
            there = self.account.in_region(EDGE_GLOBAL_REGION)
            retained.remove(there, RetainedResource("AWS::S3::Bucket", there.artifacts_bucket(self.environment)))

    def _delete(self, names: list[str]) -> None:
        if not names:
            return
        with self.terminal.step(", ".join(names)), ThreadPoolExecutor(len(names)) as pool:
            list(pool.map(self._delete_one, names))

    def _delete_one(self, name: str) -> None:
        client = self._cloudformation(name)
        stacks.delete(client, stack_name(self.environment, name), self.poll.deadline_s, self.poll.interval_s)

    def _retained_resources(self, names: list[str]) -> Iterator[RetainedResource]:
        for name in names:
            yield from retained.retained_by(self._cloudformation(name), stack_name(self.environment, name), name)

    def _find(self, name: str) -> dict[str, Any] | None:
        return stacks.find(self._cloudformation(name), stack_name(self.environment, name))

    def _cloudformation(self, name: str) -> Any:
        account = self.account.in_region(EDGE_GLOBAL_REGION) if name == EDGE_GLOBAL else self.account
        return account.client("cloudformation")

    # Retained resources are recorded in the artifacts bucket: CloudFormation cannot list them once their stack is gone.

    @property
    def _bucket(self) -> str:
        return self.account.artifacts_bucket(self.environment)

    def _record(self, held: list[RetainedResource]) -> None:
        s3 = self.account.client("s3")
        Artifacts(s3, self._bucket).ensure()  # after a deployment by the SAM CLI it is missing
        s3.put_object(Bucket=self._bucket, Key=_RECORD_KEY, Body=json.dumps([asdict(each) for each in held]).encode())

    def _recorded(self) -> list[RetainedResource]:
        try:
            answer = self.account.client("s3").get_object(Bucket=self._bucket, Key=_RECORD_KEY)
        except ClientError as refused:
            if refused.response["Error"]["Code"] in {"NoSuchKey", "NoSuchBucket", "404"}:
                return []
            raise
        return [RetainedResource(**each) for each in json.loads(answer["Body"].read())]
