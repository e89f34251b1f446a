"""Long polls of the embedded AWS compared with the unpatched package: woken by a send, ended with their client."""

import json
import socket
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

from tests.stack import DeployedAws

ROUNDS = 15


def new_queue(stack: DeployedAws, name: str) -> tuple[Any, str]:
    sqs = stack.client("sqs")
    return sqs, str(sqs.create_queue(QueueName=name)["QueueUrl"])


def send_to_receive_times(stack: DeployedAws, name: str) -> list[float]:
    """Seconds from each send until a waiting poll has received the message."""
    sqs, queue = new_queue(stack, name)

    def received_at(_round: int) -> float:
        (message,) = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=10)["Messages"]
        now = time.perf_counter()
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return now

    times = []
    with ThreadPoolExecutor(1) as pool:
        for number in range(ROUNDS):
            receiving = pool.submit(received_at, number)
            time.sleep(
                0.02 + number * 0.005
            )  # the poll is waiting, and the sends come at different times of its interval
            sent = time.perf_counter()
            sqs.send_message(QueueUrl=queue, MessageBody="x")
            times.append(receiving.result(timeout=15) - sent)
    return times


def test_a_send_wakes_a_waiting_poll(stock_aws: DeployedAws, embedded_aws: DeployedAws) -> None:
    stock, ours = (statistics.median(send_to_receive_times(stack, "woken")) for stack in (stock_aws, embedded_aws))
    assert ours < stock, f"send to receipt, median: stock {stock * 1000:.0f} ms, ours {ours * 1000:.0f} ms"


def test_a_waiting_poll_receives_a_message_that_becomes_visible(embedded_aws: DeployedAws) -> None:
    sqs, queue = new_queue(embedded_aws, "by-itself")
    sqs.send_message(QueueUrl=queue, MessageBody="delayed", DelaySeconds=1)
    (message,) = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=10, VisibilityTimeout=1)["Messages"]
    (again,) = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=10)["Messages"]
    assert (message["Body"], again["Body"]) == ("delayed", "delayed")


def test_a_poll_without_a_message_ends_empty(embedded_aws: DeployedAws) -> None:
    sqs, queue = new_queue(embedded_aws, "in-vain")
    began = time.monotonic()
    assert "Messages" not in sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1)
    assert time.monotonic() - began >= 0.9


def open_long_polls(stack: DeployedAws, queue: str, number: int) -> list[socket.socket]:
    """Start long polls by raw requests whose responses are not read, so that a client can disconnect while it waits."""
    host, _, port = urlsplit(stack.aws.endpoint).netloc.partition(":")
    body = json.dumps({"QueueUrl": queue, "WaitTimeSeconds": 20}).encode()
    head = (
        f"POST / HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: {len(body)}\r\n"
        "Content-Type: application/x-amz-json-1.0\r\nX-Amz-Target: AmazonSQS.ReceiveMessage\r\n"
        "Authorization: AWS4-HMAC-SHA256 Credential=test/20261123/us-east-1/sqs/aws4_request, "
        "SignedHeaders=host, Signature=x\r\n\r\n"
    )
    connections = [socket.create_connection((host, int(port)), timeout=5) for _ in range(number)]
    for connection in connections:
        connection.sendall(head.encode() + body)
    return connections


def is_message_lost(stack: DeployedAws, name: str) -> bool:
    """Whether a message is delivered to clients that disconnected before it was sent."""
    sqs, queue = new_queue(stack, name)
    connections = open_long_polls(stack, queue, 5)
    time.sleep(0.3)  # no response shows when the polls are waiting
    for connection in connections:
        connection.close()
    time.sleep(0.1)  # the server has noticed the disconnects
    sqs.send_message(QueueUrl=queue, MessageBody="x")
    return "Messages" not in sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=2)


def test_a_poll_of_a_disconnected_client_takes_no_message(stock_aws: DeployedAws, embedded_aws: DeployedAws) -> None:
    # In the unpatched package this is a race, so it is repeated.
    assert any(is_message_lost(stock_aws, f"dead-client-{number}") for number in range(20))
    assert not is_message_lost(embedded_aws, "dead-client")


def queue_of_the_bus(stack: DeployedAws, name: str) -> tuple[Any, str]:
    """A queue and a rule of this test, so that no process of a service receives from it."""
    sqs, queue = new_queue(stack, name)
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events, bus = stack.client("events"), stack.platform["EventBus"]
    events.put_rule(Name=name, EventBusName=bus, EventPattern=json.dumps({"detail-type": [name]}))
    events.put_targets(Rule=name, EventBusName=bus, Targets=[{"Id": "queue", "Arn": arn}])
    return sqs, queue


def test_an_event_of_the_bus_wakes_a_waiting_poll(embedded_aws: DeployedAws) -> None:
    sqs, queue = queue_of_the_bus(embedded_aws, "woken-by-the-bus")
    detail = json.dumps({"type": "woken-by-the-bus"})
    entry = {"EventBusName": embedded_aws.platform["EventBus"], "Source": "colloquy.chat", "Detail": detail}
    with ThreadPoolExecutor(1) as pool:
        receiving = pool.submit(sqs.receive_message, QueueUrl=queue, WaitTimeSeconds=10)
        embedded_aws.client("events").put_events(Entries=[{**entry, "DetailType": "woken-by-the-bus"}])
        (message,) = receiving.result(timeout=15)["Messages"]
    assert json.loads(message["Body"])["detail"] == json.loads(detail)
