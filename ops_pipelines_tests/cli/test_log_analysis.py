"""`logs analyze`, as a user runs it."""

import gzip
import json
import os
import pty
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ops_pipelines_tests.cli.command import COMMAND, Outcome, ops
from ops_pipelines_tests.cli.logs import failed, record, service, write

KEYS = {
    "schema_version", "total_requests", "error_count", "error_rate", "error_types",
    "avg_response_time", "max_response_time", "min_response_time", "quantiles", "providers",
    "models", "endpoints", "slow_requests", "slow_request_count", "window", "lines", "files",
}  # fmt: skip
"""Those of the contract."""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Three requests, one of which failed and was slow, an error that is none, and rubbish."""
    disk = {"timestamp": "2026-11-24T10:03:00Z", "level": "CRITICAL", "message": "disk is full"}
    return write(tmp_path / "app.log", record(0), record(1, model="qwen3"), failed(2), disk)


def analyze(*arguments: str | Path, cwd: Path | None = None, **environment: str) -> Outcome:
    return ops("logs", "analyze", *arguments, cwd=cwd, environment=environment)


def balanced(document: dict[str, Any]) -> dict[str, Any]:
    """The account of the lines of a document, which must balance."""
    lines: dict[str, Any] = document["lines"]
    rejected = sum(lines["rejected"].values())
    assert lines["read"] == lines["accepted"] + lines["outside_window"] + rejected
    return lines


# --- what it answers ---


def test_the_document_has_the_keys_of_the_contract_and_the_figures_of_the_log(log: Path) -> None:
    found = analyze(log, "--json")

    assert (found.code, found.err) == (0, "")
    document = found.document
    assert document.keys() >= KEYS
    assert (document["total_requests"], document["error_count"]) == (3, 2)
    assert document["error_rate"] == pytest.approx(1 / 3)
    assert document["error_types"] == {"timeout": 1, "unknown": 1}
    assert document["avg_response_time"] == pytest.approx(8 / 3)
    assert (document["min_response_time"], document["max_response_time"]) == (0.5, 7.0)
    assert document["quantiles"].keys() >= {"p50", "p95", "p99"}
    assert document["quantiles"]["p50"] == pytest.approx(0.5, rel=0.01)
    assert document["providers"] == {"openai": 3}
    assert document["models"] == {"gpt-4o": 2, "qwen3": 1}
    assert document["endpoints"] == {"/api/query": 3}
    assert document["slow_requests"] == [
        {
            "timestamp": "2026-11-24T10:02:00.000+00:00",
            "response_time": 7.0,
            "endpoint": "/api/query",
        }
    ]
    assert document["slow_request_count"] == 1
    assert balanced(document)["accepted"] == 4
    assert document["files"] == {"read": [str(log)], "partly": [], "failed": [], "skipped": []}
    assert document["window"] == {
        "start": "2026-11-24T10:00:00.000+00:00", "end": "2026-11-24T10:03:00.000+00:00",
    }  # fmt: skip


def test_without_requests_rates_and_times_are_null_and_it_says_so(tmp_path: Path) -> None:
    log = write(tmp_path / "app.log", record(0, message="started"))

    found = analyze(log, "--json")

    assert found.code == 0
    document = found.document
    assert (document["total_requests"], document["error_rate"]) == (0, None)
    assert document["avg_response_time"] is document["max_response_time"] is None
    assert document["quantiles"]["p95"] is None
    assert [finding["code"] for finding in document["findings"]] == ["logs.no_requests"]


def test_the_summary_is_that_of_the_guide_in_both_languages(log: Path) -> None:
    chinese, english = (analyze(log, OPS_LANGUAGE=code).out for code in ("zh", "en"))

    for said in (
        "📊 日志分析摘要", "总请求数：3", "错误数量：2", "错误率：33.33%", "平均响应时间：2.67s",
        "最大响应时间：7.00s", "最小响应时间：0.50", "🔧 提供商使用统计：\n  openai: 3",
        "🤖 模型使用统计：\n  gpt-4o: 2\n  qwen3: 1", "❌ 错误类型统计：\n  timeout: 1",
        "🐌 慢请求（> 5 秒）：1 个\n  2026-11-24T10:02:00.000+00:00: 7.00s - /api/query",
        "读取 4 = 接受 4",
    ):  # fmt: skip
        assert said in chinese
    for said in (
        "📊 Log analysis", "Requests: 3", "Errors: 2", "Error rate: 33.33%",
        "Average response time: 2.67s", "🔧 Providers:\n  openai: 3", "🤖 Models:",
        "❌ Errors by type:", "🐌 Slow requests (> 5 s): 1", "4 read = 4 accepted",
    ):  # fmt: skip
        assert said in english


def test_a_log_line_cannot_command_the_terminal(tmp_path: Path) -> None:
    evil = "\x1b]0;owned\x07/api"
    log = write(tmp_path / "app.log", failed(0, endpoint=evil, provider=evil), "bad \x1b[2J line")

    found = analyze(log)

    assert "\x1b" not in found.out
    assert "owned" in found.out


# --- which files ---


def test_globs_folders_compressed_and_rotated_files_are_read_together(tmp_path: Path) -> None:
    write(tmp_path / "app.log", record(0))
    write(tmp_path / "app.log.1", record(-1), record(-2))
    old = write(tmp_path / "app.log.2", record(-3), record(-4), record(-5))
    (tmp_path / "app.log.2.gz").write_bytes(gzip.compress(old.read_bytes()))
    old.unlink()

    by_glob = analyze(tmp_path / "app.log*", "--json").document
    by_folder = analyze(tmp_path, "--json").document

    assert by_glob["total_requests"] == by_folder["total_requests"] == 6
    assert len(by_glob["files"]["read"]) == 3


def test_a_file_that_is_named_twice_counts_once(log: Path) -> None:
    found = analyze(log, log.parent / "*.log", log.parent, "--json")

    assert found.document["total_requests"] == 3


def test_a_compressed_copy_beside_its_original_counts_once(log: Path) -> None:
    (log.parent / "app.log.gz").write_bytes(gzip.compress(log.read_bytes()))

    document = analyze(log.parent, "--json").document

    assert document["total_requests"] == 3
    assert [skipped["code"] for skipped in document["files"]["skipped"]] == ["logs.copy"]


@pytest.mark.parametrize("compress", [bytes, gzip.compress], ids=["plain", "gz"])
def test_standard_input_is_read(log: Path, compress: Any) -> None:
    done = subprocess.run(
        [COMMAND, "logs", "analyze", "-", "--json"],
        input=compress(log.read_bytes()),
        capture_output=True,
        check=True,
    )

    assert json.loads(done.stdout)["total_requests"] == 3


def test_what_cannot_be_read_is_named_and_ends_with_1(log: Path) -> None:
    pipe, missing = log.parent / "pipe.log", log.parent / "missing.log"
    os.mkfifo(pipe)

    found = analyze(log, pipe, missing, "--json")

    assert found.code == 1
    document = found.document
    assert document["total_requests"] == 3
    failed = {named["file"]: named["code"] for named in document["files"]["failed"]}
    assert failed == {str(pipe): "logs.not_a_file", str(missing): "logs.unreadable"}
    assert {finding["code"] for finding in document["findings"]} == {"logs.file_failed"}


# --- how it ends ---


@pytest.mark.parametrize(
    ("lines", "code", "finding"),
    [
        (["no json at all"] * 3, 1, "logs.plain_text"),
        (["2026-11-24 10:00:00,123 INFO request completed"], 1, "logs.plain_text_and_preset"),
        (['{"ts": 1}'], 1, "logs.nothing_readable"),
        ([], 1, "logs.no_lines"),
        ([record(0), "bad"], 1, "logs.too_many_rejected"),
        ([*[record(n) for n in range(30)], "bad"], 0, None),
        ([record(0), "Traceback (most recent call last):", "  File x", "KeyError: 1"], 0, None),
    ],
)
def test_what_makes_figures_doubtful_ends_with_1(
    tmp_path: Path, lines: list[Any], code: int, finding: str | None
) -> None:
    found = analyze(write(tmp_path / "app.log", *lines), "--json")

    assert found.code == code
    codes = [finding["code"] for finding in found.document["findings"]]
    assert codes == ([finding] if finding else [])
    balanced(found.document)


def test_that_no_line_is_json_is_the_first_thing_said(tmp_path: Path) -> None:
    log = write(tmp_path / "app.log", *["2026-11-24 10:00:00,123 INFO request completed"] * 5)

    found = analyze(log)

    assert found.code == 1
    first, second = found.out.splitlines()[:2]
    assert "0 of 5 lines are JSON" in first
    assert "--preset python-logging" in second
    assert analyze(log, "--preset", "python-logging", "--json").document["total_requests"] == 5


def test_a_rejected_line_is_shown_with_its_place(tmp_path: Path) -> None:
    log = write(tmp_path / "app.log", record(0), '{"timestamp": "never"}')

    assert f'{log}:2: "never"' in analyze(log).out
    [sample] = analyze(log, "--json").document["rejected_samples"]
    assert sample == {"file": str(log), "line": 2, "reason": "bad_timestamp", "text": '"never"'}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nowhere.log"], "nowhere.log"),
        (["*.none"], "no file matches"),
        (["app.log", "--preset", "nginks"], "there are: caddy, ecs"),
        (["app.log", "--map", "respone=x"], "FIELD is one of timestamp"),
        (["app.log", "--since", "yesterday"], "neither an ISO time nor a date"),
        (["app.log", "--since", "2026-11-25", "--until", "2026-11-24"], "is empty"),
        (["app.log", "--timezone", "Asia/Shanghia"], "is no timezone"),
        (["app.log", "--timezone", "../../etc/passwd"], "is no timezone"),
        (["app.log", "--hours", "nan"], "--hours"),
        (["app.log", "--hours", "-1"], "--hours"),
        ([], "services"),
    ],
)
def test_a_mistake_ends_with_2_and_a_sentence(
    log: Path, arguments: list[str], sentence: str
) -> None:
    found = analyze(*arguments, cwd=log.parent)

    assert (found.code, found.out) == (2, "")
    assert sentence in found.err
    assert "Traceback" not in found.err


# --- which time ---


def requests(log: Path, *arguments: str) -> tuple[int, int]:
    """The requests, and the lines outside of the time."""
    document = analyze(log, "--json", *arguments).document
    return document["total_requests"], balanced(document)["outside_window"]


def test_a_time_is_half_open(log: Path) -> None:
    since, until = "2026-11-24T10:00:00Z", "2026-11-24T10:02:00Z"

    assert requests(log, "--since", since, "--until", until) == (2, 2)
    assert requests(log, "--since", "2026-11-24T10:01:00Z", "--until", "2026-11-25") == (2, 1)
    assert requests(log, "--until", since) == (0, 4)
    assert requests(log, "--until", since, "--all") == (3, 0)


def test_plain_dates_and_naive_times_are_those_of_the_timezone(tmp_path: Path) -> None:
    naive = record(0, timestamp="2026-11-24 00:30:00")
    aware = record(0, timestamp="2026-11-23T16:30:00Z")
    log = write(tmp_path / "app.log", naive, aware)
    day = ("--since", "2026-11-24", "--until", "2026-11-25")

    assert requests(log, *day) == (1, 1)
    assert requests(log, *day, "--timezone", "Asia/Shanghai") == (2, 0)
    window = analyze(log, *day, "--timezone", "Asia/Shanghai", "--json").document["window"]
    assert window["start"] == "2026-11-24T00:00:00+08:00"


def test_the_last_hours_are_those_before_now(tmp_path: Path) -> None:
    ages = [timedelta(minutes=30), timedelta(hours=5), timedelta(hours=30)]
    lines = [record(0, timestamp=(datetime.now(UTC) - age).isoformat()) for age in ages]
    log = write(tmp_path / "app.log", *lines)

    assert requests(log) == (3, 0)
    assert requests(log, "--hours", "24") == (2, 1)
    assert requests(log, "--hours", "1.5") == (1, 2)


# --- how lines are read ---


def test_fields_are_mapped_by_option_be_the_files_before_or_after(tmp_path: Path) -> None:
    line = {"ts": 1_795_514_400, "msg": "a Request", "http": {"route": "/a"}, "ms": "250"}
    log = write(tmp_path / "app.log", line)
    mapping = ("--map", "timestamp=ts", "message=msg", "endpoint=http.route", "response_time=ms:ms")

    after = analyze(log, "--json", *mapping).document
    before = analyze("--json", *mapping, log).document

    for document in (before, after):
        assert document["endpoints"] == {"/a": 1}
        assert document["max_response_time"] == 0.25


def test_the_settings_of_a_named_service_read_files_in_hand(tmp_path: Path) -> None:
    log = write(tmp_path / "other.log", {"ts": 1_795_514_400, "message": "request", "took": 3})
    path = service(
        tmp_path,
        "{files: [app.log], fields: {timestamp: ts, response_time: took}, slow_seconds: 2}",
        "timezone: Asia/Shanghai\nlanguage: zh\n",
    )

    found = ops("--services", path, "logs", "analyze", log, "--all", "--json")

    assert found.document["slow_request_count"] == 1
    assert found.document["window"]["start"].endswith("+08:00")
    assert "慢请求" in ops("--services", path, "logs", "analyze", log, "--all").out
    assert analyze(log, "--json", cwd=tmp_path).code == 1  # ./services is never asked


def test_a_preset_that_is_asked_for_reads_instead_of_the_settings(tmp_path: Path) -> None:
    log = write(tmp_path / "a.log", {"timestamp": 1_795_514_400, "event": "request", "ts": "x"})
    path = service(tmp_path, "{files: [app.log], fields: {timestamp: ts}}")
    arguments = ("--services", path, "logs", "analyze", log, "--all", "--json")

    assert ops(*arguments).code == 1
    assert ops(*arguments, "--preset", "structlog").document["total_requests"] == 1


def test_a_service_has_its_own_log_and_the_last_24_hours(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    write(
        tmp_path / "app.log",
        record(0, timestamp=(now - timedelta(hours=1)).isoformat()),
        record(0, timestamp=(now - timedelta(hours=25)).isoformat()),
    )
    path = service(tmp_path, "{files: ['app.log*'], max_rejected_ratio: 0.2}")

    document = ops("--services", path, "logs", "analyze", "--json").document

    assert (document["total_requests"], document["lines"]["outside_window"]) == (1, 1)


def test_a_service_without_a_log_says_so(tmp_path: Path) -> None:
    path = tmp_path / "rag.yaml"
    path.write_text("name: rag\nbase_url: http://127.0.0.1:1\n")

    found = ops("--services", path, "logs", "analyze")

    assert found.code == 2
    assert "has no section logs" in found.err


def test_the_limit_of_a_service_decides_about_rejected_lines(tmp_path: Path) -> None:
    log = write(tmp_path / "app.log", record(0), "bad")
    for limit, code in (("0.5", 0), ("0.4", 1)):
        path = service(tmp_path, f"{{files: [app.log], max_rejected_ratio: {limit}}}")
        assert ops("--services", path, "logs", "analyze", log, "--all").code == code


def test_a_secret_in_a_rejected_line_stays_secret(tmp_path: Path) -> None:
    log = write(tmp_path / "app.log", record(0), "failed with key sk-topsecret-123456")
    path = service(
        tmp_path,
        "{files: [app.log]}",
        "health: {checks: [{name: a, url: /, headers: {Authorization: '${KEY}'}}]}\n",
    )

    environment = {"KEY": "sk-topsecret-123456"}
    found = ops(
        "--services", path, "logs", "analyze", log, "--all", "--json", environment=environment
    )

    assert "topsecret" not in found.out
    assert found.document["rejected_samples"][0]["text"].startswith("failed with key")


# --- on a terminal ---


def on_terminal(columns: int, *arguments: str | Path) -> str:
    """What the command shows on a terminal so wide."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(columns), "OPS_LANGUAGE": "zh", "TERM": "xterm"}
    with subprocess.Popen(
        [COMMAND, *map(str, arguments)], stdout=theirs, stderr=theirs, env=environment
    ) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # its end, on Linux
                break
            shown += piece
        process.wait()
    os.close(ours)
    return shown.decode()


def test_a_narrow_terminal_shows_every_figure(log: Path) -> None:
    shown = on_terminal(40, "logs", "analyze", log)

    assert "总请求数：3" in shown
    assert "7.00s" in shown


def test_long_work_shows_its_progress_on_a_terminal_and_nowhere_else(tmp_path: Path) -> None:
    log = tmp_path / "long.log"
    text = json.dumps(record(0, padding="x" * 2000)) + "\n"
    with log.open("w") as file:
        for _ in range(100):
            file.write(text * 400)

    assert "正在读取日志" in on_terminal(100, "logs", "analyze", log)
    assert analyze(log).err == ""
