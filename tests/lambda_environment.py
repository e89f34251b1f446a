"""One environment of Lambda as a process: `python -m tests.lambda_environment services.chat.lambda_handlers turns`.

Reads an event and the seconds it may take from each line, writes the function's answer, or its error's name, on one.
What the function prints goes to standard error.
"""

import importlib
import json
import os
import sys

from tests.fakes.lambda_service import FakeContext

if __name__ == "__main__":
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    handler = getattr(importlib.import_module(sys.argv[1]), sys.argv[2])
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            answer = {"answer": handler(asked["event"], FakeContext(asked["seconds"]))}
        except Exception as error:  # noqa: BLE001 - told as Lambda tells it
            answer = {"error": type(error).__name__}
        answers.write(json.dumps(answer) + "\n")
