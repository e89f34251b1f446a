"""The behaviour of DynamoDB that the services use: these tests run against the fake and the embedded AWS."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

KEY = {"pk": {"S": "P"}, "sk": {"S": "1"}}


def error_of(caught: pytest.ExceptionInfo[ClientError]) -> str:
    return str(caught.value.response["Error"]["Code"])


def update(table: str, expression: str, values: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "TableName": table,
        "Key": KEY,
        "UpdateExpression": expression,
        "ExpressionAttributeValues": values,
        **more,
    }


class DynamoDbContract:
    """Subclasses define the fixtures `dynamodb` (a client) and `table` (empty, with keys pk and sk)."""

    async def test_get_item_returns_the_item_that_was_put(self, dynamodb: Any, table: str) -> None:
        item = {**KEY, "n": {"N": "3"}, "list": {"L": [{"S": "a"}, {"BOOL": True}, {"NULL": True}]}}
        await dynamodb.put_item(TableName=table, Item=item)
        assert (await dynamodb.get_item(TableName=table, Key=KEY))["Item"] == item
        absent = {"pk": {"S": "P"}, "sk": {"S": "2"}}
        assert "Item" not in await dynamodb.get_item(TableName=table, Key=absent)

    async def test_a_conditional_put_fails_if_the_item_exists(self, dynamodb: Any, table: str) -> None:
        put = {"TableName": table, "Item": KEY, "ConditionExpression": "attribute_not_exists(pk)"}
        await dynamodb.put_item(**put)
        with pytest.raises(ClientError) as caught:
            await dynamodb.put_item(**put, ReturnValuesOnConditionCheckFailure="ALL_OLD")
        assert error_of(caught) == "ConditionalCheckFailedException"
        assert caught.value.response["Item"] == KEY

    async def test_an_update_creates_the_item_adds_numbers_and_removes_attributes(
        self, dynamodb: Any, table: str
    ) -> None:
        await dynamodb.update_item(
            **update(table, "SET a = :a, b = if_not_exists(b, :a) ADD c :n", {":a": {"S": "x"}, ":n": {"N": "2"}})
        )
        answer = await dynamodb.update_item(
            **update(table, "SET b = if_not_exists(b, :a), d = c + :n REMOVE a", {":a": {"S": "y"}, ":n": {"N": "5"}}),
            ReturnValues="ALL_NEW",
        )
        assert answer["Attributes"] == {**KEY, "b": {"S": "x"}, "c": {"N": "2"}, "d": {"N": "7"}}

    @pytest.mark.parametrize(
        ("condition", "holds"),
        [
            ("n = :five", True),
            ("n <> :five", False),
            ("n >= :four AND n < :ten", True),
            ("n > :ten OR word = :word", True),
            ("NOT n > :ten", True),
            ("(n > :ten OR n < :four) AND word = :word", False),
            ("n BETWEEN :four AND :ten", True),
            ("absent < :ten", False),
            ("absent <> :ten", True),
            ("attribute_not_exists(absent) AND attribute_exists(n)", True),
            ("begins_with(word, :wo)", True),
            ("contains(word, :wo)", True),
            ("n IN (:four, :five)", True),
            ("word > :ten", False),
            ("size(word) = :four", True),
            ("#m.deep = :five", True),
        ],
    )
    async def test_a_condition_holds_for_the_item_or_fails_the_update(
        self, dynamodb: Any, table: str, condition: str, holds: bool
    ) -> None:
        attributes = {"n": {"N": "5"}, "word": {"S": "word"}, "map": {"M": {"deep": {"N": "5"}}}}
        await dynamodb.put_item(TableName=table, Item={**KEY, **attributes})
        values = {":five": "5", ":four": "4", ":ten": "10"}
        all_values = {name: {"N": value} for name, value in values.items()} | {
            ":word": {"S": "word"},
            ":wo": {"S": "wo"},
        }
        used = condition.replace("(", " ").replace(")", " ").replace(",", " ").split()
        request = update(
            table,
            "SET done = :done",
            {name: value for name, value in all_values.items() if name in used} | {":done": {"N": "1"}},
        )
        names = {"ExpressionAttributeNames": {"#m": "map"}} if "#m" in condition else {}
        if holds:
            await dynamodb.update_item(**request, ConditionExpression=condition, **names)
        else:
            with pytest.raises(ClientError) as caught:
                await dynamodb.update_item(**request, ConditionExpression=condition, **names)
            assert error_of(caught) == "ConditionalCheckFailedException"

    @pytest.mark.parametrize(
        "invalid_fields",
        [
            {"UpdateExpression": "SET status = :v", "ExpressionAttributeValues": {":v": {"S": "x"}}},
            {
                "UpdateExpression": "SET a = :v",
                "ExpressionAttributeValues": {":v": {"S": "x"}, ":unused": {"S": "y"}},
            },
            {"UpdateExpression": "SET a = :undefined", "ExpressionAttributeValues": {":v": {"S": "x"}}},
            {"UpdateExpression": "SET a = absent", "ExpressionAttributeValues": None},
        ],
    )
    async def test_an_invalid_update_expression_is_refused(
        self, dynamodb: Any, table: str, invalid_fields: dict[str, Any]
    ) -> None:
        request = {name: value for name, value in invalid_fields.items() if value is not None}
        with pytest.raises(ClientError) as caught:
            await dynamodb.update_item(TableName=table, Key=KEY, **request)
        assert error_of(caught) == "ValidationException"

    async def test_a_failed_transaction_writes_no_item_and_returns_the_reason_of_each(
        self, dynamodb: Any, table: str
    ) -> None:
        await dynamodb.put_item(TableName=table, Item=KEY)
        other = {"pk": {"S": "P"}, "sk": {"S": "2"}}
        with pytest.raises(ClientError) as caught:
            await dynamodb.transact_write_items(
                TransactItems=[
                    {"Put": {"TableName": table, "Item": other}},
                    {"Put": {"TableName": table, "Item": KEY, "ConditionExpression": "attribute_not_exists(pk)"}},
                ]
            )
        assert error_of(caught) == "TransactionCanceledException"
        codes = [reason["Code"] for reason in caught.value.response["CancellationReasons"]]
        assert codes == ["None", "ConditionalCheckFailed"]
        assert "Item" not in await dynamodb.get_item(TableName=table, Key=other)

    async def test_a_transaction_updates_checks_and_deletes(self, dynamodb: Any, table: str) -> None:
        keys = [{"pk": {"S": "P"}, "sk": {"S": str(n)}} for n in range(3)]
        for key in keys:
            await dynamodb.put_item(TableName=table, Item=key)
        exists = {"TableName": table, "ConditionExpression": "attribute_exists(pk)"}
        count = {"UpdateExpression": "ADD n :one", "ExpressionAttributeValues": {":one": {"N": "1"}}}
        await dynamodb.transact_write_items(
            TransactItems=[
                {"ConditionCheck": {**exists, "Key": keys[0]}},
                {"Update": {**exists, "Key": keys[1], **count}},
                {"Delete": {**exists, "Key": keys[2]}},
            ]
        )
        answer = await dynamodb.query(
            TableName=table, KeyConditionExpression="pk = :p", ExpressionAttributeValues={":p": {"S": "P"}}
        )
        assert answer["Items"] == [keys[0], {**keys[1], "n": {"N": "1"}}]

    async def test_a_transaction_with_the_same_item_twice_is_refused(self, dynamodb: Any, table: str) -> None:
        put = {"Put": {"TableName": table, "Item": KEY}}
        with pytest.raises(ClientError) as caught:
            await dynamodb.transact_write_items(TransactItems=[put, put])
        assert error_of(caught) == "ValidationException"

    @pytest.mark.parametrize("forward", [True, False])
    async def test_a_query_returns_its_pages_in_the_order_of_the_sort_key(
        self, dynamodb: Any, table: str, forward: bool
    ) -> None:
        for n in range(7):
            await dynamodb.put_item(TableName=table, Item={"pk": {"S": "P"}, "sk": {"S": f"m#{n}"}})
        await dynamodb.put_item(TableName=table, Item={"pk": {"S": "P"}, "sk": {"S": "other"}})
        await dynamodb.put_item(TableName=table, Item={"pk": {"S": "Q"}, "sk": {"S": "m#9"}})
        request: dict[str, Any] = {
            "TableName": table,
            "KeyConditionExpression": "pk = :p AND begins_with(sk, :m)",
            "ExpressionAttributeValues": {":p": {"S": "P"}, ":m": {"S": "m#"}},
            "ScanIndexForward": forward,
            "Limit": 3,
        }
        keys = []
        while True:
            answer = await dynamodb.query(**request)
            keys += [item["sk"]["S"] for item in answer["Items"]]
            if "LastEvaluatedKey" not in answer:
                break
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
        assert keys == [f"m#{n}" for n in (range(7) if forward else reversed(range(7)))]

    async def test_items_that_the_filter_removes_count_towards_the_limit(self, dynamodb: Any, table: str) -> None:
        for n in range(4):
            await dynamodb.put_item(TableName=table, Item={"pk": {"S": "P"}, "sk": {"S": str(n)}, "n": {"N": str(n)}})
        answer = await dynamodb.query(
            TableName=table,
            KeyConditionExpression="pk = :p",
            FilterExpression="n > :n",
            ExpressionAttributeValues={":p": {"S": "P"}, ":n": {"N": "1"}},
            Limit=3,
        )
        assert [item["sk"]["S"] for item in answer["Items"]] == ["2"]
        assert answer["LastEvaluatedKey"]["sk"]["S"] == "2"

    async def test_batch_write_item_puts_and_deletes_items(self, dynamodb: Any, table: str) -> None:
        other = {"pk": {"S": "P"}, "sk": {"S": "2"}}
        await dynamodb.put_item(TableName=table, Item=KEY)
        writes = [{"DeleteRequest": {"Key": KEY}}, {"PutRequest": {"Item": other}}]
        await dynamodb.batch_write_item(RequestItems={table: writes})
        found = await dynamodb.batch_get_item(RequestItems={table: {"Keys": [KEY, other]}})
        assert found["Responses"][table] == [other]
