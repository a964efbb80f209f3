"""How logrotate names what it has rotated, and which names its globs match."""

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import PurePath

from ops_pipelines.config.logrotate import Block

_COMPRESSED = r"\.(gz|zst|bz2|xz|zip)$"
_NUMBER = re.compile(r"\.([2-9]|[1-9]\d{1,2})")
_BY_TIME = re.compile(r"[._-]\d{4}-?\d{2}-?\d{2}([T_ -]\d{2}.*)?(\.\d+)?")
_BY_LOGROTATE = re.compile(r"-\d{8}(\d{2})?(-\d{10})?")


def matches(pattern: str, path: str) -> bool:
    """Whether the glob `pattern` matches `path`, as the shell does: `*` stays within a folder."""
    wanted, found = PurePath(pattern).parts, PurePath(path).parts
    return len(wanted) == len(found) and all(map(_matches, wanted, found))


def _matches(wanted: str, found: str) -> bool:
    return fnmatchcase(found, wanted) and (found[0] != "." or wanted[0] == ".")


def example(pattern: str) -> str:
    """A name that a log of `pattern` may have: the pattern itself without its wildcards."""
    path = PurePath(pattern)
    name = re.sub(r"\[!?(.).*?\]", r"\1", path.name.replace("?", "x"))
    name = re.sub(r"\*+$", "", name).replace("*", "x") if name.strip("*") else "x"
    return str(path.with_name(name))


def rotated(log: str, block: Block) -> list[str]:
    """The names under which `log` lies after rotations by the rules of `block`."""
    path = PurePath(log)
    folder = path.parent / block.value("olddir") if "olddir" in block.said else path.parent
    extension = block.value("extension")
    stem, kept = path.name, ""
    if extension and path.name.endswith(extension):
        stem, kept = path.name.removesuffix(extension), extension
    names = [f"{stem}{suffix}{kept}{block.value('addextension')}" for suffix in suffixes(block)]
    if "compress" in block.said:
        names += [name + (block.value("compressext") or ".gz") for name in names]
    return [str(folder / name) for name in names]


def suffixes(block: Block) -> list[str]:
    """What the rules of `block` put behind a name: dates, or numbers."""
    if "dateext" not in block.said:
        return [".1", ".2"]
    date = date_format(block)
    for sign, digits in _DATES.items():
        date = date.replace(sign, digits)
    return [date]


_DATES = {
    "%Y": "2026",
    "%m": "11",
    "%d": "23",
    "%H": "04",
    "%M": "05",
    "%S": "06",
    "%V": "47",
    "%s": "1795406706",
}


def date_format(block: Block) -> str:
    """The date that the rules of `block` put behind a name."""
    return block.value("dateformat") or ("-%Y%m%d%H" if "hourly" in block.said else "-%Y%m%d")


def made_by_the_application(log: str, names: Iterable[str]) -> list[str]:
    """Which of `names`, the files beside `log`, the application has made by rotating it itself.

    A handler that rotates by size leaves numbers and compresses none of them, where logrotate
    leaves at most the first uncompressed; one that rotates by time leaves times of its own form.
    """
    path = PurePath(log)
    stem = path.name.removesuffix(path.suffix)
    found = []
    for name in sorted(names):
        if name.startswith(stem) and name != path.name:
            rest = re.sub(_COMPRESSED, "", name).removeprefix(stem)
            rest = rest.removeprefix(path.suffix).removesuffix(path.suffix)
            is_number = _NUMBER.fullmatch(rest) and not re.search(_COMPRESSED, name)
            if is_number or (_BY_TIME.fullmatch(rest) and not _BY_LOGROTATE.fullmatch(rest)):
                found.append(name)
    return found
