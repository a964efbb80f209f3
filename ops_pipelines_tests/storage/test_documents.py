import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ops_pipelines.errors import InputError, StorageError
from ops_pipelines.redaction import learn
from ops_pipelines.report import Finding, Severity
from ops_pipelines.storage import documents
from ops_pipelines.storage.folder import Folder, LocalFolder
from ops_pipelines.storage.versions import Output
from ops_pipelines_tests.storage.making import DAY, NEXT_DAY, NOON, report, true_hash

ASSET = "health_report"


def current(folder: Folder, partition: str | None = None) -> dict[str, Any]:
    document = documents.current(folder, ASSET, partition)
    assert document is not None
    return document


def test_a_document_is_found_by_its_partition_and_as_the_latest(folder: Folder) -> None:
    documents.write(folder, report({"n": 1}), DAY, keep=30)
    assert current(folder, DAY)["facts"] == {"n": 1}
    assert current(folder) == current(folder, DAY)


def test_a_document_that_is_not_there_is_none(folder: Folder) -> None:
    assert documents.current(folder, ASSET) is None
    assert documents.current(folder, ASSET, DAY) is None


def test_the_latest_document_is_that_of_the_newest_partition_not_of_the_newest_write(
    folder: Folder,
) -> None:
    documents.write(folder, report({"n": 2}), NEXT_DAY, keep=30)
    documents.write(folder, report({"n": 1}), DAY, keep=30)
    assert current(folder)["facts"] == {"n": 2}


def test_a_document_bears_the_hash_of_its_window_facts_and_findings(folder: Folder) -> None:
    finding = Finding("health.no_samples", Severity.WARNING, "api", {"folder": "/state"})
    version = documents.write(folder, replace(report({"n": 1}), findings=(finding,)), DAY, keep=30)
    found = current(folder)
    assert found["data_version"] == true_hash(found)
    assert version.id == f"20260701T120000Z-{true_hash(found)[:12]}"


def test_a_document_is_text_that_people_can_read(tmp_path: Path) -> None:
    documents.write(LocalFolder(tmp_path), report({"component": "向量数据库"}), DAY, keep=30)
    text = (tmp_path / ASSET / f"{DAY}.json").read_text()
    assert '    "component": "向量数据库"\n' in text
    assert text.endswith("}\n")


def test_a_report_that_says_the_same_again_changes_nothing(folder: Folder) -> None:
    first = documents.write(folder, report({"n": 1}), DAY, keep=30)
    before = folder.read(f"{ASSET}/{DAY}.json")
    later = report({"n": 1}, made_at=NOON + timedelta(hours=1))
    again = documents.write(folder, replace(later, inputs={"samples": 9}), DAY, keep=30)
    assert first.is_new
    assert not again.is_new
    assert again == first
    assert folder.read(f"{ASSET}/{DAY}.json") == before


def test_each_version_is_found_by_its_id(folder: Folder) -> None:
    first = documents.write(folder, report({"n": 1}), DAY, keep=30)
    second = documents.write(folder, report({"n": 2}), DAY, keep=30)
    output = Output(ASSET, DAY)
    assert documents.version(folder, output, first.id)["facts"] == {"n": 1}
    assert documents.version(folder, output, second.id)["facts"] == {"n": 2}
    with pytest.raises(InputError, match="health_report has no version 2026"):
        documents.version(folder, output, first.id[:-1])


def test_a_document_holds_no_secret_and_its_version_does_not_depend_on_one(
    folder: Folder,
) -> None:
    learn("hunter2-old")
    learn("hunter2-new")
    documents.write(folder, report({"hunter2-old": {"error": "hunter2-old"}}), DAY, keep=30)
    rotated = report({"hunter2-new": {"error": "hunter2-new"}})
    assert not documents.write(folder, rotated, DAY, keep=30).is_new
    found = current(folder)
    assert found["facts"] == {"***": {"error": "***"}}
    assert found["data_version"] == true_hash(found)


def test_a_secret_that_is_an_ordinary_word_does_not_make_a_document_unfindable(
    folder: Folder,
) -> None:
    for word in ("rag-system", "health", "2026", "0000"):
        learn(word)
    documents.write(folder, report({"n": 1}), DAY, keep=30)
    found = current(folder)
    assert (found["service"], found["asset"]) == ("rag-system", ASSET)
    assert found["window"]["start"] == "2026-07-01T12:00:00+00:00"
    assert found["data_version"] == true_hash(found)


@pytest.mark.parametrize("text", ["\ud800", "\\\ud83d", "密\u2028🔑", "\x00"])
def test_any_text_that_a_service_may_say_is_stored_as_json(tmp_path: Path, text: str) -> None:
    folder = LocalFolder(tmp_path)
    documents.write(folder, report({text: text}), DAY, keep=30)
    assert current(folder)["facts"] == {text: text}
    for file in tmp_path.rglob("*.json"):
        assert json.loads(file.read_text(encoding="utf-8"))["facts"] == {text: text}


def test_a_number_that_json_does_not_have_is_a_mistake_of_ours(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        documents.write(LocalFolder(tmp_path), report({"n": float("nan")}), DAY, keep=30)
    assert list(tmp_path.rglob("*.json")) == []


def test_a_document_that_somebody_else_damaged_is_told_of_and_can_be_made_anew(
    tmp_path: Path,
) -> None:
    folder = LocalFolder(tmp_path)
    documents.write(folder, report({"n": 1}), DAY, keep=30)
    (tmp_path / ASSET / f"{DAY}.json").write_text("{")
    with pytest.raises(StorageError, match=rf"{DAY}\.json is no whole JSON document"):
        documents.current(folder, ASSET, DAY)
    documents.write(folder, report({"n": 1}), DAY, keep=30)
    assert current(folder, DAY)["facts"] == {"n": 1}
