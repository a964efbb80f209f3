"""Reads service files. A broken one keeps only itself from loading."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ops_pipelines import located_yaml
from ops_pipelines.errors import InputError, ServiceChoiceError, SettingsError
from ops_pipelines.located_yaml import Located, dotted
from ops_pipelines.report import Problem
from ops_pipelines.settings.environment import learn_from_url, replace
from ops_pipelines.settings.problems import from_validation
from ops_pipelines.settings.service import NOT_READ, Service

SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the service files gave: services that are well described, and files that are broken."""

    services: tuple[Service, ...]
    broken: tuple[SettingsError, ...]

    def choose(self, name: str | None) -> Service:
        """The service called `name`; without a name the only one.

        Raises:
            SettingsError: the file of that service is broken.
            ServiceChoiceError: there is none of that name, none at all, or several.
        """
        names = [service.name for service in self.services]
        if name in names:
            return self.services[names.index(name)]
        for error in self.broken:
            if name in (None, Path(error.facts["file"]).stem) and (name or not names):
                raise error
        if name is not None:
            raise ServiceChoiceError("settings.no_such_service", name=name, names=names)
        if len(names) == 1:
            return self.services[0]
        code = "settings.several_services" if names else "settings.no_services"
        raise ServiceChoiceError(code, names=names)


def services_path(option: str | None, environment: Mapping[str, str] = os.environ) -> Path:
    """Where the service files are: the option, `$OPS_SERVICES`, or `./services`."""
    return Path(option or environment.get("OPS_SERVICES") or "services")


def load(path: Path, environment: Mapping[str, str] = os.environ) -> Loaded:
    """Every service that `path`, a service file or a folder of them, describes.

    Raises:
        InputError: there is no such file or folder.
    """
    if not path.exists():
        raise InputError("file.missing", file=str(path))
    files = [path]
    if path.is_dir():
        files = sorted(file for file in path.iterdir() if file.suffix in SUFFIXES)
    services: dict[str, tuple[Service, Path]] = {}
    broken: list[SettingsError] = []
    for file in files:
        try:
            service = load_file(file, environment)
        except SettingsError as error:
            broken.append(error)
            continue
        if service.key in services:
            broken.append(_name_taken(service, file, services[service.key][1]))
        else:
            services[service.key] = (service, file)
    return Loaded(tuple(service for service, _ in services.values()), tuple(broken))


def load_file(file: Path, environment: Mapping[str, str] = os.environ) -> Service:
    """The service that `file` describes.

    Raises:
        SettingsError: with every problem that the file has.
    """
    located, problems = _read(file, environment)
    if not isinstance(located.data, dict):
        if not problems:
            problems.append(Problem("settings.empty", str(file), 1, 1, ""))
        raise SettingsError(str(file), problems)
    try:
        service = Service.model_validate(
            located.data, context={"folder": str(file.resolve().parent)}
        )
    except ValidationError as error:
        problems += from_validation(error, Service, located)
    if problems:
        raise SettingsError(str(file), sorted(problems, key=lambda p: (p.line, p.column)))
    for url in (service.base_url, *(getattr(check, "url", "") for check in service.health.checks)):
        learn_from_url(url)
    return service


def _read(file: Path, environment: Mapping[str, str]) -> tuple[Located, list[Problem]]:
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problem = Problem("file.not_utf8", str(file), 1, 1, "", facts={"offset": error.start})
        raise SettingsError(str(file), [problem]) from None
    except OSError as error:
        problem = Problem(
            "file.unreadable",
            str(file),
            1,
            1,
            "",
            facts={"file": str(file), "detail": error.strerror},
        )
        raise SettingsError(str(file), [problem]) from None
    unset: list[tuple[located_yaml.Path, str]] = []

    def from_environment(path: located_yaml.Path, value: str) -> str:
        if not path or path[0] in NOT_READ:
            return value
        replaced, missing = replace(value, path, environment)
        unset.extend((path, name) for name in missing)
        return replaced

    located = located_yaml.read(text, str(file), from_environment)
    return located, [*located.problems, *(_unset(located, path, name) for path, name in unset)]


def _unset(located: Located, path: located_yaml.Path, name: str) -> Problem:
    place = located.place_of_value(path)
    facts: dict[str, Any] = {"name": name}
    return Problem(
        "settings.unset_variable", located.file, place.line, place.column, dotted(path), facts=facts
    )


def _name_taken(service: Service, file: Path, first: Path) -> SettingsError:
    facts = {"name": service.name, "first": str(first)}
    return SettingsError(
        str(file), [Problem("settings.service_twice", str(file), 1, 1, "name", facts=facts)]
    )
