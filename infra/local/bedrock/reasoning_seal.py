"""Signatures of reasoning, made so that this server can check them without remembering any answer.

A real signature is opaque. This one names the model, what came before the block, and the reasoning block before it, and
ends in a code over all of that and the block's text; a client cannot alter or reorder blocks unnoticed. What is checked
on replay: https://docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-thinking-block-binding.html
"""

import base64
import binascii
import hashlib
import hmac
import json
from typing import NamedTuple

_KEY = b"a scripted model keeps no secrets"
_CODE = 16


class Seal(NamedTuple):
    """`prefix`: digest of what came before, without reasoning. `previous`: id of the reasoning block before, or empty.

    `first`: whether the block was the first reasoning of its answer. `redacted`: the block has no text.
    """

    model: str
    prefix: str
    previous: str
    first: bool
    redacted: bool = False


def sign(seal: Seal, text: str) -> str:
    """Returns the signature of this text, or the data of a redacted block, in base64."""
    named = json.dumps(seal).encode()
    return base64.b64encode(_code(named, text) + named).decode()


def read(signature: str, text: str, *, redacted: bool = False) -> Seal | None:
    """Returns None for a signature that this server did not make for this text."""
    try:
        signed = base64.b64decode(signature, validate=True)
        seal = Seal(*json.loads(signed[_CODE:]))
    except (binascii.Error, ValueError, TypeError):
        return None
    intact = hmac.compare_digest(signed[:_CODE], _code(signed[_CODE:], text))
    return seal if intact and seal.redacted == redacted else None


def block_id(signature: str) -> str:
    """A short name for the block with this signature, which the signature of the next block contains."""
    return hashlib.sha256(signature.encode()).hexdigest()[:12]


def _code(named: bytes, text: str) -> bytes:
    return hmac.new(_KEY, named + text.encode(errors="surrogatepass"), hashlib.sha256).digest()[:_CODE]
