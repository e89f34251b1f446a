"""DynamoDB attribute values from plain data and back. Numbers are integers only, also for money and time."""

from collections.abc import Mapping
from typing import Any

Item = dict[str, Any]


def to_value(value: object) -> dict[str, Any]:  # noqa: PLR0911 - one line per kind of value reads best
    """One attribute value. Raises TypeError for other types, floats included."""
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case int():
            return {"N": str(value)}
        case bytes():
            return {"B": value}
        case list() | tuple():
            return {"L": [to_value(each) for each in value]}
        case Mapping():
            return {"M": to_item(value)}
        case set() | frozenset():
            return {"SS": sorted(value)}
        case _:
            raise TypeError(f"no attribute value for {type(value).__name__}")


def from_value(value: Mapping[str, Any]) -> Any:
    ((kind, content),) = value.items()
    match kind:
        case "N":
            return int(content)
        case "L":
            return [from_value(each) for each in content]
        case "M":
            return from_item(content)
        case "NULL":
            return None
        case "SS":
            return set(content)
        case _:
            return content


def to_item(data: Mapping[str, object]) -> Item:
    """An item; keys whose value is None are left out, so that `attribute_exists` is false for them."""
    return {key: to_value(value) for key, value in data.items() if value is not None}


def from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    return {key: from_value(value) for key, value in item.items()}


def item_bytes(item: Mapping[str, Any]) -> int:
    """The size of an item as DynamoDB counts it: names and values; for numbers and containers an upper estimate.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
    """
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def _value_bytes(value: Mapping[str, Any]) -> int:  # noqa: PLR0911 - one line per kind of value reads best
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "N":
            return len(content) // 2 + 2
        case "L":
            return 3 + sum(1 + _value_bytes(each) for each in content)
        case "M":
            return 3 + len(content) + item_bytes(content)
        case "SS":
            return sum(len(each.encode()) for each in content)
        case "B":
            return len(content)
        case _:
            return 1
