"""A Lambda environment as a process: `python -m tests.lambda_environment services.chat.lambda_handlers turns`.

Each input line has an event and a time limit in seconds; each output line has the answer or the name of the error.
The output of the function goes to standard error.
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
        request = json.loads(line)
        try:
            answer = {"answer": handler(request["event"], FakeContext(request["seconds"]))}
        except Exception as error:  # noqa: BLE001 - Lambda also returns every error
            answer = {"error": type(error).__name__}
        answers.write(json.dumps(answer) + "\n")
