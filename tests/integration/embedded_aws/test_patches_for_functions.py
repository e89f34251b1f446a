"""Patches that functions need: the unpatched package has the fault, ours does not."""

import json
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest

from infra.deploy.change_sets import PollPolicy
from infra.deploy.stacks import Stack, StackFailedError
from infra.deploy.stages import apply_stacks
from infra.local.aws.deploy import client
from infra.local.aws.stubs import STUBBED_TYPES
from tests.polling import eventually
from tests.ports import free_port
from tests.stack import PYTHON, ROOT, DeployedAws, running_aws

POLL = PollPolicy(deadline_s=20, interval_s=0.05)
SOON_S = 20
FUNCTION = """
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Handler: index.handler
      Runtime: python3.13
      Role: arn:aws:iam::000000000000:role/any
      Code: {ZipFile: "def handler(event, context): print('received', len(event))"}
"""
MAPPED = f"""
Parameters: {{Most: {{Type: Number, Default: 7}}}}
Resources:
  Queue: {{Type: AWS::SQS::Queue}}
{FUNCTION}
  Mapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      EventSourceArn: !GetAtt Queue.Arn
      FunctionName: !Ref Function
      ScalingConfig: {{MaximumConcurrency: !Ref Most}}
Outputs: {{Queue: {{Value: !Ref Queue}}}}
"""
PIPED = f"""
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{{AttributeName: pk, AttributeType: S}}]
      KeySchema: [{{AttributeName: pk, KeyType: HASH}}]
      StreamSpecification: {{StreamViewType: NEW_IMAGE}}
{FUNCTION}
  Pipe:
    Type: AWS::Pipes::Pipe
    Properties:
      RoleArn: arn:aws:iam::000000000000:role/any
      Source: !GetAtt Table.StreamArn
      SourceParameters: {{DynamoDBStreamParameters: {{StartingPosition: LATEST}}}}
      Target: !GetAtt Function.Arn
Outputs: {{Table: {{Value: !Ref Table}}, Function: {{Value: !Ref Function}}}}
"""


def deploy_template(stack: DeployedAws, body: str) -> dict[str, str]:
    desired_stack = Stack(f"patches-{token_hex(4)}", body, {})
    return apply_stacks(client("cloudformation", stack.aws.endpoint), [desired_stack], POLL)[0]


def test_a_mapping_whose_concurrency_is_a_parameter_is_polled(
    stock_aws: DeployedAws, embedded_aws: DeployedAws
) -> None:
    def waiting(stack: DeployedAws, queue: str) -> int:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        attributes = stack.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
        return sum(int(attributes[name]) for name in names)

    queues = {stack.aws.endpoint: deploy_template(stack, MAPPED)["Queue"] for stack in (stock_aws, embedded_aws)}
    for stack in (stock_aws, embedded_aws):
        stack.client("sqs").send_message(QueueUrl=queues[stack.aws.endpoint], MessageBody="hello")
    assert eventually(lambda: waiting(embedded_aws, queues[embedded_aws.aws.endpoint]) == 0, SOON_S)
    assert waiting(stock_aws, queues[stock_aws.aws.endpoint]) == 1


def test_a_pipe_invokes_a_function(stock_aws: DeployedAws, embedded_aws: DeployedAws) -> None:
    def logged(stack: DeployedAws, function: str) -> list[str]:
        logs = stack.client("logs")
        if not logs.describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{function}")["logGroups"]:
            return []
        found = logs.filter_log_events(logGroupName=f"/aws/lambda/{function}")["events"]
        return [each["message"].strip() for each in found if "received" in each["message"]]

    outputs = {stack.aws.endpoint: deploy_template(stack, PIPED) for stack in (stock_aws, embedded_aws)}
    for stack in (stock_aws, embedded_aws):
        table = outputs[stack.aws.endpoint]["Table"]
        stack.client("dynamodb").put_item(TableName=table, Item={"pk": {"S": "one"}})
    assert eventually(
        lambda: logged(embedded_aws, outputs[embedded_aws.aws.endpoint]["Function"]) == ["received 1"], SOON_S
    )
    assert logged(stock_aws, outputs[stock_aws.aws.endpoint]["Function"]) == []


