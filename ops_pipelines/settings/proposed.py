"""A service file that is proposed: checks as data in, commented YAML out."""

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from ops_pipelines import language
from ops_pipelines.language import _
from ops_pipelines.redaction import redact, redact_tree

WIDTH = 100


@dataclass(frozen=True, slots=True)
class ProposedCheck:
    """One check: its keys, the headers as they are to be written, and sentences about it."""

    check: Mapping[str, Any]
    headers: Mapping[str, str]
    comments: Sequence[str] = ()


def text(
    name: str, base_url: str, checks: Iterable[ProposedCheck], remarks: Sequence[str] = ()
) -> str:
    """The file's text. Headers are written as given, references and all; all else is masked."""
    spoken = language.current()
    lines = [
        *_commented(_head(base_url), ""),
        f"name: {name}",
        f"base_url: {_flow(base_url)}",
        *([f"language: {spoken}"] if spoken != "en" else []),
        *_commented(
            [_("timezone: Asia/Shanghai, for instance; without it its days are UTC's")], ""
        ),
        "health:",
        "  checks:",
    ]
    for check in checks:
        lines += [*_commented(check.comments, "    "), *_check(check)]
    if remarks:
        lines += ["", *_commented([_("Seen besides, and without a check:"), *remarks], "")]
    return "\n".join([*lines, ""])


def _head(base_url: str) -> list[str]:
    return [
        _("Proposed by `ops-pipelines settings new` from what {url} answered.").format(
            url=base_url
        ),
        _("Read it, decide what it leaves open, then put it into services/."),
        _("All other keys: `ops-pipelines settings sample`."),
    ]


def _check(proposed: ProposedCheck) -> Iterator[str]:
    check = redact_tree(dict(proposed.check))
    url = check.pop("url", None)
    first = {key: check.pop(key) for key in ("name", "kind") if key in check}
    headers = {"headers": dict(proposed.headers)} if proposed.headers and url is not None else {}
    ordered = {**first, **({} if url is None else {"url": url}), **headers, **check}
    for index, line in enumerate(_dumped(ordered).splitlines()):
        yield f"    {'- ' if index == 0 else '  '}{line}"


def _dumped(data: Mapping[str, Any]) -> str:
    return yaml.safe_dump(
        data, sort_keys=False, allow_unicode=True, width=WIDTH - 8, default_flow_style=None
    )


def _flow(value: str) -> str:
    return yaml.safe_dump(value, allow_unicode=True, width=10_000).removesuffix("...\n").strip()


def _commented(sentences: Iterable[str], indent: str) -> Iterator[str]:
    """Each sentence as comment lines of its own."""
    for sentence in sentences:
        yield from textwrap.wrap(
            redact(sentence),
            WIDTH,
            initial_indent=f"{indent}# ",
            subsequent_indent=f"{indent}#   ",
            break_on_hyphens=False,
        )
