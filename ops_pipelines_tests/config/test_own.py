"""What a team brings itself: a JSON Schema, rules, and its service's own validator."""

import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import psutil
import pytest

from ops_pipelines.config.validate import validate
from ops_pipelines.config.verdict import Verdict
from ops_pipelines.settings.config import Config
from ops_pipelines_tests.config.mutations import CANARY


def judged(
    folder: Path, text: str, settings: dict[str, Any], environment: dict[str, str] | None = None
) -> Verdict:
    file = folder / "config.yaml"
    file.write_text(text, "utf-8")
    made = Config.model_validate(settings, context={"folder": str(folder)})
    return validate(file, made, environment or {})


def told(verdict: Verdict) -> list[tuple[int, int, str]]:
    return [(p.line, p.column, p.code) for p in verdict.problems]


def schema(folder: Path, text: str, name: str = "own.schema.json") -> dict[str, Any]:
    (folder / name).write_text(text, "utf-8")
    return {"schema": name}


OWN = json.dumps(
    {
        "type": "object",
        "required": ["tenant"],
        "properties": {
            "tenant": {"type": "string", "pattern": "^[a-z]+$"},
            "limits": {
                "type": "object",
                "additionalProperties": False,
                "properties": {"rps": {"type": "integer", "maximum": 50}},
            },
        },
    }
)


def test_the_schema_is_told_of_at_its_places(tmp_path: Path) -> None:
    text = f"tenant: {CANARY}\nlimits:\n  rps: 80\n  rpm: 1\n"

    verdict = judged(tmp_path, text, schema(tmp_path, OWN))

    assert told(verdict) == [
        (1, 9, "config.schema_value"),
        (3, 8, "config.schema_value"),
        (4, 3, "config.schema_additional"),
    ]
    assert not verdict.valid
    assert CANARY not in str([(p.message, p.facts) for p in verdict.problems])


def test_what_the_schema_requires_and_the_file_lacks(tmp_path: Path) -> None:
    verdict = judged(tmp_path, "limits: {rps: 1}\n", schema(tmp_path, OWN))

    assert told(verdict) == [(1, 1, "config.schema_missing")]
    assert (
        verdict.problems[0].message == "the file lacks the key tenant, which your schema requires"
    )


def test_a_plain_variable_is_read_as_yaml_reads_it_and_a_quoted_one_is_text(tmp_path: Path) -> None:
    text = "tenant: '${T}'\nlimits: \n  rps: ${RPS}\n"

    verdict = judged(tmp_path, text, schema(tmp_path, OWN), {"T": "acme", "RPS": "30"})

    assert told(verdict) == []


def test_an_unset_variable_is_told_once(tmp_path: Path) -> None:
    verdict = judged(tmp_path, "tenant: ${T}\n", schema(tmp_path, OWN))

    assert told(verdict) == [(1, 9, "config.unknown_variable")]


def test_a_schema_may_be_yaml(tmp_path: Path) -> None:
    settings = schema(tmp_path, "type: object\nrequired: [tenant]\n", "own.yaml")

    assert told(judged(tmp_path, "a: 1", settings)) == [(1, 1, "config.schema_missing")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"type": 5}', "config.schema_broken"),
        ('{"$ref": "http://127.0.0.1:1/x.json"}', "config.schema_reference"),
        ('{"type": ', "yaml.unclosed"),
        ("", "file.missing"),
    ],
)
def test_a_schema_that_is_none_is_told_of(tmp_path: Path, text: str, code: str) -> None:
    settings = schema(tmp_path, text) if text else {"schema": "gone.json"}

    verdict = judged(tmp_path, "a: 1", settings)

    assert [p.code for p in verdict.problems] == [code]
    assert verdict.problems[0].file == str(tmp_path / settings["schema"])


def test_nothing_is_fetched_for_a_schema(tmp_path: Path) -> None:
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/x.json"
        verdict = judged(tmp_path, "a: 1", schema(tmp_path, json.dumps({"$ref": address})))
        server.shutdown()

    assert [p.code for p in verdict.problems] == ["config.schema_reference"]
    assert asked == []


