"""One service file: its text in, a frozen `Service` or every problem that it has out."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ops_pipelines import located_yaml
from ops_pipelines.errors import SettingsError
from ops_pipelines.located_yaml import Located, Place, place_at
from ops_pipelines.report import Problem
from ops_pipelines.settings.environment import References
from ops_pipelines.settings.problems import from_validation, shown
from ops_pipelines.settings.service import Service

BOM = "\ufeff"
MOST_BYTES = 1_048_576
START = Place()


def read(file: Path, environment: Mapping[str, str]) -> tuple[Service, Located]:
    """The service that `file` describes, and where its settings stand.

    Raises:
        SettingsError: with every problem that the file has.
    """
    references = References(environment, Service.NOT_READ)
    located = located_yaml.read(_text(file), str(file), references.replace)
    problems = list(located.problems)
    for path, name in references.unset:
        problems.append(located.problem("settings.unset_variable", path, name=name))
    service = None
    if isinstance(located.data, dict):
        service, found = _validate(located, references, file.parent)
        unread = {p.path for p in problems if p.code != "yaml.duplicate_key"}
        problems += [problem for problem in found if problem.path not in unread]
    elif not problems:
        problems = [_no_mapping(located)]
    if service is None or problems:
        raise SettingsError(str(file), sorted(problems, key=lambda p: (p.line, p.column)))
    return service, located


def _validate(
    located: Located, references: References, folder: Path
) -> tuple[Service | None, list[Problem]]:
    try:
        return Service.model_validate(located.data, context={"folder": str(folder.resolve())}), []
    except ValidationError as error:
        return None, from_validation(error, Service, located, references.written)


def _no_mapping(located: Located) -> Problem:
    if located.data is None:
        return located.problem("settings.empty", ())
    return located.problem("settings.no_mapping", (), found=shown(located.data))


def _text(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise _unreadable(
            file, "file.unreadable", START, file=str(file), detail=error.strerror
        ) from None
    if len(content) > MOST_BYTES:
        raise _unreadable(file, "file.too_large", START, most_bytes=MOST_BYTES)
    try:
        return content.decode().removeprefix(BOM)
    except UnicodeDecodeError as error:
        readable = content[: error.start].decode().removeprefix(BOM)
        place = place_at(readable, len(readable))
        raise _unreadable(file, "file.not_utf8", place, offset=error.start) from None


def _unreadable(file: Path, code: str, place: Place, /, **facts: Any) -> SettingsError:
    problem = Problem(code, str(file), place.line, place.column, "", facts=facts)
    return SettingsError(str(file), [problem])
