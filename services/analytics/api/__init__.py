"""HTTP routes of analytics: parse, authorise, call, answer."""

from services.analytics.api.usage import read_my_usage

ROUTES = (read_my_usage,)

__all__ = ["ROUTES"]
