"""The state of the embedded AWS after a kill, a stop and a restart."""

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

from tests.polling import eventually
from tests.ports import free_port
from tests.stack import PYTHON, ROOT, EmbeddedAws, running_aws, wait_until_ready

KEYS = {
    "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    "BillingMode": "PAY_PER_REQUEST",
}
PROMISED_S = 2.0


def put(dynamodb: Any, number: int, body: str = "x") -> None:
    item = {"pk": {"S": "run"}, "sk": {"S": f"{number:06}"}, "body": {"S": body}}
    dynamodb.put_item(TableName="log", Item=item)


def numbers(dynamodb: Any) -> list[int]:
    pages = dynamodb.get_paginator("scan").paginate(TableName="log")
    return sorted(int(item["sk"]["S"]) for page in pages for item in page["Items"])


def kill(aws: EmbeddedAws) -> None:
    os.kill(aws.process.pid, signal.SIGKILL)
    aws.process.wait()


def test_kill_loses_no_write_older_than_two_seconds(tmp_path: Path) -> None:
    port = free_port()
    with running_aws(tmp_path / "aws", port) as aws:
        dynamodb, sqs, s3, people = (aws.client(name) for name in ("dynamodb", "sqs", "s3", "cognito-idp"))
        dynamodb.create_table(TableName="log", **KEYS)
        put(dynamodb, 1)
        put(dynamodb, 2)
        dynamodb.delete_item(TableName="log", Key={"pk": {"S": "run"}, "sk": {"S": "000001"}})
        queue = sqs.create_queue(QueueName="turns")["QueueUrl"]
        sqs.send_message(QueueUrl=queue, MessageBody="run me")
        s3.create_bucket(Bucket="content")
        s3.put_object(Bucket="content", Key="body", Body=b"long")
        pool = people.create_user_pool(PoolName="people")["UserPool"]["Id"]
        time.sleep(PROMISED_S)  # the promised time is under test
        put(dynamodb, 3)  # newer than the promised time
        kill(aws)
    with running_aws(tmp_path / "aws", port) as aws:
        assert set(numbers(aws.client("dynamodb"))) - {3} == {2}
        messages = aws.client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=0)["Messages"]
        assert [message["Body"] for message in messages] == ["run me"]
        assert aws.client("s3").get_object(Bucket="content", Key="body")["Body"].read() == b"long"
        assert aws.client("cognito-idp").describe_user_pool(UserPoolId=pool)["UserPool"]["Name"] == "people"


def test_kill_during_a_snapshot_leaves_a_consistent_state(tmp_path: Path) -> None:
    """Each message is sent after its item was written, so no message may be restored without its item."""
    port = free_port()
    with running_aws(tmp_path / "aws", port, "--snapshot-seconds=0.01") as aws:
        dynamodb, sqs = aws.client("dynamodb"), aws.client("sqs")
        dynamodb.create_table(TableName="log", **KEYS)
        queue = sqs.create_queue(QueueName="turns")["QueueUrl"]
        for number in range(300):
            put(dynamodb, number, body="y" * 2000)
            sqs.send_message(QueueUrl=queue, MessageBody=str(number))
        kill(aws)
    with running_aws(tmp_path / "aws", port) as aws:
        kept = numbers(aws.client("dynamodb"))
        sqs = aws.client("sqs")
        sent = int(
            sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"][
                "ApproximateNumberOfMessages"
            ]
        )
        assert kept == list(range(len(kept)))
        assert 0 < sent <= len(kept) <= sent + 1


def test_stop_keeps_the_last_write_and_removes_the_work_folder(tmp_path: Path) -> None:
    port = free_port()
    with running_aws(tmp_path / "aws", port, "--snapshot-seconds=3600") as aws:
        dynamodb = aws.client("dynamodb")
        dynamodb.create_table(TableName="log", **KEYS)
        put(dynamodb, 1)
    assert aws.process.returncode == 0
    assert not (tmp_path / "aws" / "work").exists()
    with running_aws(tmp_path / "aws", port) as aws:
        assert numbers(aws.client("dynamodb")) == [1]


