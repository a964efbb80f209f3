"""Reads logrotate files: text in, what it says of which logs out. Grammar: logrotate(8), 3.21.

Known by trial: a comment counts only at the beginning of a line (behind a value it is part of the
value), a block that is never closed is accepted, and an unknown keyword skips its line.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

SCRIPTS = {"prerotate", "postrotate", "firstaction", "lastaction", "preremove"}
END = "endscript"
# Keywords with a value, which reaches to the end of the line.
VALUED = {
    *("rotate", "olddir", "su", "weekly", "size", "minsize", "maxsize", "minage", "maxage"),
    *("tabooext", "taboopat", "create", "createolddir", "shredcycles", "compresscmd"),
    *("uncompresscmd", "compressext", "compressoptions", "extension", "addextension", "start"),
    *("dateformat", "mail", "include", "errors"),
}
FLAGS = {
    *("noolddir", "hourly", "daily", "monthly", "yearly", "missingok", "nomissingok"),
    *("ignoreduplicates", "ifempty", "notifempty", "nocreate", "nocreateolddir", "copy", "nocopy"),
    *("copytruncate", "nocopytruncate", "renamecopy", "norenamecopy", "shred", "noshred"),
    *("allowhardlink", "noallowhardlink", "compress", "nocompress", "delaycompress"),
    *("nodelaycompress", "dateext", "nodateext", "dateyesterday", "datehourago", "nomail"),
    *("mailfirst", "maillast", "sharedscripts", "nosharedscripts"),
}
KNOWN = SCRIPTS | VALUED | FLAGS
_CRITERIA = ("hourly", "daily", "weekly", "monthly", "yearly", "size")
_WORD = re.compile(r"\S")
_KEYWORD = re.compile(r"[A-Za-z]+(?![^\s={}])")
_PATH = re.compile(r"""(?=[/"'~])(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s{"'\\])+""")
_QUOTED = re.compile(r""""((?:\\.|[^"\\])*)"|'([^']*)'|\\(.)""")


@dataclass(frozen=True, slots=True)
class At:
    """A word of the file and its place; lines and columns count from 1."""

    text: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Block:
    """One `{ … }`: which logs, and what is said of them, the global directives included.

    Attributes:
        patterns: the names and globs before the brace.
        said: the directives that hold, by keyword; the value is that of the directive.
        scripts: the lines of each script.
    """

    patterns: tuple[At, ...]
    said: Mapping[str, At]
    scripts: Mapping[str, At]

    def value(self, keyword: str) -> str:
        """The value of a directive; empty where it is not there or has none."""
        found = self.said.get(keyword)
        return found.text if found else ""


@dataclass(frozen=True, slots=True)
class Mistake:
    """What logrotate could not read, and its place."""

    code: str
    at: At


@dataclass
class Parsed:
    """A logrotate file."""

    blocks: list[Block] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    included: list[At] = field(default_factory=list)


def parse(text: str) -> Parsed:
    """What the logrotate file `text` says, past its mistakes."""
    return _Reader(text).read()


class _Reader:
    """Goes through the text from word to word."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.parsed = Parsed()
        self.said: dict[str, At] = {}  # what holds for all blocks that follow
        self.patterns: list[At] = []
        self.block: tuple[dict[str, At], dict[str, At]] | None = None

    def read(self) -> Parsed:
        while self._skip_blanks():
            self._step(self.text[self.position])
        if self.block:
            self._close()
        elif self.patterns:
            self._mistake("rotation.no_brace", self.patterns[0])
        return self.parsed

    def _step(self, character: str) -> None:
        if character == "#":
            self._rest_of_line()
        elif character == "{":
            self._open(self._word(1))
        elif character == "}":
            self._end(self._word(1))
        elif path := _PATH.match(self.text, self.position):
            self._path(self._word(len(path.group())))
        elif keyword := _KEYWORD.match(self.text, self.position):
            self._keyword(self._word(len(keyword.group())))
        else:
            self._mistake("rotation.no_keyword", self._rest_of_line())

    def _open(self, brace: At) -> None:
        if self.block or not self.patterns:
            self._mistake("rotation.stray_brace", brace)
        else:
            self.block = (dict(self.said), {})

    def _end(self, brace: At) -> None:
        if self.block is None:
            self._mistake("rotation.stray_brace", brace)
            return
        self._close()
        rest = self._rest_of_line()
        if rest.text:
            self._mistake("rotation.after_brace", rest)

    def _close(self) -> None:
        if self.block:
            self.parsed.blocks.append(Block(tuple(self.patterns), *self.block))
        self.block, self.patterns = None, []

    def _path(self, path: At) -> None:
        if self.block:
            self._mistake("rotation.stray_path", path)
        else:
            plain = _QUOTED.sub(lambda m: "".join(filter(None, m.groups())), path.text)
            self.patterns.append(At(plain, path.line, path.column))

    def _keyword(self, word: At) -> None:
        if self.patterns and not self.block:
            self._mistake("rotation.no_brace", self.patterns[0])
            self.patterns = []
        keyword = word.text
        if keyword in SCRIPTS:
            self._script(word)
        elif keyword in VALUED:
            value = At(self._rest_of_line().text.lstrip("= \t"), word.line, word.column)
            if keyword == "include":
                self.parsed.included.append(value)
            else:
                self._say(keyword, value)
        elif keyword in FLAGS:
            self._say(keyword, At("", word.line, word.column))
        else:
            self._mistake("rotation.unknown_keyword", word)
            self._rest_of_line()

    def _say(self, keyword: str, value: At) -> None:
        said = self.block[0] if self.block else self.said
        for other in _undone_by(keyword):
            said.pop(other, None)
        said[keyword] = value

    def _script(self, word: At) -> None:
        self._rest_of_line()
        end = re.compile(rf"^[ \t]*{END}\b.*$", re.MULTILINE).search(self.text, self.position)
        if end is None:
            self._mistake("rotation.no_endscript", word)
        script = At(self.text[self.position : end.start() if end else None], word.line, word.column)
        self.position = end.end() if end else len(self.text)
        if self.block:
            self.block[1][word.text] = script

    def _skip_blanks(self) -> bool:
        """Go to the next word; whether there is one."""
        found = _WORD.search(self.text, self.position)
        self.position = found.start() if found else len(self.text)
        return found is not None

    def _word(self, length: int) -> At:
        begun = self.position
        self.position += length
        line = self.text.count("\n", 0, begun) + 1
        column = begun - self.text.rfind("\n", 0, begun)
        return At(self.text[begun : self.position], line, column)

    def _rest_of_line(self) -> At:
        end = self.text.find("\n", self.position)
        found = self._word((len(self.text) if end < 0 else end) - self.position)
        return At(found.text.strip(), found.line, found.column)

    def _mistake(self, code: str, at: At) -> None:
        self.parsed.mistakes.append(Mistake(code, at))


def _undone_by(keyword: str) -> tuple[str, ...]:
    """The directives that `keyword` takes back."""
    if keyword in _CRITERIA:
        return tuple(other for other in _CRITERIA if other != keyword)
    if keyword in ("ifempty", "notifempty"):
        return ("notifempty",) if keyword == "ifempty" else ("ifempty",)
    return (keyword[2:],) if keyword.startswith("no") else (f"no{keyword}",)
