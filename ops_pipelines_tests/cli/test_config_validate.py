"""`ops-pipelines config validate`: what it prints, and its exit codes."""

from pathlib import Path

import pytest

from ops_pipelines_tests.cli.command import ops
from ops_pipelines_tests.config.mutations import CANARY

FINE = "llm: {provider: ollama, model: qwen3}\n"
WARNED = f"{FINE}api: {{prot: 8000}}\n"
INVALID = f"{WARNED}port: 70000\n"


def written(folder: Path, text: str, name: str = "production.yaml") -> Path:
    file = folder / name
    file.write_text(text, "utf-8")
    return file


@pytest.mark.parametrize(
    ("text", "code", "strict_code"), [(FINE, 0, 0), (WARNED, 0, 1), (INVALID, 1, 1)]
)
def test_a_critical_problem_ends_with_1_and_strictly_a_warning_too(
    tmp_path: Path, text: str, code: int, strict_code: int
) -> None:
    file = written(tmp_path, text)

    found = ops("config", "validate", file, "--json")
    strict = ops("config", "validate", file, "--json", "--strict")

    assert (found.code, strict.code) == (code, strict_code)
    assert found.document["valid"] is (code == 0)
    assert strict.document["valid"] is (strict_code == 0)
    assert found.err == ""


def test_the_document_has_the_keys_of_the_contract(tmp_path: Path) -> None:
    file = written(tmp_path, INVALID)

    document = ops("config", "validate", file, "--json").document

    assert (document["schema_version"], document["file"]) == (1, str(file))
    assert document["problems"][1] == {
        "file": str(file),
        "line": 3,
        "column": 7,
        "path": "port",
        "severity": "critical",
        "code": "config.out_of_range",
        "message": "port is 70000, wanted a port from 0 to 65535",
        "suggestion": "",
    }


def test_people_get_the_place_first_and_a_verdict_last(tmp_path: Path) -> None:
    file = written(tmp_path, INVALID)

    lines = ops("config", "validate", file).out.splitlines()

    assert lines[0] == f"{file}:2:7: warning: the key prot looks misspelled"
    assert lines[1].strip() == "→ Did you mean port?"
    assert lines[-1] == f"{file}: invalid (critical: 1, warning: 1, info: 0)"


def test_it_speaks_chinese(tmp_path: Path) -> None:
    found = ops("--language", "zh", "config", "validate", written(tmp_path, INVALID))

    assert "键 prot 疑似拼错" in found.out
    assert "无效" in found.out


@pytest.mark.parametrize("name", ["gone.yaml", "."])
def test_what_cannot_be_read_ends_with_2(tmp_path: Path, name: str) -> None:
    found = ops("config", "validate", tmp_path / name)

    assert found.code == 2
    assert str(tmp_path) in found.err
    assert "Traceback" not in found.err


def service(folder: Path, config: str) -> Path:
    text = f"name: rag\nbase_url: http://127.0.0.1:1\nconfig: {config}\n"
    return written(folder, text, "rag.yaml")


def test_without_a_file_the_services_own_is_validated_with_its_settings(tmp_path: Path) -> None:
    written(tmp_path, "llm: {modle: x, key: '${A}'}\n", "app.yaml")
    written(tmp_path, "A=1\n", "app.env")
    own = service(tmp_path, "{files: [app.yaml, app.env], unknown_keys: critical}")

    found = ops("--services", own, "config", "validate", "--json")

    assert found.code == 1
    assert found.document["file"] == str(tmp_path / "app.yaml")
    [problem] = found.document["problems"]
    assert (problem["code"], problem["severity"]) == ("config.unknown_key", "critical")


def test_without_any_file_it_says_what_to_do(tmp_path: Path) -> None:
    found = ops("--services", service(tmp_path, "{}"), "config", "validate")

    assert found.code == 2
    assert "give FILE" in found.err


def test_a_file_needs_no_service_and_no_folder_of_them(tmp_path: Path) -> None:
    (tmp_path / "services").mkdir()
    written(tmp_path / "services", "broken: [", "rag.yaml")

    found = ops("config", "validate", written(tmp_path, FINE), cwd=tmp_path)

    assert (found.code, found.err) == (0, "")


def test_secrets_are_in_no_output(tmp_path: Path) -> None:
    text = f"api_key: {CANARY}\nllm: {{temperature: {CANARY}}}\nx: '{CANARY}\n"
    file = written(tmp_path, text)
    written(tmp_path, f"PASSWORD={CANARY}\nB {CANARY}\n", ".env")

    for options in ([], ["--json"]):
        found = ops("config", "validate", file, *options)
        assert found.code == 1
        assert CANARY not in found.out + found.err
