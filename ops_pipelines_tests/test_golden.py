from pathlib import Path

import pytest

from ops_pipelines_tests.golden import golden


@pytest.fixture(autouse=True)
def _ordinary_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPS_SNAPSHOTS", raising=False)


def test_an_ordinary_run_compares_every_byte(tmp_path: Path) -> None:
    file = tmp_path / "kept.txt"
    file.write_bytes("降级\n".encode())

    golden(file, "降级\n")
    with pytest.raises(AssertionError, match="make snapshots"):
        golden(file, "降级\r\n")


def test_an_ordinary_run_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="\\+new"):
        golden(tmp_path / "missing.txt", "new\n")

    assert list(tmp_path.iterdir()) == []


def test_a_renewing_run_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPS_SNAPSHOTS", "renew")

    golden(tmp_path / "new" / "kept.txt", "降级\n")

    assert (tmp_path / "new" / "kept.txt").read_bytes() == "降级\n".encode()
