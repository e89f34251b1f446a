"""A fake OpenID provider for one person, on loopback: the authorization page and the token endpoint.

It has only what the user pool needs of a provider without discovery: a code at the redirect address, and an ID token
for that code, which the embedded pool reads without checking a signature.
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
    """`claims`: those of the ID token. `authorizations`: the query of each visit of the authorization page."""

    claims: dict[str, str]
    url: str = ""
    authorizations: list[dict[str, str]] = field(default_factory=list)

    def page(self, query: dict[str, str]) -> str:
        self.authorizations.append(query)
        back = f"{query['redirect_uri']}?{urlencode({'code': token_urlsafe(), 'state': query['state']})}"
        return f'<!doctype html><title>Acme</title><a href="{escape(back)}">I am {escape(self.claims["email"])}</a>'

    def tokens(self) -> dict[str, str]:
        parts = ({"alg": "none"}, self.claims)
        head, body = (base64.urlsafe_b64encode(json.dumps(each).encode()).decode().rstrip("=") for each in parts)
        return {"id_token": f"{head}.{body}.", "access_token": token_urlsafe(), "token_type": "Bearer"}


@contextmanager
def provider(**claims: str) -> Iterator[OpenIdProvider]:
    instance = OpenIdProvider(claims)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            if address.path == "/authorize":
                self._answer("text/html", instance.page(dict(parse_qsl(address.query))))
            else:  # the browser also requests an icon
                self.send_error(404)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self._answer("application/json", json.dumps(instance.tokens()))

        def _answer(self, kind: str, text: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    instance.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield instance
    server.shutdown()
    server.server_close()