def test_long_poll_does_not_delay_the_stop(tmp_path: Path) -> None:
    with running_aws(tmp_path / "aws", free_port()) as aws:
        queue = aws.client("sqs").create_queue(QueueName="turns")["QueueUrl"]
        polling = subprocess.Popen(
            [PYTHON, "-c", _POLL, aws.endpoint, queue], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert polling.stdout
        assert polling.stdout.readline() == b"polling\n"
        started = time.monotonic()
        aws.process.send_signal(signal.SIGTERM)
        aws.process.wait(timeout=10)
        assert time.monotonic() - started < 5
    polling.kill()
    polling.communicate()


_POLL = """
import sys, urllib.request
print("polling", flush=True)
urllib.request.urlopen(sys.argv[1] + "/?Action=ReceiveMessage&WaitTimeSeconds=20&QueueUrl=" + sys.argv[2]).read()
"""


def refused(state: Path, port: int) -> str:
    command = [PYTHON, "-m", "infra.local.aws", f"--port={port}", f"--state={state}"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    return line


def test_busy_port_is_reported_in_one_line(tmp_path: Path, embedded_aws: Any) -> None:
    port = embedded_aws.aws.endpoint.rpartition(":")[2]
    assert refused(tmp_path / "aws", int(port)) == f"embedded AWS: port {port} cannot be used: Address already in use"


def test_state_in_use_is_reported_in_one_line(embedded_aws: Any) -> None:
    assert "database is locked" in refused(embedded_aws.aws.state, free_port())
    assert eventually(lambda: embedded_aws.client("s3").list_buckets())


def test_damaged_state_is_refused_and_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "aws").mkdir()
    damaged = tmp_path / "aws" / "state.sqlite3"
    damaged.write_bytes(b"not a database, but precious" * 100)
    assert "file is not a database" in refused(tmp_path / "aws", free_port())
    assert damaged.read_bytes().startswith(b"not a database, but precious")


def test_full_disk_ends_the_process_with_one_line_and_keeps_the_last_snapshot(tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "log"
    limited = f"ulimit -f 600; exec {PYTHON} -m infra.local.aws --port={port} --state={tmp_path / 'aws'}"
    with log.open("wb") as output:
        process = subprocess.Popen(["bash", "-c", limited], cwd=ROOT, stdout=output, stderr=output)
    aws = EmbeddedAws(f"http://127.0.0.1:{port}", tmp_path / "aws", process)
    try:
        wait_until_ready(aws, log)
        dynamodb = aws.client("dynamodb")
        dynamodb.create_table(TableName="log", **KEYS)
        put(dynamodb, 0)
        time.sleep(PROMISED_S)  # the first snapshot is written
        for number in range(1, 4):
            put(dynamodb, number, body="y" * 350_000)
        assert process.wait(timeout=10) == 1
    finally:
        process.kill()
        process.wait()
    assert "embedded AWS: cannot keep state in" in log.read_text().splitlines()[-1]
    with running_aws(tmp_path / "aws", port) as again:
        assert 0 in numbers(again.client("dynamodb"))


def test_recreated_table_does_not_have_its_old_items(tmp_path: Path) -> None:
    port = free_port()
    with running_aws(tmp_path / "aws", port, "--snapshot-seconds=0.05") as aws:
        dynamodb = aws.client("dynamodb")
        dynamodb.create_table(TableName="log", **KEYS)
        put(dynamodb, 1)
        time.sleep(0.5)  # so that a snapshot contains the old item
        dynamodb.delete_table(TableName="log")
        dynamodb.create_table(TableName="log", **KEYS)
        put(dynamodb, 2)
    with running_aws(tmp_path / "aws", port) as aws:
        assert numbers(aws.client("dynamodb")) == [2]
        assert aws.client("dynamodb").describe_table(TableName="log")["Table"]["ItemCount"] == 1


def test_the_last_snapshot_waits_for_a_running_one(tmp_path: Path) -> None:
    port, body = free_port(), "x" * 100_000
    for _ in range(8):
        with running_aws(tmp_path / "aws", port, "--snapshot-seconds=0.001") as aws:
            dynamodb = aws.client("dynamodb")
            if not dynamodb.list_tables()["TableNames"]:
                dynamodb.create_table(TableName="log", **KEYS)
            before = numbers(dynamodb)
            assert before == list(range(len(before)))
            written = [len(before) + number for number in range(20)]
            for number in written:
                put(dynamodb, number, body)
        # It ended without an error while a snapshot was being written.
        assert aws.process.returncode == 0
    assert len(before) == 140
