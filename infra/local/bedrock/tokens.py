"""A deterministic imitation of a tokenizer, for models that have none.

One token is a word of up to eight Latin letters with the blank before it (longer words take several), up to three
digits, up to two letters of another script, one other sign, or one run of white space. English prose comes to about
4.6 characters a token and Korean to about 2.2, close to real models. The tokens joined are the text again.
"""

import re

_TOKEN = re.compile(r" ?[A-Za-z]{1,8}| ?[0-9]{1,3}| ?[^\W\dA-Za-z_]{1,2}| ?[^\w\s]|\s+|.", re.DOTALL)


def split(text: str) -> list[str]:
    return _TOKEN.findall(text)


def count(text: str) -> int:
    return len(_TOKEN.findall(text))
