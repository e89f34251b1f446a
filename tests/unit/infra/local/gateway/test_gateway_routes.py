import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.gateway import routes


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("/api/chat/conversations", "chat"),
        ("/api/bots", "bots"),
        ("/api/unknown/things", "unknown"),
        ("/v1/chat/completions", "chat"),
        ("/problems/not-found", "chat"),
        ("/", None),
        ("/conversations/conv_1", None),
        ("/v1beta", None),
        ("/apis/chat", None),
    ],
)
def test_the_path_names_the_service(path: str, service: str | None) -> None:
    assert routes.service_of(path) == service


@pytest.mark.parametrize(
    "path",
    [
        "/api/chat/../internal/chat",
        "/api/chat/%2e%2e/internal",
        "/api/chat/..%2Finternal",
        "/api/chat/./x",
        "/api//chat",
        "/assets/..\\..\\secret",
        "/assets/%5c..%5csecret",
        "/a%00b",
        "/a%0d%0aX-Internal:1",
    ],
)
def test_a_path_that_means_another_one_is_hostile(path: str) -> None:
    assert routes.is_ambiguous(path)


def test_an_ordinary_path_is_not_hostile() -> None:
    assert not routes.is_ambiguous("/api/chat/conversations/conv_01J/messages")
    assert not routes.is_ambiguous("/.well-known/x")


@pytest.mark.parametrize("path", ["/internal/chat", "/internal", "/%69nternal/chat", "/INTERNAL/chat", "//internal"])
def test_internal_addresses_are_recognised_in_every_spelling(path: str) -> None:
    assert routes.is_internal(path)


@given(st.text(alphabet=st.sampled_from("abc./%2eEfF\\ "), max_size=30))
def test_no_path_reaches_a_service_by_climbing(tail: str) -> None:
    path = f"/api/chat/{tail}"
    if not routes.is_ambiguous(path):
        assert ".." not in path.split("/")
        assert "%2e%2e/" not in path.lower()


def test_misses_of_programs_are_not_pages() -> None:
    assert routes.is_api("/api/nobody/x")
    assert routes.is_api("/v1/x")
    assert not routes.is_api("/settings")
