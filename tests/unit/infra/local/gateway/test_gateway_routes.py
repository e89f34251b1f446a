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
def test_the_service_is_found_by_the_path(path: str, service: str | None) -> None:
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
def test_a_path_with_dots_or_encoded_separators_is_ambiguous(path: str) -> None:
    assert routes.is_ambiguous(path)


def test_an_ordinary_path_is_not_ambiguous() -> None:
    assert not routes.is_ambiguous("/api/chat/conversations/conv_01J/messages")
    assert not routes.is_ambiguous("/.well-known/x")


@pytest.mark.parametrize("path", ["/internal/chat", "/internal", "/%69nternal/chat", "/INTERNAL/chat", "//internal"])
def test_internal_addresses_are_recognised_in_every_spelling(path: str) -> None:
    assert routes.is_internal(path)


@given(st.text(alphabet=st.sampled_from("abc./%2eEfF\\ "), max_size=30))
def test_no_unambiguous_path_contains_a_parent_folder(tail: str) -> None:
    path = f"/api/chat/{tail}"
    if not routes.is_ambiguous(path):
        assert ".." not in path.split("/")
        assert "%2e%2e/" not in path.lower()


def test_api_paths_are_distinguished_from_pages() -> None:
    assert routes.is_api("/api/unknown/x")
    assert routes.is_api("/v1/x")
    assert not routes.is_api("/settings")