@pytest.mark.parametrize("kind", STUBBED_TYPES)
def test_a_stubbed_resource_type_can_be_deployed(stock_aws: DeployedAws, embedded_aws: DeployedAws, kind: str) -> None:
    outputs = {name: {"Value": {"Fn::GetAtt": ["One", name]}} for name in STUBBED_TYPES[kind].attributes}
    resources = {"One": {"Type": kind, "Properties": {}}}
    body = json.dumps({"Resources": resources, **({"Outputs": outputs} if outputs else {})})
    with pytest.raises(StackFailedError, match=f"Unrecognized resource types.*{kind}"):
        deploy_template(stock_aws, body)
    assert deploy_template(embedded_aws, body).keys() == set(STUBBED_TYPES[kind].attributes)


def test_an_alarm_over_several_metrics_can_be_deployed(stock_aws: DeployedAws, embedded_aws: DeployedAws) -> None:
    metrics = [{"Id": "sum", "Expression": "1 + 1"}]
    alarm = {"ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 1, "Threshold": 1, "Metrics": metrics}
    body = json.dumps({"Resources": {"One": {"Type": "AWS::CloudWatch::Alarm", "Properties": alarm}}})
    with pytest.raises(StackFailedError):
        deploy_template(stock_aws, body)
    assert deploy_template(embedded_aws, body) == {}


def test_the_code_of_a_function_is_hashed_once_only(tmp_path: Path) -> None:
    script = """
import hashlib, sys
from ministack import app
from ministack.services import lambda_svc
if sys.argv[1] == "patched":
    from infra.local.aws.patches import code_blobs
    code_blobs.apply()
count, sha256 = [0], hashlib.sha256
def counting(data=b""):
    count[0] += len(data) == 1000
    return sha256(data)
hashlib.sha256 = counting
lambda_svc._functions["f"] = {"config": {}, "code_zip": bytes(1000), "versions": {}}
first, second = lambda_svc.get_state(), lambda_svc.get_state()
assert str(first["functions"]._data) == str(second["functions"]._data)
print(count[0])
"""

    def hashed(kind: str, folder: str) -> int:
        done = subprocess.run(
            [PYTHON, "-c", script, kind], cwd=ROOT, env={"STATE_DIR": folder, "PYTHONPATH": str(ROOT)},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        return int(done.stdout.split()[-1])

    assert hashed("stock", str(tmp_path / "stock")) == 2
    hashed("patched", str(tmp_path / "patched"))
    assert hashed("patched", str(tmp_path / "patched")) == 1  # the file exists since the previous run


class EchoingHost(BaseHTTPRequestHandler):
    """Answers with the path and the event of the request."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        answer = json.dumps({"path": self.path, "event": json.loads(body)}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: Any) -> None:
        """Log nothing."""


def test_events_of_functions_are_sent_to_the_configured_host(tmp_path: Path) -> None:
    host = ThreadingHTTPServer(("127.0.0.1", 0), EchoingHost)
    threading.Thread(target=host.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{host.server_address[1]}"
    with running_aws(tmp_path / "aws", free_port(), f"--functions={address}") as aws:
        lambdas, name = aws.client("lambda"), f"there-{token_hex(4)}"
        lambdas.create_function(
            FunctionName=name, Runtime="python3.13", Handler="a.b", Role="arn:aws:iam::000000000000:role/any",
            Code={"ZipFile": b"PK\x05\x06" + bytes(18)},
        )  # fmt: skip
        answer = lambdas.invoke(FunctionName=name, Payload=json.dumps({"a": 1}))
        assert json.loads(answer["Payload"].read()) == {"path": f"/functions/{name}/$LATEST", "event": {"a": 1}}
    host.shutdown()
    host.server_close()
