"""The valid configurations of real projects (`valid.yaml` says whose), and variants of each."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from ops_pipelines.report import Problem, Severity

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Valid:
    """A configuration that its project's users run.

    Attributes:
        true_findings: line and code of what is rightly said of it.
    """

    name: str
    source: str
    licence: str
    environment: dict[str, str] = field(default_factory=dict)
    true_findings: list[tuple[int, str]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return (HERE / "valid" / f"{self.name}.yaml").read_text("utf-8")

    @property
    def true_codes(self) -> Counter[str]:
        return Counter(code for _line, code in self.true_findings)


def corpus() -> list[Valid]:
    listed = yaml.safe_load((HERE / "valid.yaml").read_text("utf-8"))
    for entry in listed.values():
        entry["true_findings"] = [(line, code) for line, code in entry.get("true_findings", [])]
    return [Valid(name, **entry) for name, entry in listed.items()]


def alarms(problems: tuple[Problem, ...]) -> list[Problem]:
    """What an operator would look at: information is none."""
    return [problem for problem in problems if problem.severity is not Severity.INFO]


def variants(text: str) -> dict[str, str]:
    """The same configuration as other people would have written it."""
    return {
        "as it is": text,
        "quoted": quoted(text),
        "commented": commented(text),
        "reordered": reordered(text),
        "indented": re.sub(r"(?m)^(?=.)", "  ", text),
        "windows": "\ufeff" + text.replace("\n", "\r\n"),
        "spaced": re.sub(r"\n(?=\S)", "\n\n", text),
        **({} if "!" in text else {"reformatted": reformatted(text)}),
    }


def tokens(text: str) -> Iterator[yaml.ScalarToken]:
    """The scalars of `text` that are values or items."""
    before: yaml.Token | None = None
    for token in yaml.scan(text, yaml.SafeLoader):
        if isinstance(token, yaml.ScalarToken) and not isinstance(before, yaml.KeyToken):
            yield token
        if not isinstance(token, yaml.TagToken):
            before = token


def quoted(text: str) -> str:
    """Every plain text in quotes; what YAML reads as something else stays."""
    for token in reversed(list(tokens(text))):
        is_text = token.plain and isinstance(yaml.safe_load(token.value), str)
        if is_text:
            start, end = token.start_mark.index, token.end_mark.index
            text = text[:start] + json.dumps(token.value, ensure_ascii=False) + text[end:]
    return text


def inside_scalars(text: str) -> set[int]:
    """The lines (from 0) that are the inner ones of a scalar over several lines."""
    return {
        line
        for token in yaml.scan(text, yaml.SafeLoader)
        if isinstance(token, yaml.ScalarToken)
        for line in range(token.start_mark.line + 1, token.end_mark.line + 1)
    }


def commented(text: str) -> str:
    """A comment before every line that can have one."""
    inside = inside_scalars(text)
    lines = text.splitlines()
    return "".join(
        f"{line}\n" if number in inside else f"# about line {number}: ${{x}} [{{\n{line}\n"
        for number, line in enumerate(lines)
    )


def reordered(text: str) -> str:
    """The parts at the top in the opposite order; those with $names stay, for readers of order."""
    if text.startswith("$"):
        return text
    inside = inside_scalars(text)
    parts: list[list[str]] = [[]]
    for number, line in enumerate(text.splitlines()):
        if re.match(r"[\w\"']", line) and number not in inside:
            parts.append([])
        parts[-1].append(line)
    return "\n".join("\n".join(part) for part in [parts[0], *reversed(parts[1:])]) + "\n"


def reformatted(text: str) -> str:
    """As a program would write it: other indentation, other quotes, keys sorted, no comments."""
    return yaml.safe_dump(yaml.safe_load(text), indent=4, width=60, allow_unicode=True)
