"""The pages `/problems` and `/problems/<slug>`, to which the `type` of every problem points."""

import json
from html import escape
from typing import Any

from aiohttp import web

from shared.http.problems.statuses import STATUSES
from shared.problems import KINDS, ProblemKind, problem

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} · Colloquy</title>
</head>
<body>
<main>
{content}
</main>
</body>
</html>
"""


async def list_problems(request: web.Request) -> web.Response:
    if _prefers_json(request):
        return _json({"problems": [_kind_members(kind) for kind in KINDS.values()]})
    items = "\n".join(
        f'<li><a href="/problems/{kind.slug}">{kind.slug}</a> ({STATUSES[kind.slug]}): {escape(kind.title)}</li>'
        for kind in KINDS.values()
    )
    return _html("Problems", f"<h1>Problems</h1>\n<p>All that can go wrong, by its address.</p>\n<ul>\n{items}\n</ul>")


async def show_problem(request: web.Request) -> web.Response:
    kind = KINDS.get(request.match_info["slug"])
    if kind is None:
        raise problem("not-found", "There is no problem of this name.")
    if _prefers_json(request):
        return _json(_kind_members(kind))
    retry_hint = "It may work when tried again." if kind.retryable else "Trying again unchanged will not help."
    return _html(
        kind.title,
        f"<h1>{escape(kind.title)}</h1>\n<p>{escape(kind.explanation)}</p>\n<p>{retry_hint}</p>\n"
        f"<p>HTTP status {STATUSES[kind.slug]}, type <code>/problems/{kind.slug}</code>.</p>\n"
        '<p><a href="/problems">All problems</a></p>',
    )


def _prefers_json(request: web.Request) -> bool:
    accept = request.headers.get("Accept", "")
    return "json" in accept and "text/html" not in accept


def _kind_members(kind: ProblemKind) -> dict[str, Any]:
    return {
        "type": f"/problems/{kind.slug}",
        "status": STATUSES[kind.slug],
        "title": kind.title,
        "explanation": kind.explanation,
        "retryable": kind.retryable,
    }


def _json(content: object) -> web.Response:
    return web.Response(body=json.dumps(content).encode(), content_type="application/json")


def _html(title: str, content: str) -> web.Response:
    page = _PAGE.format(title=escape(title), content=content)
    return web.Response(text=page, content_type="text/html", headers={"Cache-Control": "public, max-age=3600"})
