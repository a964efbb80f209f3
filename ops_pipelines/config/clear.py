"""Layer 5, secrets: those that stand in the clear, and examples that nobody replaced."""

from collections.abc import Iterable, Iterator

from ops_pipelines.config.env_file import EnvFile
from ops_pipelines.config.environment import References
from ops_pipelines.config.mapping import Section
from ops_pipelines.config.secret import is_placeholder, is_secret, is_secret_key
from ops_pipelines.located_yaml import Located, Path
from ops_pipelines.report import Problem, Severity


def secrets_in_clear(
    sections: Iterable[Section], located: Located, references: References
) -> Iterator[Problem]:
    """Every secret that stands in the file, and every example in the place of one."""
    for section in sections:
        for entry in section.entries:
            values = entry.value if isinstance(entry.value, list) else [entry.value]
            for index, value in enumerate(values):
                at: Path = (*entry.path, index) if isinstance(entry.value, list) else entry.path
                if isinstance(value, str) and at not in references.names:
                    yield from _judge(entry.key, value, at, located)


def _judge(key: str, value: str, at: Path, located: Located) -> Iterator[Problem]:
    if is_secret_key(key) and is_placeholder(value):
        yield located.problem("config.placeholder", at, Severity.WARNING)
    elif is_secret(key, value):
        yield located.problem("config.secret_in_clear", at, Severity.WARNING)


def placeholders(env: EnvFile) -> Iterator[Problem]:
    """Every secret of a `.env` file that is still an example."""
    for name, value in env.values.items():
        if is_secret_key(name) and is_placeholder(value):
            line, facts = env.lines[name], {"name": name}
            yield Problem("config.placeholder", env.file, line, 1, name, Severity.WARNING, facts)
