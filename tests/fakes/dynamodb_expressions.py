"""Condition and update expressions over DynamoDB items: the subset that the services use."""

import re
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from decimal import Decimal
from operator import ge, gt, le, lt
from pathlib import Path
from typing import Any

from tests.fakes.faults import aws_error

Item = dict[str, Any]
Value = dict[str, Any]

_TOKEN = re.compile(r"\s*(:\w+|#\w+|[A-Za-z_]\w*|<>|<=|>=|[=<>(),.+-])")
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ReservedWords.html
_RESERVED = frozenset(Path(__file__).with_name("dynamodb_reserved_words.txt").read_text(encoding="utf-8").split())
_ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}


class Expression:
    """Parses one expression; `close` refuses names and values that are defined but not used, as DynamoDB does."""

    def __init__(self, names: Mapping[str, str] | None, values: Mapping[str, Value] | None) -> None:
        self._names = dict(names or {})
        self._values = dict(values or {})
        self._used: set[str] = set()
        self._tokens: list[str] = []

    def close(self) -> None:
        unused = (self._names.keys() | self._values.keys()) - self._used
        if unused:
            raise _invalid(f"unused in expressions: {sorted(unused)}")

    def holds(self, text: str | None, item: Item) -> bool:
        """Whether the item satisfies the condition."""
        if not text:
            return True
        self._tokens = list(_split(text))
        result = self._or_expression(item)
        self._end()
        return result

    def updated(self, text: str | None, old: Item) -> Item:
        """The item after the update; every operand is read from the item as it was."""
        new = deepcopy(old)
        self._tokens = list(_split(text or ""))
        while self._tokens:
            clause = self._next().upper()
            self._clause(clause, old, new)
            while self._accept(","):
                self._clause(clause, old, new)
        return new

    def _clause(self, clause: str, old: Item, new: Item) -> None:
        path = self._path()
        match clause:
            case "SET":
                self._expect("=")
                _set_value(new, path, self._sum(old))
            case "REMOVE":
                _remove(new, path)
            case "ADD":
                _set_value(new, path, _added(_find(old, path), self._value(self._next())))
            case "DELETE":
                kind, removed = next(iter(self._value(self._next()).items()))
                _set_value(new, path, {kind: sorted(set((_find(old, path) or {kind: []})[kind]) - set(removed))})
            case _:
                raise _invalid(f"unknown clause {clause}")

    def _sum(self, item: Item) -> Value:
        left = self._operand(item)
        while self._tokens and self._tokens[0] in {"+", "-"}:
            sign = 1 if self._next() == "+" else -1
            right = self._operand(item)
            if left is None or right is None or "N" not in left or "N" not in right:
                raise _invalid("arithmetic needs numbers that exist")
            left = {"N": str(Decimal(left["N"]) + sign * Decimal(right["N"]))}
        if left is None:
            raise _invalid("the update refers to an attribute that does not exist in the item")
        return left

    def _or_expression(self, item: Item) -> bool:
        result = self._and_expression(item)
        while self._accept("OR"):
            result = self._and_expression(item) or result
        return result

    def _and_expression(self, item: Item) -> bool:
        result = self._term(item)
        while self._accept("AND"):
            result = self._term(item) and result
        return result

    def _term(self, item: Item) -> bool:
        if self._accept("NOT"):
            return not self._term(item)
        if self._accept("("):
            result = self._or_expression(item)
            self._expect(")")
            return result
        if self._tokens[0] in {"attribute_exists", "attribute_not_exists"}:
            must_exist = self._next() == "attribute_exists"
            self._expect("(")
            found = _find(item, self._path()) is not None
            self._expect(")")
            return found == must_exist
        if self._tokens[0] in {"begins_with", "contains"}:
            return self._text_function(item)
        return self._comparison(item)

    def _text_function(self, item: Item) -> bool:
        function = self._next()
        self._expect("(")
        whole = self._operand(item)
        self._expect(",")
        part = self._operand(item)
        self._expect(")")
        if whole is None or part is None:
            return False
        kind, content = next(iter(whole.items()))
        searched = next(iter(part.values()))
        if function == "begins_with":
            return kind == "S" and str(content).startswith(searched)
        return part in content if kind == "L" else searched in content

    def _comparison(self, item: Item) -> bool:
        left = self._operand(item)
        operator = self._next().upper()
        if operator == "BETWEEN":
            low = self._operand(item)
            self._expect("AND")
            high = self._operand(item)
            return _compare(left, ">=", low) and _compare(left, "<=", high)
        if operator == "IN":
            self._expect("(")
            options = [self._operand(item)]
            while self._accept(","):
                options.append(self._operand(item))
            self._expect(")")
            return left is not None and left in options
        return _compare(left, operator, self._operand(item))

    def _operand(self, item: Item) -> Value | None:
        token = self._tokens[0]
        if token.startswith(":"):
            return self._value(self._next())
        if token in {"if_not_exists", "list_append", "size"}:
            return self._value_function(item)
        return _find(item, self._path())

    def _value_function(self, item: Item) -> Value | None:
        function = self._next()
        self._expect("(")
        first = self._operand(item)
        if function == "size":
            self._expect(")")
            return None if first is None else {"N": str(len(next(iter(first.values()))))}
        self._expect(",")
        second = self._operand(item)
        self._expect(")")
        if function == "if_not_exists":
            return first if first is not None else second
        if first is None or second is None:
            raise _invalid("list_append needs lists that exist")
        return {"L": [*first["L"], *second["L"]]}

    def _path(self) -> tuple[str, ...]:
        steps = [self._name(self._next())]
        while self._accept("."):
            steps.append(self._name(self._next()))
        return tuple(steps)

    def _name(self, token: str) -> str:
        if token.startswith("#"):
            self._used.add(token)
            if token not in self._names:
                raise _invalid(f"{token} is not defined")
            return self._names[token]
        if token.lower() in _RESERVED:
            raise _invalid(f"{token} is a reserved word")
        return token

    def _value(self, token: str) -> Value:
        self._used.add(token)
        if token not in self._values:
            raise _invalid(f"{token} is not defined")
        return self._values[token]

    def _next(self) -> str:
        if not self._tokens:
            raise _invalid("the expression ends early")
        return self._tokens.pop(0)

    def _accept(self, expected: str) -> bool:
        if self._tokens and self._tokens[0].upper() == expected:
            self._tokens.pop(0)
            return True
        return False

    def _expect(self, expected: str) -> None:
        if not self._accept(expected):
            raise _invalid(f"{expected} expected at {self._tokens[:3]}")

    def _end(self) -> None:
        if self._tokens:
            raise _invalid(f"left over: {self._tokens}")


