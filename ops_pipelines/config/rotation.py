"""Renders the logrotate file of a service."""

import re
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path, PurePath

from ops_pipelines.config.log_folders import LogFolder, look
from ops_pipelines.config.logrotate import END
from ops_pipelines.errors import InputError
from ops_pipelines.settings.config import Rotation
from ops_pipelines.settings.service import Service

FOLDER = Path("/etc/logrotate.d")
_COPIES = re.compile(r"\.(gz|zst|bz2|xz|zip)$|\.\d+$")
_PLAIN = re.compile(r"[\w./*?\[\]@+:,~-]+")
_UNWRITABLE = re.compile(r"[\n\r{}\"\\]")


def render(service: str, settings: Rotation, logs: Sequence[str]) -> str:
    """The logrotate file for `logs`, the globs by which a service's logs are read.

    Raises:
        InputError: no log of them can be rotated, or the settings cannot be written down.
    """
    patterns = list(dict.fromkeys(filter(None, map(live, logs))))
    if not patterns:
        raise InputError("rotation.no_files", service=service)
    seen = look(patterns)
    blocks: dict[str, list[str]] = {}
    for pattern in patterns:
        blocks.setdefault(_su(settings, seen.folders.get(pattern)), []).append(_quoted(pattern))
    header = (
        f"# Made by ops-pipelines {version('ops-pipelines')} from the settings of {service}: change"
        f" those, and\n# make it anew. Its place is {FOLDER / service} (owner root, mode 644).\n"
    )
    return header + "".join(
        _block(names, _directives(settings, su), settings.postrotate)
        for su, names in blocks.items()
    )


def log_files_of(service: Service) -> tuple[str, ...]:
    """The globs by which the logs of `service` are read."""
    return service.logs.files if service.logs else ()


def live(glob: str) -> str | None:
    """The name or glob of the logs that are being written, from one that may match copies too."""
    path = PurePath(glob)
    if Path(glob).is_dir():
        return str(path / "*.log")
    if _COPIES.search(path.name):
        return None
    name = re.sub(r"[.-]?\*+$", "", path.name)
    return str(path.with_name(name)) if "." in name else glob


def _su(settings: Rotation, folder: LogFolder | None) -> str:
    """Under which user to rotate; empty where root can do it safely."""
    if folder is None or not folder.is_of_others:
        return ""
    if not folder.is_insecure and settings.owner not in (None, folder.owner):
        return ""  # that user could not give the new log to its owner, and logrotate asks for none
    return f"{folder.owner} {folder.group}"


def _directives(settings: Rotation, su: str) -> list[str]:
    if settings.group and not settings.owner:
        raise InputError("rotation.group_alone")
    owner = " ".join(filter(None, (settings.mode, settings.owner, settings.group)))
    return [
        *([f"su {su}"] if su else []),
        "daily",
        f"rotate {settings.rotate}",
        *([f"maxsize {settings.maxsize}"] if settings.maxsize else []),
        "dateext",
        "dateformat -%Y%m%d-%s",  # a second rotation of a day needs a name of its own
        "compress",
        "delaycompress",
        "missingok",
        "notifempty",
        f"create {owner}",
        "sharedscripts",
    ]


def _quoted(pattern: str) -> str:
    if _UNWRITABLE.search(pattern):
        raise InputError("rotation.bad_path", path=pattern)
    return pattern if _PLAIN.fullmatch(pattern) else f'"{pattern}"'


def _block(names: list[str], directives: list[str], script: str | None) -> str:
    lines = [f"    {directive}" for directive in directives]
    if script:
        commands = script.strip().splitlines()
        if any(command.strip().startswith(END) for command in commands):
            raise InputError("rotation.endscript")
        lines += ["    postrotate", *(f"        {c}" for c in commands), f"    {END}"]
    return "\n".join(["\n".join(names) + " {", *lines, "}", ""])
