"""`python -m infra.local.bedrock.llama FILE` prints its address to stdout as a JSON line and serves until stdin closes.

It reads the API key from the first line of stdin, so that other users cannot see it in the list of processes.
"""

import json
import os
import signal
import sys
from typing import Any

from infra.local.supervisor.parent_death import die_with_parent

SLOTS = 2
CONTEXT = 4096
_WITHOUT_LIBGOMP = "xllamacpp needs the system library libgomp.so.1 (Debian and Ubuntu: apt-get install libgomp1)"


def _start(file: str, key: str) -> Any:
    try:
        import xllamacpp  # noqa: PLC0415 - a missing system library is reported as an error message
    except ImportError as error:
        raise RuntimeError(_WITHOUT_LIBGOMP if "libgomp" in str(error) else str(error)) from None
    params = xllamacpp.CommonParams()
    params.model.path = file
    params.n_gpu_layers = 0
    params.n_parallel = SLOTS
    params.n_ctx = SLOTS * CONTEXT
    # An 8-bit cache and small batches: the small model takes 250 MB instead of 340, at the same speed.
    params.cache_type_k = params.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_Q8_0
    params.n_batch, params.n_ubatch, params.cache_ram_mib = 512, 128, 0
    params.warmup = params.ui = params.endpoint_slots = False
    params.verbosity = 0
    params.api_keys = [key]
    return xllamacpp.Server(params)


def main() -> None:
    # While the engine loads, this process does not notice that stdin closes. Loading may also hang, and then only
    # SIGKILL ends it.
    die_with_parent(signal.SIGKILL)
    key = sys.stdin.readline().strip()
    try:
        server = _start(sys.argv[1], key)
    except RuntimeError as error:
        print(json.dumps({"error": str(error)}), flush=True)
        sys.exit(1)
    try:
        print(json.dumps({"address": f"{server.listening_address}/v1"}), flush=True)
        sys.stdin.read()
    finally:  # also if the model server ended before it read the address
        # The native threads need no cleanup, and must not run longer than the model server.
        os._exit(0)


if __name__ == "__main__":
    main()
