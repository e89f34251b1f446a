"""Fault: a template's `TimeToLiveSpecification` is ignored, so no item ever expires."""

from typing import Any

from ministack.services import dynamodb

from infra.local.aws.patches.deferred import when_cloudformation_loads


def apply() -> None:
    when_cloudformation_loads(_patch_tables)


def _patch_tables() -> None:
    from ministack.services.cloudformation import provisioners

    handlers = provisioners._RESOURCE_HANDLERS["AWS::DynamoDB::Table"]
    create, update = handlers["create"], handlers["update"]

    def create_with_ttl(logical_id: str, properties: dict[str, Any], stack_name: str) -> Any:
        made = create(logical_id, properties, stack_name)
        _set_ttl(made[0], properties)
        return made

    def update_with_ttl(physical_id: str, old: Any, new: dict[str, Any], *rest: Any, **named: Any) -> Any:
        made = update(physical_id, old, new, *rest, **named)
        _set_ttl(made[0], new)
        return made

    handlers.update(create=create_with_ttl, update=update_with_ttl)


def _set_ttl(table: str, properties: dict[str, Any]) -> None:
    wanted = properties.get("TimeToLiveSpecification")
    if not wanted:
        return
    enabled = str(wanted["Enabled"]).lower() == "true"
    specification = {"AttributeName": wanted["AttributeName"], "Enabled": enabled}
    dynamodb._update_ttl({"TableName": table, "TimeToLiveSpecification": specification})
