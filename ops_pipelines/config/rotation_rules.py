"""Judges a logrotate file: what it says and what was seen on this host in, problems out.

What logrotate itself does was tried with 3.21 of Debian 12: an insecure folder, an unknown user
and a log that two blocks name make it skip the log; a second rotation of a day under one name is
skipped as well.
"""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from ops_pipelines.config.log_folders import LogFolder, Seen
from ops_pipelines.config.logrotate import KNOWN, At, Block, Parsed
from ops_pipelines.config.rotated_names import (
    date_format,
    example,
    made_by_the_application,
    matches,
    rotated,
)
from ops_pipelines.report import Problem, Severity

CRITICAL, WARNING, INFO = Severity.CRITICAL, Severity.WARNING, Severity.INFO
_SIZE = re.compile(r"\d+[kMG]?")
_WHOLE = re.compile(r"-?\d+")
_VALUES = {
    **dict.fromkeys(("size", "minsize", "maxsize"), _SIZE),
    **dict.fromkeys(("rotate", "minage", "maxage", "start", "shredcycles"), _WHOLE),
    "weekly": re.compile(r"[0-7]?"),
    "su": re.compile(r"\S+\s+\S+"),
    "create": re.compile(r"([0-7]{3,4})?(\s*[^\s\d]\S*(\s+[^\s\d]\S*)?)?"),
}
_RELOADS = ("postrotate", "lastaction", "firstaction")


@dataclass(frozen=True, slots=True)
class Judged:
    """The file that is judged.

    Attributes:
        path: its path, for the problems.
        is_installed: whether it lies where logrotate reads it.
        others: the blocks of the other files there, by their paths.
        rotates_itself: where the service's configuration says that it rotates its logs, if it does.
    """

    path: str
    parsed: Parsed
    seen: Seen
    is_installed: bool = False
    others: tuple[tuple[str, Block], ...] = ()
    rotates_itself: str | None = None

    def problem(self, code: str, at: At, severity: Severity, **facts: Any) -> Problem:
        """A problem at one word of the file."""
        return Problem(code, self.path, at.line, at.column, at.text, severity, facts)


Found = Iterator[Problem]


def judge(judged: Judged) -> list[Problem]:
    """Every problem of the file, in the order of its lines."""
    found = [*_mistakes(judged), *_overlaps(judged)]
    for block in judged.parsed.blocks:
        for rule in _RULES:
            found += rule(judged, block)
    return sorted(found, key=lambda problem: (problem.line, problem.column))


def _mistakes(judged: Judged) -> Found:
    for mistake in judged.parsed.mistakes:
        if mistake.code != "rotation.unknown_keyword":
            yield judged.problem(mistake.code, mistake.at, CRITICAL, text=mistake.at.text[:60])
            continue
        near = difflib.get_close_matches(mistake.at.text.lower(), sorted(KNOWN), n=1)
        code = "rotation.unknown_keyword_near" if near else mistake.code
        yield judged.problem(code, mistake.at, WARNING, text=mistake.at.text, near="".join(near))
    for at in judged.parsed.included:
        yield judged.problem("rotation.included", at, INFO, text=at.text)
    if not judged.parsed.blocks and not judged.parsed.mistakes:
        yield judged.problem("rotation.no_logs", At("", 1, 1), WARNING)


def _values(judged: Judged, block: Block) -> Found:
    """Logrotate skips the whole block for one value that it cannot read."""
    for keyword, pattern in _VALUES.items():
        at = block.said.get(keyword)
        if at and not pattern.fullmatch(at.text):
            yield judged.problem("rotation.bad_value", at, CRITICAL, keyword=keyword)


def _users(judged: Judged, block: Block) -> Found:
    severity = CRITICAL if judged.is_installed else INFO
    for keyword in ("su", "create"):
        user, group = _user_and_group(block, keyword)
        if user in judged.seen.unknown_users:
            yield judged.problem("rotation.unknown_user", block.said[keyword], severity, name=user)
        if group in judged.seen.unknown_groups:
            yield judged.problem(
                "rotation.unknown_group", block.said[keyword], severity, name=group
            )


def names_of(parsed: Parsed) -> tuple[set[str], set[str]]:
    """The users and the groups that a file names."""
    pairs = [_user_and_group(b, keyword) for b in parsed.blocks for keyword in ("su", "create")]
    return {user for user, _ in pairs if user}, {group for _, group in pairs if group}


def _user_and_group(block: Block, keyword: str) -> tuple[str, str]:
    words = [word for word in block.value(keyword).split() if not re.fullmatch("[0-7]{3,4}", word)]
    user, group, *_ = [*words, "", ""]
    return user, group


def _folders(judged: Judged, block: Block) -> Found:
    for pattern in block.patterns:
        folder = judged.seen.folders.get(pattern.text)
        if folder is None:
            yield judged.problem("rotation.not_here", pattern, INFO, text=pattern.text)
        elif "su" not in block.said:
            yield from _without_su(judged, pattern, folder)
        else:
            yield from _with_su(judged, block, folder)


def _without_su(judged: Judged, pattern: At, folder: LogFolder) -> Found:
    facts = {"folder": folder.path, "user": folder.owner, "group": folder.group}
    if folder.is_insecure:
        yield judged.problem("rotation.insecure_folder", pattern, CRITICAL, **facts)
    elif folder.is_of_others:
        yield judged.problem("rotation.folder_of_others", pattern, INFO, **facts)