def _invalid(reason: str) -> Exception:
    return aws_error("ValidationException", "Expression", Why=reason)


def _split(text: str) -> Iterator[str]:
    position = 0
    text = text.strip()
    while position < len(text):
        found = _TOKEN.match(text, position)
        if not found:
            raise _invalid(f"cannot read {text[position:]}")
        yield found[1]
        position = found.end()


def _find(item: Item, path: tuple[str, ...]) -> Value | None:
    value: Value | None = item.get(path[0])
    for step in path[1:]:
        value = value.get("M", {}).get(step) if value else None
    return value


def _parent(item: Item, path: tuple[str, ...]) -> Item:
    for step in path[:-1]:
        if "M" not in item.get(step, {}):
            raise _invalid("the document path does not exist")
        item = item[step]["M"]
    return item


def _set_value(item: Item, path: tuple[str, ...], value: Value) -> None:
    _parent(item, path)[path[-1]] = value


def _remove(item: Item, path: tuple[str, ...]) -> None:
    _parent(item, path).pop(path[-1], None)


def _added(old: Value | None, more: Value) -> Value:
    kind, amount = next(iter(more.items()))
    if kind == "N":
        return {"N": str(Decimal((old or {"N": "0"})["N"]) + Decimal(amount))}
    return {kind: sorted(set((old or {kind: []})[kind]) | set(amount))}


def _compare(left: Value | None, operator: str, right: Value | None) -> bool:
    if left is None or right is None:
        return operator == "<>"
    if operator == "=":
        return _plain(left) == _plain(right)
    if operator == "<>":
        return _plain(left) != _plain(right)
    (kind, first), (other, second) = _plain(left), _plain(right)
    if operator not in _ORDERS:
        raise _invalid(f"unknown comparison {operator}")
    return kind == other and _ORDERS[operator](first, second)


def _plain(value: Value) -> tuple[str, Any]:
    kind, content = next(iter(value.items()))
    return kind, Decimal(content) if kind == "N" else content
