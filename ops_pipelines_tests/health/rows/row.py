"""A row of the matrix."""

import json
from dataclasses import dataclass
from urllib.parse import quote

from ops_pipelines_tests.health.bad_server import Answer
from ops_pipelines_tests.health.rounds import Words

HEALTHY = b'{"status": "healthy"}'
NOT_FOUND_HERE = "unknown: the body has nothing at “status”"
STATUS_ONLY = "method: GET"


@dataclass(frozen=True, slots=True)
class Row:
    """An answer and the verdict on it; a row of several components says all of them.

    Attributes:
        check: the check, as the inside of a YAML flow mapping, without name and url.
    """

    name: str
    answer: Answer
    gives: str | Words
    check: str = "status: status"

    @property
    def path(self) -> str:
        return f"/{quote(self.name, safe='')}"

    @property
    def yaml(self) -> str:
        return f"name: {json.dumps(self.name)}, url: {self.path}, {self.check}"

    def wanted(self, address: str) -> Words:
        gives: Words = {None: self.gives} if isinstance(self.gives, str) else self.gives
        return {name: words.replace("{address}", address) for name, words in gives.items()}
