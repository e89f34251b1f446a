"""Token estimates compared with a real tokenizer, that of SmolLM2: the difference is at most 15 %."""

from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from infra.local.bedrock.scripted import prose
from shared.llm.token_estimate import estimate
from tests.contract.bedrock.conftest import ModelServer, conversation
from tests.stack import ROOT

_LENGTH = 700  # characters: some 150 to 300 tokens


def _file(path: str) -> str:
    return (ROOT / Path(path)).read_text(encoding="utf-8")[:_LENGTH]


TEXTS = {
    "prose": "".join(prose.write("prose", 3, 600))[:_LENGTH],
    "a Markdown table": "".join(prose.write("table", 3, 600))[:_LENGTH],
    "a Markdown page": _file("README.md"),
    "Python": _file("services/chat/turns/start.py"),
    "a shell script": _file(".ci/run"),
}


def counted(text: str, server: ModelServer) -> int:
    """Count the tokens of a prompt with the model's tokenizer, including its template."""
    client = boto3.client(
        "bedrock-runtime",
        endpoint_url=server.address,
        config=Config(retries={"total_max_attempts": 1}, read_timeout=90),
    )
    try:
        answer: dict[str, Any] = client.converse(
            **conversation(text, "local.smollm2", inferenceConfig={"maxTokens": 1, "temperature": 0})
        )
        return int(answer["usage"]["inputTokens"])
    finally:
        client.close()


@pytest.mark.parametrize("kind", TEXTS)
def test_an_estimate_is_close_to_a_real_tokenizer(kind: str, model_server: ModelServer) -> None:
    template = counted("a", model_server) - 1
    assert estimate(TEXTS[kind]) == pytest.approx(counted(TEXTS[kind], model_server) - template, rel=0.15)
