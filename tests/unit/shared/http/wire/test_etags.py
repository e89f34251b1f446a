"""If-Match: a change must name the current version."""

import pytest

from shared.http.wire.etags import etag, parse_if_match
from shared.problems import Problem


def test_the_current_version_matches() -> None:
    parse_if_match(etag(3)).require(3)


def test_one_of_several_versions_matches() -> None:
    parse_if_match('"1", "2",\t"3"').require(2)


def test_a_star_matches_any_version() -> None:
    parse_if_match("*").require("anything")


def test_the_problem_for_an_old_version_names_the_current_one() -> None:
    with pytest.raises(Problem, match="precondition-failed") as refused:
        parse_if_match(etag(3)).require(4)
    assert refused.value.current_version == 4


@pytest.mark.parametrize("header", ["", "3", "'3'", 'W/"3"', '"3', '"a" "b"', '"é"', '"' + "x" * 65 + '"', '"a",' * 17])
def test_a_header_without_strong_tags_is_refused(header: str) -> None:
    with pytest.raises(Problem, match="invalid-request"):
        parse_if_match(header)
