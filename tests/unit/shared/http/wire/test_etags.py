"""If-Match: the change is for the version that was read."""

import pytest

from shared.http.wire.etags import etag, parse_if_match
from shared.problems import Problem


def test_the_version_that_was_read_may_be_changed() -> None:
    parse_if_match(etag(3)).require(3)


def test_one_of_several_versions_is_enough() -> None:
    parse_if_match('"1", "2",\t"3"').require(2)


def test_a_star_means_whatever_version_there_is() -> None:
    parse_if_match("*").require("anything")


def test_a_newer_version_is_named() -> None:
    with pytest.raises(Problem, match="precondition-failed") as refused:
        parse_if_match(etag(3)).require(4)
    assert refused.value.current_version == 4


@pytest.mark.parametrize("header", ["", "3", "'3'", 'W/"3"', '"3', '"a" "b"', '"é"', '"' + "x" * 65 + '"', '"a",' * 17])
def test_what_is_no_strong_tag_is_refused(header: str) -> None:
    with pytest.raises(Problem, match="invalid-request"):
        parse_if_match(header)