# --- rules ---

RULE = """
- code: no-gpu
  when: here.device == 'cuda' && !(here.gpus)
  at: device
  severity: critical
  message: a GPU is wanted and none is named
  suggestion: name gpus
"""


def test_a_rule_of_the_team_is_told_in_its_words(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(RULE)

    verdict = judged(tmp_path, "a:\n  device: cuda\n", {"rules": ["rules.yaml"]})

    assert told(verdict) == [(2, 11, "config.own_rule")]
    assert verdict.problems[0].message == "no-gpu: a GPU is wanted and none is named"
    assert verdict.problems[0].suggestion == "name gpus"
    assert not verdict.valid


def test_what_two_files_say_alike_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(RULE)
    (tmp_path / "more.yaml").write_text(RULE)
    settings = {"rules": ["rules.yaml", "more.yaml"]}

    assert len(judged(tmp_path, "a:\n  device: cuda\n", settings).problems) == 1


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("a: 1\n", "config.rules_no_list", 1),
        ("- {code: x, when: y, at: z}\n", "config.rule_lacks", 1),
        ("- just text\n", "config.rule_lacks", 1),
        ("- code: x\n  at: z\n  message: m\n  when: '((('\n", "config.rule_broken", 4),
        ("- {code: x, when: y, at: z, message: m, severity: awful}\n", "config.rule_broken", 1),
    ],
)
def test_a_rule_that_is_none_is_told_of(tmp_path: Path, text: str, code: str, line: int) -> None:
    (tmp_path / "rules.yaml").write_text(text)

    [problem] = judged(tmp_path, "a: 1", {"rules": ["rules.yaml"]}).problems

    assert (problem.code, problem.line) == (code, line)
    assert problem.file == str(tmp_path / "rules.yaml")
    assert problem.message


# --- the service's own validator ---


def validator(folder: Path, program: str, seconds: float = 20) -> dict[str, Any]:
    (folder / "check.py").write_text(program)
    command = [sys.executable, str(folder / "check.py"), "{file}", "$(id)"]
    return {"validator": {"command": command, "timeout_seconds": seconds}}


def test_a_validator_that_ends_well_says_nothing(tmp_path: Path) -> None:
    program = "import sys, os; assert sys.argv[1].endswith('config.yaml'); print('fine')"

    assert told(judged(tmp_path, "a: 1", validator(tmp_path, program))) == []


def test_it_is_run_without_a_shell_in_the_folder_of_the_file(tmp_path: Path) -> None:
    program = "import sys, os; print(sys.argv[2], os.getcwd(), os.environ['A']); sys.exit(3)"

    [problem] = judged(tmp_path, "x: ${A}", validator(tmp_path, program), {"A": "b"}).problems

    assert problem.code == "config.validator_refuses"
    assert problem.facts["exit_code"] == 3
    assert problem.facts["output"] == f"$(id) {tmp_path} b"


def test_what_it_says_is_masked_and_short(tmp_path: Path) -> None:
    program = "import sys; print('x' * 90_000); print(open(sys.argv[1]).read()); sys.exit(1)"

    verdict = judged(tmp_path, f"api_key: {CANARY}\n", validator(tmp_path, program))

    [refusal] = [p for p in verdict.problems if p.code == "config.validator_refuses"]
    assert CANARY not in refusal.message
    assert "api_key: ***" in refusal.message
    assert len(refusal.message) < 5000


def test_one_that_hangs_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    program = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print(child.pid, flush=True); time.sleep(600)"
    )

    [problem] = judged(tmp_path, "a: 1", validator(tmp_path, program, 1)).problems

    assert problem.code == "config.validator_hangs"
    child = int(problem.facts["output"])
    time.sleep(0.2)
    assert not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE


def test_one_that_is_not_there_is_told_of(tmp_path: Path) -> None:
    settings = {"validator": {"command": ["no-such-program-here"]}}

    [problem] = judged(tmp_path, "a: 1", settings).problems

    assert problem.code == "config.validator_missing"
    assert "No such file" in problem.message
