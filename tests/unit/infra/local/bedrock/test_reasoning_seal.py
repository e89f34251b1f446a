import pytest

from infra.local.bedrock import reasoning_seal
from infra.local.bedrock.reasoning_seal import Seal

SEAL = Seal("scripted.claude", "prefix", "previous", first=True)


def test_a_signature_is_read_with_the_text_that_was_signed() -> None:
    assert reasoning_seal.read(reasoning_seal.sign(SEAL, "Hm."), "Hm.") == SEAL
    assert reasoning_seal.read(reasoning_seal.sign(SEAL, ""), "") == SEAL


@pytest.mark.parametrize("text", ["Hm. ", "", "hm."])
def test_another_text_is_noticed(text: str) -> None:
    assert reasoning_seal.read(reasoning_seal.sign(SEAL, "Hm."), text) is None


@pytest.mark.parametrize("signature", ["", "signed", "c2lnbmVk", "not base64!", "\ud83d"])
def test_any_other_signature_is_noticed(signature: str) -> None:
    assert reasoning_seal.read(signature, "Hm.") is None
    made = reasoning_seal.sign(SEAL, "Hm.")
    assert reasoning_seal.read(made[:-8] + "AAAAAAA=", "Hm.") is None


def test_redacted_data_is_no_signature() -> None:
    data = reasoning_seal.sign(SEAL._replace(redacted=True), "")
    assert reasoning_seal.read(data, "") is None
    assert reasoning_seal.read(data, "", redacted=True) == SEAL._replace(redacted=True)


def test_each_block_has_its_own_id() -> None:
    assert reasoning_seal.block_id("a") != reasoning_seal.block_id("b")
