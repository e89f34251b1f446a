"""Ingest's Lambda functions, one for each queue."""

from services.ingest.app import build
from services.ingest.settings import IngestSettings
from shared.host.queue_function import queue_function

events = queue_function("ingest", IngestSettings, build, "events")
