"""`logs rotation`, as a user runs it."""

from pathlib import Path

import pytest

from ops_pipelines_tests.cli.command import ops

GOOD = """\
/nowhere/rag.log {
    daily
    rotate 30
    compress
    delaycompress
    missingok
    notifempty
    create 644
    postrotate
        systemctl reload rag-system
    endscript
}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "rag"
    made.write_text(GOOD)
    return made


def test_a_good_file_ends_with_0(file: Path) -> None:
    found = ops("logs", "rotation", "--check", file, "--json", cwd=file.parent)
    assert found.code == 0
    assert found.document["valid"] is True
    assert found.document["file"] == str(file)


def test_a_fault_ends_with_1_its_place_and_what_to_do(file: Path) -> None:
    file.write_text(GOOD.replace("create 644", "copytruncate"))
    found = ops("logs", "rotation", "--check", file, "--json", cwd=file.parent)
    assert (found.code, found.document["valid"]) == (1, False)
    (problem,) = [p for p in found.document["problems"] if p["severity"] == "warning"]
    assert (problem["code"], problem["line"]) == ("rotation.copytruncate", 8)
    assert problem["message"]
    assert problem["suggestion"]
    text = ops("--language", "zh", "logs", "rotation", "--check", file, cwd=file.parent)
    assert f"{file}:8:5:" in text.out
    assert "丢失" in text.out


def test_a_file_that_is_not_there_ends_with_2(tmp_path: Path) -> None:
    found = ops("logs", "rotation", "--check", "nowhere", cwd=tmp_path)
    assert (found.code, found.out) == (2, "")
    assert "there is no such file" in found.err


def test_the_configuration_of_a_named_service_tells_of_a_rotation_of_its_own(file: Path) -> None:
    (file.parent / "app.yaml").write_text("logging: {max_size_mb: 20, backup_count: 5}\n")
    service = file.parent / "service.yaml"
    service.write_text("name: rag\nbase_url: http://127.0.0.1:1\nconfig: {files: [app.yaml]}\n")
    found = ops("--services", service, "logs", "rotation", "--check", file, "--json")
    assert found.code == 1
    assert "rotation.configured_by_itself" in {p["code"] for p in found.document["problems"]}
    assert ops("logs", "rotation", "--check", file, cwd=file.parent).code == 0
