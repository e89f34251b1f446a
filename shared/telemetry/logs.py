"""Logs to standard output with structlog, one JSON object a line, with the context variables of the task."""

import logging
import sys
from typing import Any, Final

import structlog
from structlog.typing import EventDict, WrappedLogger

# Names whose values must never be logged, also when they are passed by mistake.
_SECRET_NAMES: Final = frozenset(
    {"authorization", "token", "id_token", "refresh_token", "api_key", "secret", "password", "prompt", "answer", "body"}
)
# The place and the type of an error, without local variables and without its message, which may quote a prompt.
_FRAMES: Final = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
_LEVELS: Final = logging.getLevelNamesMapping()


def configure_logging(service: str, level: str = "info") -> None:
    """Configure structlog and the standard library's loggers. Call once per process, before the first log line."""
    shared_steps: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _name_service(service),
        _hide_secrets,
    ]
    structlog.configure(
        processors=[*shared_steps, _TRACEBACKS, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared_steps,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _TRACEBACKS,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=max(_LEVELS[level.upper()], logging.WARNING), force=True)


def _exception_dicts(exc_info: structlog.typing.ExcInfo) -> list[dict[str, Any]]:
    return [_without_message(each) for each in _FRAMES(exc_info)]


def _without_message(chain: dict[str, Any]) -> dict[str, Any]:
    """Also for the members of an exception group, each of which has its own chain of causes."""
    members = [[_without_message(each) for each in chain] for chain in chain["exceptions"]]
    return {**chain, "exc_value": "", "exc_notes": [], "syntax_error": None, "exceptions": members}


_TRACEBACKS: Final = structlog.processors.ExceptionRenderer(_exception_dicts)


def _name_service(service: str) -> structlog.typing.Processor:
    def add(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event["service"] = service
        return event

    return add


def _hide_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    hidden: EventDict = _hidden(event)
    return hidden


def _hidden(value: Any) -> Any:
    """The value with `***` under every secret name, at any depth and in upper or lower case."""
    match value:
        case dict():
            return {
                name: "***" if str(name).lower() in _SECRET_NAMES else _hidden(each) for name, each in value.items()
            }
        case list():
            return [_hidden(each) for each in value]
        case tuple():
            return tuple(_hidden(each) for each in value)
        case _:
            return value
