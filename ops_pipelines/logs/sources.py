"""Finds the files of a log: from globs, folders and names, each file once, whatever is in the way.

Nothing that was named is passed over in silence: a file is read, or it stands among the failed
ones with a reason, or among the skipped ones because another file has its content.
"""

import glob
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ops_pipelines.logs import contents
from ops_pipelines.logs.contents import STDIN, Source, UnreadError, original_of
from ops_pipelines.report import Reason

_STREAMS = ("/dev/stdin", "/dev/fd/", "/proc/self/fd/")
"""Pipes under these names are open already: reading them does not wait for a writer."""
_KINDS = {stat.S_IFIFO: "FIFO", stat.S_IFSOCK: "socket", stat.S_IFDIR: "folder"}


@dataclass(slots=True)
class Found:
    """The files to read, in the order of their names; what cannot be read, and why; and copies."""

    sources: list[Source] = field(default_factory=list)
    failed: dict[str, Reason] = field(default_factory=dict)
    skipped: dict[str, Reason] = field(default_factory=dict)


def find(names: Iterable[str]) -> Found:
    """The files that `names` (files, folders, globs, `-`) stand for."""
    found = Found()
    by_inode: dict[tuple[int, int], Source] = {}
    for name in dict.fromkeys(names):
        for path in _expanded(name, found):
            source = source_of(path, found)
            if source is None:
                continue
            first = by_inode.setdefault(source.inode, source)
            if first is source:
                found.sources.append(source)
            elif first.name != source.name:
                found.skipped[source.name] = Reason("logs.same_file", {"file": first.name})
    _drop_copies(found)
    return found


def paths(names: Iterable[str]) -> list[str]:
    """The files that `names` stand for now, each once, be they copies or not."""
    found = Found()
    return list(dict.fromkeys(path for name in names for path in _expanded(name, found)))


def _expanded(name: str, found: Found) -> Iterator[str]:
    if name == STDIN:
        yield name
    elif glob.has_magic(name) and not os.path.lexists(name):
        paths = sorted(glob.glob(name, recursive=True))  # noqa: PTH207 - a whole path with globs
        if not paths:
            found.failed[name] = Reason("logs.no_match")
        for path in paths:
            yield from _files(path, found)
    else:
        yield from _files(name, found)


def _files(path: str, found: Found) -> Iterator[str]:
    """`path` itself, or the files below it where it is a folder."""
    if not Path(path).is_dir():
        yield path
        return
    seen: set[tuple[int, int]] = set()

    def failed(error: OSError) -> None:
        found.failed[str(error.filename)] = _unreadable(error)

    for folder, folders, files in os.walk(path, onerror=failed, followlinks=True):
        status = Path(folder).stat()
        if (status.st_dev, status.st_ino) in seen:  # a link leads back to where we have been
            folders.clear()
            continue
        seen.add((status.st_dev, status.st_ino))
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith("."):
                yield str(Path(folder, name))


def source_of(path: str, found: Found) -> Source | None:
    """The file or stream called `path`; why there is none goes into `found`."""
    if path == STDIN:
        return contents.stream(path)
    try:
        kind = stat.S_IFMT(os.stat(path).st_mode)  # noqa: PTH116 - a name is shown as it was given
        if kind == stat.S_IFREG:
            return contents.file(path)
        if path.startswith(_STREAMS):
            return contents.stream(path)
        found.failed[path] = Reason("logs.not_a_file", {"kind": _KINDS.get(kind, "device")})
    except UnreadError as error:
        found.failed[path] = Reason("logs.unread_kind", {"kind": str(error)})
    except OSError as error:
        found.failed[path] = _unreadable(error)
    except ValueError:  # a NUL in the name
        found.failed[path] = Reason("logs.no_match")
    return None


def _unreadable(error: OSError) -> Reason:
    return Reason("logs.unreadable", {"detail": error.strerror or str(error)})


def _drop_copies(found: Found) -> None:
    """Leave out what is a copy of another file, or of its beginning: it would count twice."""
    for source in list(found.sources):
        if original := original_of(source, found.sources):
            found.sources.remove(source)
            found.skipped[source.name] = Reason("logs.copy", {"file": original.name})
