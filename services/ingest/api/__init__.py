"""HTTP routes of ingest: parse, authorise, call, answer."""

from services.ingest.api.sources import SOURCE_ROUTES

ROUTES = SOURCE_ROUTES

__all__ = ["ROUTES"]
