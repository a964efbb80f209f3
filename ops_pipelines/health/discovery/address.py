"""What the URL means that an operator gives: a service, a part of one, or a health address."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

_OF_AN_API = r"api|rest|system|public|internal|v\d[\w.]*"
"""Parts of a path that belong to the address of an API, and not to where a service begins."""


def split(url: str) -> tuple[str, str]:
    """The origin of `url`, and its path with its query; no path where it is only `/`."""
    parts = urlsplit(url)
    path = parts.path.rstrip("/") + (f"?{parts.query}" if parts.query else "")
    return f"{parts.scheme}://{parts.netloc}", path


def base(origin: str, path: str, usual: Sequence[str], *, is_health: bool) -> str:
    """Where the service begins, to which `path` of `origin` leads.

    `usual` are paths at which health usually stands. `is_health` says whether the address itself
    speaks of health: then its service begins above it.
    """
    endings = sorted((ending for ending in usual if path.endswith(ending)), key=len)
    if not (endings or is_health or "?" in path):
        return origin + path
    above = path.removesuffix(endings[-1]) if endings else ""
    while (parted := above.rpartition("/")) and re.fullmatch(_OF_AN_API, parted[2]):
        above = parted[0]
    return origin + above


def name(url: str) -> str:
    """A name for the service, made of its host and its port."""
    parts = urlsplit(url)
    text = f"{parts.hostname or ''}-{parts.port or ''}".lower()
    return "".join(c if c.isascii() and c.isalnum() else "-" for c in text)[:60].strip("-")
