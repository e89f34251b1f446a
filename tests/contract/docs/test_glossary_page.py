"""docs/glossary.md defines every word that the design uses, in one plain sentence each."""

import re
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[3]
PAGE: Final = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
ENTRIES: Final = re.findall(r"^\* \*\*(.+?)\*\*:(.*)$", PAGE, re.MULTILINE)
GROUPS: Final = {text.splitlines()[0]: text.count("\n* **") for text in PAGE.split("\n## ")[1:]}
TERMS: Final = """
    conversation, message, branch, turn, attempt, frame, turn log, lease, fence, takeover, runner, watchdog, context,
    context record, stage, generation,
    invocation, metering, usage, ledger, projection, outbox, relay, envelope, consumer, dead letter, redrive, claim,
    idempotency key, unit of work, page, cursor, principal, policy, grant, bot, bot version, publication,
    knowledge source, document, document version, chunk, sync, retrieval, citation, tool definition, tool call,
    tool result, MCP server, attachment, content block, catalogue, model profile, prompt cache point, stream lease,
    quota, budget, reservation
"""


def test_every_term_of_the_design_is_defined_once() -> None:
    expected = {" ".join(term.split()) for term in TERMS.split(",")}
    assert Counter(term for term, _ in ENTRIES) == Counter(expected)


@pytest.mark.parametrize(("term", "definition"), ENTRIES, ids=[term for term, _ in ENTRIES])
def test_a_definition_is_a_plain_sentence(term: str, definition: str) -> None:
    sentence = definition.strip().removesuffix("*(not built yet)*").strip()
    assert re.match(r"[A-Z]", sentence)
    assert sentence.endswith(".")
    assert 4 <= len(sentence.split()) <= 40, term


def test_every_term_is_in_a_group() -> None:
    assert sum(GROUPS.values()) == len(ENTRIES)
    assert all(3 <= count <= 20 for count in GROUPS.values()), GROUPS


def test_every_list_item_is_an_entry() -> None:
    assert len(re.findall(r"^\* ", PAGE, re.MULTILINE)) == len(ENTRIES)


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_the_glossary_is_linked_from(page: str) -> None:
    assert "(docs/glossary.md)" in (ROOT / page).read_text(encoding="utf-8")
