"""Looks at the folders that a logrotate file speaks of, and at the users that it names."""

import glob
import grp
import os
import pwd
import stat
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_MOST_NAMES = 10_000


@dataclass(frozen=True, slots=True)
class LogFolder:
    """One folder with logs.

    Attributes:
        uid: of its owner.
        gid: of its group.
        mode: its permissions.
        names: of the files in it.
    """

    path: str
    uid: int
    gid: int
    mode: int
    names: tuple[str, ...]

    @property
    def is_insecure(self) -> bool:
        """Whether logrotate refuses to rotate in it as root: others than root may write there."""
        by_group = self.mode & stat.S_IWGRP and self.gid != 0
        return bool(by_group or self.mode & stat.S_IWOTH)

    @property
    def is_of_others(self) -> bool:
        """Whether others than root control what lies in it."""
        return self.is_insecure or self.uid != 0

    @property
    def owner(self) -> str:
        """The name of its owner, or the number of one without a name."""
        with suppress(KeyError):
            return pwd.getpwuid(self.uid).pw_name
        return str(self.uid)

    @property
    def group(self) -> str:
        """The name of its group, or the number of one without a name."""
        with suppress(KeyError):
            return grp.getgrgid(self.gid).gr_name
        return str(self.gid)


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen on this host.

    Attributes:
        folders: the folder of each pattern, where it is here.
        matching: the files that each pattern matches now.
        links: those of them that are symbolic links.
        unknown_users: users that the file names and this host does not know.
        unknown_groups: groups likewise.
    """

    folders: dict[str, LogFolder]
    matching: dict[str, tuple[str, ...]]
    links: frozenset[str]
    unknown_users: frozenset[str] = frozenset()
    unknown_groups: frozenset[str] = frozenset()


def look(patterns: Iterable[str], users: Iterable[str] = (), groups: Iterable[str] = ()) -> Seen:
    """What is on this host of the logs, users and groups that a file names."""
    folders: dict[str, LogFolder] = {}
    matching: dict[str, tuple[str, ...]] = {}
    for pattern in patterns:
        matching[pattern] = tuple(sorted(glob.glob(pattern)))[:_MOST_NAMES]  # noqa: PTH207 - a whole pattern
        found = folder_of(pattern, matching[pattern])
        if found:
            folders[pattern] = found
    files = {path for paths in matching.values() for path in paths}
    return Seen(
        folders,
        matching,
        frozenset(path for path in files if os.path.islink(path)),  # noqa: PTH114 - they are texts
        frozenset(name for name in users if not user_exists(name)),
        frozenset(name for name in groups if not group_exists(name)),
    )


def folder_of(pattern: str, matching: Iterable[str] = ()) -> LogFolder | None:
    """The folder in which the logs of `pattern` lie; None where it is not on this host."""
    first = next(iter(matching), pattern)
    path = Path(first).parent
    try:
        found = path.stat()
        names = tuple(sorted(entry.name for entry in path.iterdir()))[:_MOST_NAMES]
    except OSError:
        return None
    return LogFolder(str(path), found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode), names)


def user_exists(name: str) -> bool:
    """Whether this host knows the user `name`; logrotate takes no number for one."""
    with suppress(KeyError):
        return bool(pwd.getpwnam(name))
    return False


def group_exists(name: str) -> bool:
    """Whether this host knows the group `name`."""
    with suppress(KeyError):
        return bool(grp.getgrnam(name))
    return False
