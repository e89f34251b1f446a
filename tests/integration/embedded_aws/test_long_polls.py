"""Long polls of the embedded AWS, beside the stock package: woken by a send, and deaf to who has gone."""

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


def waits(stack: DeployedAws, name: str) -> list[float]:
    """Seconds from a send to its receipt by a poll that waits already."""
    sqs, queue = new_queue(stack, name)

    def received_at(_round: int) -> float:
        (message,) = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=10)["Messages"]
        now = time.perf_counter()
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return now

    taken = []
    with ThreadPoolExecutor(1) as pool:
        for number in range(ROUNDS):
            receiving = pool.submit(received_at, number)
            time.sleep(0.02 + number * 0.005)  # the poll is on its way, and the sends fall anywhere between two looks
            sent = time.perf_counter()
            sqs.send_message(QueueUrl=queue, MessageBody="x")
            taken.append(receiving.result(timeout=15) - sent)
    return taken


def test_a_send_wakes_the_poll_that_waits_for_it(stock_aws: DeployedAws, embedded_aws: DeployedAws) -> None:
    stock, ours = (statistics.median(waits(stack, "woken")) for stack in (stock_aws, embedded_aws))
    assert ours < stock, f"send to receipt, median: stock {stock * 1000:.0f} ms, ours {ours * 1000:.0f} ms"


def test_a_message_that_becomes_visible_by_itself_is_noticed(embedded_aws: DeployedAws) -> None:
    sqs, queue = new_queue(embedded_aws, "by-itself")
    sqs.send_message(QueueUrl=queue, MessageBody="delayed", DelaySeconds=1)
    (message,) = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=10, VisibilityTimeout=1)["Messages"]
    (again,) = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=10)["Messages"]
    assert (message["Body"], again["Body"]) == ("delayed", "delayed")


def test_a_poll_that_waits_in_vain_ends_with_nothing(embedded_aws: DeployedAws) -> None:
    sqs, queue = new_queue(embedded_aws, "in-vain")
    began = time.monotonic()
    assert "Messages" not in sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1)
    assert time.monotonic() - began >= 0.9


def polls_that_wait(stack: DeployedAws, queue: str, number: int) -> list[socket.socket]:
    """As somebody who dies cannot be told from somebody who waits: raw requests whose answers nobody reads."""
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


def swallowed(stack: DeployedAws, name: str) -> bool:
    """Whether a message goes to clients that died before it was sent."""
    sqs, queue = new_queue(stack, name)
    dead = polls_that_wait(stack, queue, 5)
    time.sleep(0.3)  # the polls have begun to wait; no answer tells
    for connection in dead:
        connection.close()
    time.sleep(0.1)  # the system has told the server
    sqs.send_message(QueueUrl=queue, MessageBody="x")
    return "Messages" not in sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=2)


def test_a_dead_clients_poll_swallows_no_message(stock_aws: DeployedAws, embedded_aws: DeployedAws) -> None:
    # Whether the stock package does so is a race that it loses more often than not.
    assert any(swallowed(stock_aws, f"dead-client-{number}") for number in range(20))
    assert not swallowed(embedded_aws, "dead-client")


def queue_of_the_bus(stack: DeployedAws, name: str) -> tuple[Any, str]:
    """A queue of the test's own behind a rule of its own: no service's process takes from it."""
    sqs, queue = new_queue(stack, name)
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events, bus = stack.client("events"), stack.platform["EventBus"]
    events.put_rule(Name=name, EventBusName=bus, EventPattern=json.dumps({"detail-type": [name]}))
    events.put_targets(Rule=name, EventBusName=bus, Targets=[{"Id": "queue", "Arn": arn}])
    return sqs, queue


def test_a_message_of_the_bus_wakes_a_poll_too(embedded_aws: DeployedAws) -> None:
    sqs, queue = queue_of_the_bus(embedded_aws, "woken-by-the-bus")
    detail = json.dumps({"type": "woken-by-the-bus"})
    entry = {"EventBusName": embedded_aws.platform["EventBus"], "Source": "colloquy.chat", "Detail": detail}
    with ThreadPoolExecutor(1) as pool:
        receiving = pool.submit(sqs.receive_message, QueueUrl=queue, WaitTimeSeconds=10)
        embedded_aws.client("events").put_events(Entries=[{**entry, "DetailType": "woken-by-the-bus"}])
        (message,) = receiving.result(timeout=15)["Messages"]
    assert json.loads(message["Body"])["detail"] == json.loads(detail)
