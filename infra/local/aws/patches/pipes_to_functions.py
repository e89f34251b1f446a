"""Fault: a Pipe delivers to topics and state machines only, not to functions.

ministack ignores the filter of the pipe's source, so the function must skip other records. This also discards the saved
position of pipes: a table's stream begins again at every start, so a pipe would wait at an old position.
"""

from typing import Any

from ministack.services import lambda_svc, pipes


def apply() -> None:
    deliver = pipes._deliver_batch

    def deliver_to_functions(pipe: dict[str, Any], batch: list[dict[str, Any]]) -> Any:
        if pipes._arn_service(pipe.get("Target", "")) != "lambda":
            return deliver(pipe, batch)
        return _call(pipe["Target"], batch)

    pipes._deliver_batch = deliver_to_functions
    pipes._restore_position_store = lambda _: None


def _call(function: str, batch: list[dict[str, Any]]) -> bool:
    """Returns False to leave the batch on the stream for a retry."""
    found, config, _ = lambda_svc._get_func_record_for_ref(function)
    if found is None:
        return False
    record = lambda_svc._execution_record_for_config(found, config)
    return not lambda_svc._execute_function_with_config_scope(record, batch).get("error")
