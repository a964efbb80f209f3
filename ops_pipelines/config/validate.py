"""Judges a configuration: the file in, a verdict with every problem that it has out.

All layers in one pass: the text (`text`, `dialect`), the environment (`env_file`, `environment`),
the structure (`structure`), sense (`rules`, `clear`), and the team's own (`own_schema`,
`own_rules`, `own_validator`).
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ops_pipelines.config import clear, dialect, structure
from ops_pipelines.config.env_file import EnvFile, env_files, is_env_file, read_env, unused
from ops_pipelines.config.environment import References, in_comments
from ops_pipelines.config.mapping import sections
from ops_pipelines.config.own_rules import read_rules
from ops_pipelines.config.own_schema import schema_problems
from ops_pipelines.config.own_validator import validator_problems
from ops_pipelines.config.rules import broken_rules, known_rules
from ops_pipelines.config.secret import learn_secrets
from ops_pipelines.config.text import Text, content_of, decode, is_json, json_mistake, parse
from ops_pipelines.config.verdict import Verdict
from ops_pipelines.errors import InputError
from ops_pipelines.located_yaml import Located
from ops_pipelines.report import Problem, Severity
from ops_pipelines.settings.config import Config

OTHER_FORMATS = (".toml", ".ini", ".cfg", ".conf", ".properties", ".xml", ".py")


def validate(path: Path, settings: Config | None, environment: Mapping[str, str]) -> Verdict:
    """The verdict on the configuration at `path`; a `.env` file is judged as such.

    `settings` say how the service reads it and bring the team's own rules. What `${NAME}` stands
    for comes from the `.env` files that `settings.files` name, or the one beside the file or in the
    folder above it, and then from `environment`.

    Raises:
        InputError: the file cannot be read at all, or is of a format that only the service's own
            validator could judge, and there is none.
    """
    settings = settings or Config()
    content = content_of(path)
    if path.suffix.lower() in OTHER_FORMATS:
        return _verdict(path, _of_another_format(path, settings, environment))
    if is_env_file(path):
        return _verdict(path, _of_env_file(read_env(path)))
    text, problems = decode(content, str(path))
    if is_json(str(path)):
        settings = settings.model_copy(update={"yaml_version": "1.2"})  # numbers are as in JSON
        problems = problems or (json_mistake(text, str(path)) if text.strip() else [])
    if problems:
        return _verdict(path, problems)
    env = [read_env(file) for file in env_files(path, settings.files)]
    values = {name: value for file in env for name, value in file.values.items()}
    references = References({**environment, **values}, is_all=bool(env))
    read = parse(text, str(path), references.replace, settings.yaml_version)
    learn_secrets([read.located.data, values])
    problems = [*read.located.problems, *_of_environment(read, env, references)]
    if isinstance(read.located.data, dict):
        problems += _of_sense(read, settings, references)
        problems += _of_the_team(read, settings, references)
    elif not problems:
        problems = [read.located.problem(_no_mapping(read), ())]
    return _verdict(path, problems)


def _of_another_format(
    path: Path, settings: Config, environment: Mapping[str, str]
) -> Iterator[Problem]:
    if settings.validator is None:
        raise InputError("config.other_format", file=str(path), format=path.suffix)
    return validator_problems(settings.validator, Located(str(path), None), environment)


def _no_mapping(read: Text) -> str:
    return "config.empty" if read.located.data is None else "config.no_mapping"


def _of_environment(read: Text, env: list[EnvFile], references: References) -> Iterator[Problem]:
    used = {name for names in references.names.values() for name in names}
    for file in env:
        yield from _of_env_file(file)
        if used:
            yield from unused(file, used)
    yield from references.problems(read.located)
    yield from in_comments(read.text, read.located, references.variables)


def _of_env_file(file: EnvFile) -> Iterator[Problem]:
    yield from file.problems
    yield from clear.placeholders(file)


def _of_sense(read: Text, settings: Config, references: References) -> Iterator[Problem]:
    located = read.located
    found = list(sections(located.data))
    if settings.yaml_version == "1.1":
        yield from dialect.surprises(located)
    if settings.unknown_keys != "ignore":
        severity = Severity(settings.unknown_keys)
        yield from structure.unknown_keys(found, located, severity)
        if severity is Severity.CRITICAL:
            yield from structure.not_ours(found, located, severity)
    yield from structure.legacy_keys(found, located)
    yield from structure.wrong_values(found, located, references)
    if read.is_whole:
        yield from structure.missing_keys(located)
    yield from clear.secrets_in_clear(found, located, references)
    yield from broken_rules(known_rules(), found, located, is_whole=read.is_whole)


def _of_the_team(read: Text, settings: Config, references: References) -> Iterator[Problem]:
    located = read.located
    for file in settings.rules:
        rules, problems = read_rules(Path(file))
        yield from problems
        yield from broken_rules(
            rules, list(sections(located.data)), located, is_whole=read.is_whole
        )
    if settings.json_schema and read.is_whole:
        schema = Path(settings.json_schema)
        yield from schema_problems(schema, located, references, settings.yaml_version)
    if settings.validator:
        yield from validator_problems(settings.validator, located, references.variables)


def _verdict(path: Path, problems: Any) -> Verdict:
    """Sorted by place, those of the file itself first; what is said twice of one place, once."""
    unique = {(p.file, p.line, p.column, p.path, p.code, str(p.facts)): p for p in problems}
    ordered = sorted(
        unique.values(), key=lambda p: (p.file != str(path), p.file, p.line, p.column, p.code)
    )
    return Verdict(str(path), tuple(ordered))
