"""Which databases a configuration mentions and a snapshot lacks, and what would back them up."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import PurePath
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import yaml

from ops_pipelines.report import Finding, Severity

At = tuple[str, ...]

SQLITE = "SQLite"
CHROMA_FILE = "chroma.sqlite3"
_CHOOSES = re.compile(
    r"(^|_)(provider|type|engine|backend|driver|vendor|dialect|kind|db|database|(vector_?)?store)$"
)
_CHOOSES_NONE = {"sqlite", "sqlite3", "memory", "in_memory", "local", "none"}
_HOLDS_COPIES = re.compile(r"cache|broker|celery|queue|rate_?limit|session|pub_?sub|task")
_SQLITE_FILE = re.compile(r"[^\s:]+\.(db|sqlite|sqlite3)")
_URL = re.compile(r"([a-z0-9]+)(\+[a-z0-9_+]+)?://")


class Kind(NamedTuple):
    """A kind of database, from `rules/databases.yaml`."""

    kind: str
    names: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ()
    tool: str = ""
    source: str = ""
    caches: bool = False


class Mention(NamedTuple):
    """A place in a configuration that speaks of a database; of SQLite with its path."""

    kind: Kind
    at: At
    path: str = ""


def lacking(configuration: Mapping[str, Any], kept: Iterable[str]) -> tuple[Finding, ...]:
    """A finding for each database that `configuration` mentions and a snapshot lacks.

    Args:
        configuration: the data of each configuration file, by its path.
        kept: paths of the SQLite databases that the snapshot holds.
    """
    names = {PurePath(path).name for path in kept}
    found: dict[str, Finding] = {}
    if CHROMA_FILE in names:  # the vectors themselves lie beside it
        found["Chroma"] = _finding(Mention(_by_name()["chroma"], ("databases",)), CHROMA_FILE)
    for file, data in configuration.items():
        for mention in _mentions(data, ()):
            name = PurePath(mention.path).name or mention.kind.kind
            if name not in names:
                found.setdefault(name, _finding(mention, PurePath(file).name))
    return tuple(found.values())


def _finding(mention: Mention, file: str) -> Finding:
    where = f"{file}: {'.'.join(mention.at)}"
    if mention.path:
        name = PurePath(mention.path).name
        return Finding("backup.lacks_sqlite", Severity.WARNING, name, {"where": where})
    code = "backup.lacks_database" if mention.kind.tool else "backup.lacks_folder"
    facts = {"where": where, "tool": mention.kind.tool, "source": mention.kind.source}
    return Finding(code, Severity.WARNING, mention.kind.kind, facts)


@lru_cache
def _by_name() -> dict[str, Kind]:
    """Every known kind, by its names, as `key:` by its sections, as `scheme://` by its schemes."""
    text = files("ops_pipelines.config").joinpath("rules/databases.yaml").read_text("utf-8")
    kinds = [Kind(**row) for row in yaml.safe_load(text)]
    names = {name: kind for kind in kinds for name in kind.names}
    sections = {f"{name}:": kind for kind in kinds for name in (*kind.names, *kind.sections)}
    schemes = {f"{scheme}://": kind for kind in kinds for scheme in kind.schemes}
    return names | sections | schemes


def _mentions(data: Any, at: At) -> Iterator[Mention]:
    match data:
        case dict():
            chosen = set(_chosen(data))
            for key, value in data.items():
                yield from _of_item(str(key), value, (*at, str(key)), chosen)
        case list():
            for index, item in enumerate(data):
                yield from _mentions(item, (*at, str(index)))


def _chosen(data: Mapping[Any, Any]) -> Iterator[str]:
    """The databases that a mapping chooses, among all those that it may describe."""
    for key, value in data.items():
        if _CHOOSES.search(str(key).lower()) and isinstance(value, str):
            name = _plain(value)
            if name in _CHOOSES_NONE:
                yield SQLITE
            elif name in _by_name():
                yield _by_name()[name].kind


def _of_item(key: str, value: Any, at: At, chosen: set[str]) -> Iterator[Mention]:
    """The mentions in one key of a mapping and its value."""
    if isinstance(value, str):
        found = _of_text(key, value, at, is_decided=bool(chosen))
        yield from (mention for mention in found if not _holds_copies(mention))
        return
    kind = _by_name().get(f"{_plain(key)}:")
    if kind and isinstance(value, dict):
        if not value or value.get("enabled") is False or (chosen and kind.kind not in chosen):
            return
        mention = Mention(kind, at)
        yield from () if _holds_copies(mention) else (mention,)
    yield from _mentions(value, at)


def _of_text(key: str, text: str, at: At, *, is_decided: bool) -> Iterator[Mention]:
    kinds = _by_name()
    url = _URL.match(text.lower())
    if url is None:
        if _CHOOSES.search(key.lower()) and _plain(text) in kinds:
            yield Mention(kinds[_plain(text)], at)
        elif _SQLITE_FILE.fullmatch(text):
            yield Mention(Kind(SQLITE), at, text)
    elif url[1] == "sqlite":
        path = text.partition("://")[2].partition("?")[0]
        if path.strip("/") not in _NO_FILE:
            yield Mention(Kind(SQLITE), at, path)
    else:
        # A host is a weaker sign than a scheme: it does not count where something else is chosen.
        kind = kinds.get(f"{url[1]}://") or (None if is_decided else kinds.get(_host(text)))
        yield from (Mention(kind, at),) if kind else ()


_NO_FILE = {"", ":memory:"}


def _holds_copies(mention: Mention) -> bool:
    """Whether what is kept there can be made anew."""
    return mention.kind.caches and any(_HOLDS_COPIES.search(part.lower()) for part in mention.at)


def _plain(name: str) -> str:
    """A name as the table has it; llama-stack writes `remote::chromadb`."""
    return re.sub(r"[-\s.]+", "_", name.strip().lower().rpartition("::")[2])


def _host(url: str) -> str:
    """The first name of the host in `url`: `qdrant` of `http://qdrant:6333`."""
    try:
        return (urlsplit(url).hostname or "").partition(".")[0]
    except ValueError:
        return ""
