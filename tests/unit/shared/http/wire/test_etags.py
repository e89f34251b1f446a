"""If-Match: the change is for the version that was read."""

import pytest

from shared.http.problems.details import Problem
from shared.http.wire.etags import IfMatch, etag


def test_the_version_that_was_read_may_be_changed() -> None:
    IfMatch.parse(etag(3)).require(3)


def test_one_of_several_versions_is_enough() -> None:
    IfMatch.parse('"1", "2",\t"3"').require(2)


def test_a_star_means_whatever_version_there_is() -> None:
    IfMatch.parse("*").require("anything")


def test_a_newer_version_is_told_with_its_tag() -> None:
    with pytest.raises(Problem, match="precondition-failed") as refused:
        IfMatch.parse(etag(3)).require(4)
    assert refused.value.headers["ETag"] == etag(4)


@pytest.mark.parametrize("header", ["", "3", "'3'", 'W/"3"', '"3', '"a" "b"', '"é"', '"' + "x" * 65 + '"', '"a",' * 17])
def test_what_is_no_strong_tag_is_refused(header: str) -> None:
    with pytest.raises(Problem, match="invalid-request"):
        IfMatch.parse(header)