def _with_su(judged: Judged, block: Block, folder: LogFolder) -> Found:
    user, group = _user_and_group(block, "su")
    owner, _ = _user_and_group(block, "create")
    at = block.said["su"]
    if owner and user not in ("root", owner):
        yield judged.problem("rotation.su_cannot_give", at, CRITICAL, user=user, owner=owner)
    is_writable = (
        user == "root"
        or folder.mode & 0o002
        or (folder.mode & 0o200 and user == folder.owner)
        or (folder.mode & 0o020 and group == folder.group)
    )
    if not is_writable:
        facts = {"user": user, "group": group, "folder": folder.path}
        yield judged.problem("rotation.su_cannot_write", at, CRITICAL, **facts)


def _rotated_again(judged: Judged, block: Block) -> Found:
    """Copies that a glob matches as if they were logs: each is rotated again and again."""
    for pattern in block.patterns:
        for copy in rotated(example(pattern.text), block):
            if any(matches(other.text, copy) for other in block.patterns):
                facts = {"pattern": pattern.text, "copy": copy}
                yield judged.problem("rotation.rotates_copies", pattern, CRITICAL, **facts)
                break


def _links(judged: Judged, block: Block) -> Found:
    for pattern in block.patterns:
        for path in judged.seen.matching.get(pattern.text, ()):
            if path in judged.seen.links:
                yield judged.problem("rotation.link", pattern, CRITICAL, log=path)


def _application(judged: Judged, block: Block) -> Found:
    for pattern in block.patterns:
        folder = judged.seen.folders.get(pattern.text)
        logs = judged.seen.matching.get(pattern.text) or (example(pattern.text),)
        names = folder.names if folder else ()
        made = [name for log in logs for name in made_by_the_application(log, names)]
        if made:
            facts = {"log": pattern.text, "names": sorted(set(made))[:3]}
            yield judged.problem("rotation.also_by_itself", pattern, WARNING, **facts)
        elif judged.rotates_itself:
            facts = {"log": pattern.text, "where": judged.rotates_itself}
            yield judged.problem("rotation.configured_by_itself", pattern, WARNING, **facts)


def _losses(judged: Judged, block: Block) -> Found:
    """Ways in which lines are lost."""
    first = block.patterns[0]
    if "copytruncate" in block.said:
        yield judged.problem("rotation.copytruncate", block.said["copytruncate"], WARNING)
        return
    if "copy" in block.said:
        return
    reloads = [script for script in _RELOADS if block.scripts.get(script)]
    if not any(block.scripts[script].text.strip() for script in reloads):
        yield judged.problem("rotation.no_reload", first, WARNING, log=first.text)
    if "compress" in block.said and "delaycompress" not in block.said:
        yield judged.problem("rotation.compresses_at_once", block.said["compress"], WARNING)
    if "rotate" in block.said and block.value("rotate").strip() == "0":
        yield judged.problem("rotation.keeps_nothing", block.said["rotate"], WARNING)


def _dates(judged: Judged, block: Block) -> Found:
    if "dateext" not in block.said:
        return
    at = block.said.get("dateformat", block.said["dateext"])
    written = date_format(block)
    often = [keyword for keyword in ("maxsize", "size", "hourly") if keyword in block.said]
    is_fine = "%s" in written or ("%H" in written and (often == ["hourly"] or "%M" in written))
    if often and not is_fine:
        yield judged.problem("rotation.one_name_a_day", at, WARNING, keyword=often[0])
    order = [sign for sign in re.findall("%[YmdHMS]", written) if "%s" not in written]
    if order != sorted(order, key="%Y%m%d%H%M%S".index):
        yield judged.problem("rotation.unsortable_dates", at, WARNING, format=written)


def _habits(judged: Judged, block: Block) -> Found:
    """What is no fault, and good to know."""
    first = block.patterns[0]
    is_many = len(block.patterns) > 1 or any(set("*?[") & set(p.text) for p in block.patterns)
    if is_many and "postrotate" in block.scripts and "sharedscripts" not in block.said:
        yield judged.problem("rotation.many_reloads", block.scripts["postrotate"], INFO)
    if "missingok" not in block.said:
        yield judged.problem("rotation.complains", first, INFO, log=first.text)
    if "rotate" not in block.said:
        yield judged.problem("rotation.count_not_said", first, INFO)
    if "maxsize" in block.said:
        yield judged.problem("rotation.maxsize_timer", block.said["maxsize"], INFO)


def _overlaps(judged: Judged) -> Found:
    """Logs that are named twice: logrotate skips the whole block that comes second."""
    here = [(judged.path, b, p) for b in judged.parsed.blocks for p in b.patterns]
    others = [(file, block, p) for file, block in judged.others for p in block.patterns]
    for index, (_, block, pattern) in enumerate(here):
        if "ignoreduplicates" in block.said:
            continue
        meets = partial(_meets, judged.seen, pattern.text)
        for file, _, earlier in (*here[:index], *others):
            if meets(earlier.text):
                facts = {"log": earlier.text, "other_file": file, "other_line": earlier.line}
                yield judged.problem("rotation.overlap", pattern, CRITICAL, **facts)
                break


def _meets(seen: Seen, one: str, other: str) -> bool:
    """Whether two globs match the same log, on this host or by their form."""
    shared = set(seen.matching.get(one, ())) & set(seen.matching.get(other, ()))
    return bool(shared or matches(one, example(other)) or matches(other, example(one)))


_RULES = (
    _values,
    _users,
    _folders,
    _rotated_again,
    _links,
    _application,
    _losses,
    _dates,
    _habits,
)
