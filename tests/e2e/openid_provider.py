"""An OpenID provider for one person, on loopback: a page that asks, and the token that answers.

Not a copy of any product. What it says is what the user pool needs of a provider that it does not discover: a code at
the address that the pool gave, and an ID token for that code, which the embedded pool reads without a signature.
"""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit


@dataclass
class OpenIdProvider:
    """`claims`: who signs in here. `asked`: what each visit of the authorization page was asked with."""

    claims: dict[str, str]
    url: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)

    def page(self, asked: dict[str, str]) -> str:
        self.asked.append(asked)
        back = f"{asked['redirect_uri']}?{urlencode({'code': token_urlsafe(), 'state': asked['state']})}"
        return f'<!doctype html><title>Acme</title><a href="{escape(back)}">I am {escape(self.claims["email"])}</a>'

    def tokens(self) -> dict[str, str]:
        parts = ({"alg": "none"}, self.claims)
        head, body = (base64.urlsafe_b64encode(json.dumps(each).encode()).decode().rstrip("=") for each in parts)
        return {"id_token": f"{head}.{body}.", "access_token": token_urlsafe(), "token_type": "Bearer"}


@contextmanager
def provider(**claims: str) -> Iterator[OpenIdProvider]:
    it = OpenIdProvider(claims)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            if address.path == "/authorize":
                self._answer("text/html", it.page(dict(parse_qsl(address.query))))
            else:  # a browser asks for an icon, too
                self.send_error(404)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self._answer("application/json", json.dumps(it.tokens()))

        def _answer(self, kind: str, text: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    it.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield it
    server.shutdown()
    server.server_close()
