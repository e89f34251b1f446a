"""Serves the built SPA. Files with a hash in their name are cached for a year; the page is revalidated each time."""

from pathlib import Path
from urllib.parse import unquote

from aiohttp import web

from infra.local.gateway import problems

_IMMUTABLE = "public, max-age=31536000, immutable"
_REVALIDATE = "no-cache"
_NOT_BUILT = "The web client has not been built yet: run `make setup` (node 20.19 or newer is needed)."


def page(request: web.Request, root: Path) -> web.StreamResponse:
    """The file at the request's path. For other paths without a file extension the SPA's `index.html`."""
    if request.method not in {"GET", "HEAD"}:
        return problems.METHOD_NOT_ALLOWED.answer(request)
    relative = unquote(request.rel_url.raw_path).lstrip("/")
    if (file := _file(root, relative)) is not None:
        return _answer(file, _IMMUTABLE if relative.startswith("assets/") else _REVALIDATE)
    if "." in relative.rsplit("/", 1)[-1]:
        return problems.NOT_FOUND.answer(request)
    index = root / "index.html"
    if not index.is_file():
        return problems.UNREACHABLE.answer(request, _NOT_BUILT)
    return _answer(index, _REVALIDATE)


def _file(root: Path, relative: str) -> Path | None:
    candidate = (root / relative).resolve()
    return candidate if candidate.is_relative_to(root.resolve()) and candidate.is_file() else None


def _answer(file: Path, cache_control: str) -> web.StreamResponse:
    # FileResponse sends the `.gz` file beside it to clients that accept it.
    return web.FileResponse(file, headers={"Cache-Control": cache_control})
