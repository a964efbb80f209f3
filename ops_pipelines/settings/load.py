"""Reads service files. A broken one keeps only itself from loading."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ops_pipelines.errors import InputError, ServiceChoiceError, SettingsError
from ops_pipelines.located_yaml import Located
from ops_pipelines.settings import file as service_file
from ops_pipelines.settings.service import Service

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
        files = [error.facts["file"] for error in self.broken]
        for error, file in zip(self.broken, files, strict=True):
            if name == Path(file).stem or (name is None and not names):
                raise error
        if name is not None:
            code = "settings.maybe_broken" if files else "settings.no_such_service"
            raise ServiceChoiceError(code, name=name, names=names, files=files)
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
        InputError: there is no such file or folder, or the folder cannot be read.
    """
    services: dict[str, tuple[Service, Path]] = {}
    broken: list[SettingsError] = []
    for file in _files(path):
        try:
            service, located = service_file.read(file, environment)
        except SettingsError as error:
            broken.append(error)
            continue
        if service.key in services:
            broken.append(_name_taken(located, service.name, services[service.key][1]))
        else:
            services[service.key] = (service, file)
    return Loaded(tuple(service for service, _ in services.values()), tuple(broken))


def load_file(file: Path, environment: Mapping[str, str] = os.environ) -> Service:
    """The service that `file` describes.

    Raises:
        SettingsError: with every problem that the file has.
    """
    return service_file.read(file, environment)[0]


def _name_taken(located: Located, name: str, first: Path) -> SettingsError:
    problem = located.problem("settings.service_twice", ("name",), name=name, first=str(first))
    return SettingsError(located.file, [problem])


def _files(path: Path) -> list[Path]:
    try:
        if not path.is_dir():
            path.stat()
            return [path]
        return sorted(
            file
            for file in path.iterdir()
            if file.suffix in SUFFIXES and not file.name.startswith(".")  # an editor's own
        )
    except FileNotFoundError:
        raise InputError("file.missing", file=str(path)) from None
    except OSError as error:
        raise InputError("file.unreadable", file=str(path), detail=error.strerror) from None
