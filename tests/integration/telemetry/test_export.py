"""Export of spans: without an endpoint the SDK is not loaded; a missing collector does not block the process."""

import subprocess
import sys
import time

from shared.telemetry.export import export_spans
from shared.telemetry.spans import span
from tests.ports import free_port


def test_without_an_endpoint_the_sdk_is_not_imported() -> None:
    script = (
        "import sys, services.chat.app, shared.host.service_process\n"
        "from shared.telemetry.export import export_spans\n"
        "with export_spans('chat', None, 'local'): pass\n"
        "sdk = ('opentelemetry.sdk', 'opentelemetry.exporter', 'requests')\n"
        "print([name for name in sys.modules if name.startswith(sdk)])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_a_missing_collector_does_not_delay_the_end_of_the_process_for_long() -> None:
    began = time.monotonic()
    with export_spans("chat", f"http://127.0.0.1:{free_port()}", "local"), span("work"):
        pass
    assert time.monotonic() - began < 8
