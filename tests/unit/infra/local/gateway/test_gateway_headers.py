import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from infra.local.gateway import headers


def forwarded(**given: str) -> CIMultiDict[str]:
    received = CIMultiDict({name.replace("_", "-"): value for name, value in given.items()})
    return headers.to_service(CIMultiDictProxy(received), peer="127.0.0.1", host="localhost:8080")


@pytest.mark.parametrize(
    "spoofed",
    ["X_Internal_Token", "x_internal_subject", "X_Forwarded_User", "Forwarded", "X_Real_IP", "X_Amzn_Request_Context"],
)
def test_internal_and_proxy_headers_of_a_client_are_removed(spoofed: str) -> None:
    assert spoofed.replace("_", "-") not in forwarded(**{spoofed: "evil"})


def test_forwarding_headers_are_set_by_the_gateway() -> None:
    kept = forwarded(X_Forwarded_For="6.6.6.6", X_Forwarded_Proto="https", X_Forwarded_Host="evil.test")
    assert kept.getall("X-Forwarded-For") == ["127.0.0.1"]
    assert kept["X-Forwarded-Proto"] == "http"
    assert kept["X-Forwarded-Host"] == "localhost:8080"


def test_hop_by_hop_headers_and_those_named_by_connection_are_removed() -> None:
    kept = forwarded(
        Connection="close, X-Mine", X_Mine="1", Upgrade="websocket", TE="trailers", Transfer_Encoding="chunked"
    )
    assert not {"Connection", "X-Mine", "Upgrade", "TE", "Transfer-Encoding"} & {name.title() for name in kept}
    assert "x-mine" not in kept


def test_headers_for_the_service_are_forwarded() -> None:
    given = {
        "Authorization": "Bearer t",
        "Idempotency_Key": "k",
        "Last_Event_ID": "turn_1/7",
        "traceparent": "00-1-2-01",
        "Accept": "text/event-stream",
        "If_Match": '"3"',
    }
    kept = forwarded(**given)
    assert all(kept[name.replace("_", "-")] == value for name, value in given.items())


def test_a_valid_request_id_is_kept_and_an_invalid_one_is_replaced() -> None:
    assert forwarded(X_Request_Id="abc-1")["X-Request-Id"] == "abc-1"
    assert forwarded(X_Request_Id="a b\tc")["X-Request-Id"].startswith("req-")
    assert forwarded(X_Request_Id="x" * 129)["X-Request-Id"].startswith("req-")


def test_repeated_response_headers_are_kept_and_the_server_header_is_removed() -> None:
    answer = CIMultiDict([("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("Server", "x/1"), ("Keep-Alive", "5")])
    kept = headers.to_browser(CIMultiDictProxy(answer))
    assert kept.getall("Set-Cookie") == ["a=1", "b=2"]
    assert "Server" not in kept
    assert "Keep-Alive" not in kept
