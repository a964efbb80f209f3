"""A file that a team wrote for the validation: its data, or what is wrong with it."""

from pathlib import Path

from ops_pipelines import located_yaml
from ops_pipelines.config.text import content_of, decode
from ops_pipelines.errors import InputError
from ops_pipelines.located_yaml import Located
from ops_pipelines.report import Problem


def read(file: Path) -> Located:
    """What stands in `file` (YAML or JSON); one that cannot be read has a problem and no data."""
    try:
        text, problems = decode(content_of(file), str(file))
    except InputError as error:
        problems = [Problem(error.code, str(file), 1, 1, "", facts=error.facts)]
    if problems:
        return Located(str(file), None, problems=tuple(problems))
    return located_yaml.read(text, str(file), dialect="1.2")
