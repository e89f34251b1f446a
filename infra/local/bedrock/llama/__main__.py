"""`python -m infra.local.bedrock.llama FILE`: prints its address on stdout as one JSON line, serves until stdin closes.

The API key comes as the first line of stdin, so that no other user of the machine reads it in the process list.
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
        import xllamacpp  # noqa: PLC0415 - a missing system library must become a sentence
    except ImportError as error:
        raise RuntimeError(_WITHOUT_LIBGOMP if "libgomp" in str(error) else str(error)) from None
    params = xllamacpp.CommonParams()
    params.model.path = file
    params.n_gpu_layers = 0
    params.n_parallel = SLOTS
    params.n_ctx = SLOTS * CONTEXT
    # Eight-bit cache and small batches: 250 MB instead of 340 for the small model, at the same speed.
    params.cache_type_k = params.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_Q8_0
    params.n_batch, params.n_ubatch, params.cache_ram_mib = 512, 128, 0
    params.warmup = params.ui = params.endpoint_slots = False
    params.verbosity = 0
    params.api_keys = [key]
    return xllamacpp.Server(params)


def main() -> None:
    # The end of stdin is not seen while the engine loads; loading may hang, and then takes no other signal either.
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
    finally:  # also when the model server ended before it read the address
        # The native threads need no clean end, and must not outlive the model server.
        os._exit(0)


if __name__ == "__main__":
    main()
