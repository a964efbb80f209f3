import json
import subprocess
from pathlib import Path

import pytest

from ops_pipelines_tests.answering import answering, write_service
from ops_pipelines_tests.cli.command import COMMAND, ops


def test_all_healthy_ends_with_0_and_the_guides_keys(tmp_path: Path) -> None:
    with answering() as answers:
        found = ops(
            "--services", write_service(tmp_path, answers.address), "health", "check", "--json"
        )
    assert found.code == 0
    document = found.document
    assert document["schema_version"] == 1
    assert (document["service"], document["overall_status"]) == ("rag", "healthy")
    assert list(document["components"]) == ["api", "detailed", "database", "llm", "embeddings"]
    component = document["components"]["api"]
    assert set(component) == {"status", "response_time", "last_check", "error"}
    assert component["response_time"] > 0
    assert document["findings"] == []
    assert found.err == ""


def test_trouble_ends_with_1_and_shows_what_was_seen(tmp_path: Path) -> None:
    with answering() as answers:
        answers.bodies["/api/health/llm"] = (503, {})
        file = write_service(tmp_path, answers.address)
        found = ops("--services", file, "health", "check", "--json")
        table = ops("--services", file, "health", "check")
    assert (found.code, table.code) == (1, 1)
    assert found.document["components"]["llm"]["error"] == "status (503), wanted 200-299"
    finding = found.document["findings"][0]
    assert set(finding) == {"code", "severity", "subject", "message", "facts", "action"}
    assert finding["message"] == "llm is unhealthy: status (503), wanted 200-299"
    assert "llm" in table.out
    assert "status (503), wanted 200-299" in table.out


@pytest.mark.parametrize(
    ("before", "language", "environment", "word"),
    [
        ([], "zh", {}, "不健康"),
        ([], "zh", {"OPS_LANGUAGE": "en"}, "unhealthy"),
        (["--language", "en"], "zh", {"OPS_LANGUAGE": "zh"}, "unhealthy"),
        ([], "en", {"LANG": "zh_CN.UTF-8"}, "unhealthy"),
    ],
)
def test_the_services_language_is_spoken_unless_another_is_asked_for(
    tmp_path: Path, before: list[str], language: str, environment: dict[str, str], word: str
) -> None:
    file = write_service(tmp_path, "http://127.0.0.1:1", language=language)
    assert word in ops(*before, "--services", file, "health", "check", environment=environment).out


def test_watching_prints_one_document_a_line(tmp_path: Path) -> None:
    with answering() as answers:
        file = write_service(tmp_path, answers.address, health={"interval_seconds": 5})
        arguments = ["--services", str(file), "health", "check", "--watch", "--json"]
        with subprocess.Popen([COMMAND, *arguments], stdout=subprocess.PIPE, text=True) as watching:
            assert watching.stdout
            statuses = [json.loads(watching.stdout.readline())["overall_status"]]
            answers.bodies["/api/health"] = {"status": "down"}
            statuses.append(json.loads(watching.stdout.readline())["overall_status"])
            watching.send_signal(2)
            assert watching.wait(10) == 130
    assert statuses == ["healthy", "unhealthy"]


def test_what_is_due_is_sampled_once(tmp_path: Path) -> None:
    with answering() as answers:
        file = write_service(tmp_path, answers.address, health={"interval_seconds": 3600})
        first = ops("--services", file, "sample", "--json")
        second = ops("--services", file, "sample", "--json")
    assert first.document["overall_status"] == "healthy"
    assert (second.code, second.out) == (0, "")


def test_a_broken_file_is_told_of_and_keeps_no_other_service_from_being_sampled(
    tmp_path: Path,
) -> None:
    with answering() as answers:
        write_service(tmp_path, answers.address, "well", health={"interval_seconds": 3600})
        write_service(tmp_path, "nowhere", "broken")
        services = tmp_path / "services"
        both = ops("--services", services, "sample", "--json")
        assert (both.code, both.document["service"]) == (2, "well")
        assert "broken.yaml:1:11: base_url is nowhere" in both.err
        one = ops("--services", services, "--service", "well", "sample", "--json")
        assert (one.code, one.out, one.err) == (0, "", "")  # it was not due


@pytest.mark.parametrize("loop", [[], ["--loop"]])
def test_without_a_service_to_sample_it_says_so_and_ends(tmp_path: Path, loop: list[str]) -> None:
    (tmp_path / "services").mkdir()
    assert ops("--services", tmp_path / "services", "sample", *loop).code == 2
    write_service(tmp_path, "nowhere", "broken")
    found = ops("--services", tmp_path / "services", "sample", *loop)
    assert (found.code, found.out) == (2, "")
    assert "base_url is nowhere" in found.err
