"""Each preset reads the lines that the real software wrote (scripts/capture_logs.py)."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ops_pipelines.logs import answer, summary
from ops_pipelines.logs.contents import file
from ops_pipelines.logs.detect import first_lines, propose
from ops_pipelines.settings import presets
from ops_pipelines_tests.logs.reading import UTC, analyzed, how

CAPTURED = Path(__file__).parent / "captured"


def facts(name: str) -> dict[str, Any]:
    """What the captured lines of a preset come to, read by it."""
    analysis = analyzed(CAPTURED / f"{name}.log", reading=how(presets.preset(name)))
    return {**summary.facts(analysis.rollup, UTC), "lines": answer.lines(analysis)}


def endpoints(found: dict[str, Any]) -> dict[str, tuple[int, int]]:
    """The requests and the error lines of each endpoint."""
    return {
        name: (of["requests"], of["error_count"])
        for name, of in found["breakdown"]["endpoints"].items()
    }


def test_there_are_captured_lines_for_each_preset() -> None:
    assert {path.stem for path in CAPTURED.glob("*.log")} == set(presets.names())


@pytest.mark.parametrize("name", presets.names())
def test_a_preset_is_recognised_by_its_lines(name: str) -> None:
    proposal = propose(first_lines(file(str(CAPTURED / f"{name}.log"))), UTC)

    assert proposal.preset == name
    assert proposal.format == ("text" if presets.preset(name).pattern else "json")


@pytest.mark.parametrize("name", presets.names())
def test_every_preset_says_what_it_is_in_both_languages(name: str) -> None:
    about = presets.preset(name).about

    assert about.keys() == {"en", "zh"}
    assert all(about.values())
    assert presets.preset(name).source.startswith("https://")


def test_python_json_logger() -> None:
    found = facts("python-json-logger")

    assert found["lines"] == {"read": 4, "accepted": 4, "outside_window": 0, "rejected": {}}
    assert (found["total_requests"], found["error_count"]) == (3, 2)  # the other: disk is full
    assert found["error_types"] == {"ZeroDivisionError": 1, "unknown": 1}
    assert endpoints(found) == {"/api/query": (2, 1), "/api/chat": (1, 0)}
    assert (found["min_response_time"], found["max_response_time"]) == (0.01, 6.5)
    assert (found["providers"], found["models"]) == ({"openai": 1}, {"gpt-4o": 1})
    assert found["slow_requests"] == [
        {
            "timestamp": "2026-11-24T18:14:47.673+00:00",
            "response_time": 6.5,
            "endpoint": "/api/query",
        }
    ]


def test_structlog() -> None:
    found = facts("structlog")

    assert found["lines"]["accepted"] == found["lines"]["read"] == 4
    assert (found["total_requests"], found["error_count"]) == (3, 2)
    assert endpoints(found) == {"/api/query": (2, 1), "/api/chat": (1, 0)}
    assert (found["max_response_time"], found["models"]) == (6.5, {"gpt-4o": 1})


def test_ecs_with_nested_and_with_dotted_keys_and_nanoseconds() -> None:
    found = facts("ecs")

    assert found["lines"]["accepted"] == found["lines"]["read"] == 6
    assert (found["total_requests"], found["error_count"]) == (5, 3)
    assert endpoints(found) == {"/api/query": (1, 0), "/api/chat": (1, 1)}
    assert found["error_types"] == {"ZeroDivisionError": 1, "unknown": 2}
    assert (found["min_response_time"], found["max_response_time"]) == (0.009, 0.25)


def test_pino_with_numbers_as_levels_and_milliseconds() -> None:
    found = facts("pino")

    assert found["lines"]["accepted"] == found["lines"]["read"] == 4
    assert (found["total_requests"], found["error_count"]) == (2, 2)  # the other: giving up
    assert found["error_types"] == {"TypeError": 1, "unknown": 1}
    assert endpoints(found) == {"/api/query": (1, 0), "/fail": (1, 1)}
    assert (found["min_response_time"], found["max_response_time"]) == (0.021, 0.022)


def test_caddy_counts_a_failed_request_once_and_no_404_as_an_error() -> None:
    found = facts("caddy")

    assert found["lines"]["accepted"] == found["lines"]["read"] == 18
    assert (found["total_requests"], found["error_count"]) == (3, 2)  # it writes two lines of it
    assert found["error_rate"] == pytest.approx(1 / 3)
    assert endpoints(found) == {"/fail": (1, 2), "/gone": (1, 0), "/ok?question=1": (1, 0)}
    assert 0 < found["max_response_time"] < 0.01


def test_nginx_in_the_format_that_we_print() -> None:
    found = facts("nginx")

    assert found["lines"]["accepted"] == found["lines"]["read"] == 4
    assert (found["total_requests"], found["error_count"]) == (4, 1)
    assert endpoints(found) == {
        "/fail": (1, 1), "/gone": (1, 0), "/ok": (1, 0), '/ok/"quoted"': (1, 0),
    }  # fmt: skip
    assert found["max_response_time"] == 0.0


def test_nginx_combined_is_text() -> None:
    found = facts("nginx-combined")

    assert found["lines"]["accepted"] == found["lines"]["read"] == 4
    assert (found["total_requests"], found["error_count"]) == (4, 1)
    assert endpoints(found) == {
        "/fail": (1, 1), "/gone": (1, 0), "/ok": (1, 0), "/ok/%22quoted%22": (1, 0),
    }  # fmt: skip
    assert found["avg_response_time"] is None


def test_pythons_logging_as_text_in_four_formats_with_tracebacks() -> None:
    found = facts("python-logging")

    assert found["lines"] == {
        "read": 16, "accepted": 7, "outside_window": 0, "rejected": {"continuation": 9},
    }  # fmt: skip
    assert (found["total_requests"], found["error_count"]) == (7, 3)


def test_litellm_with_its_banner_and_its_own_colours() -> None:
    found = facts("litellm")

    assert found["lines"]["accepted"] == 15
    assert set(found["lines"]["rejected"]) == {"not_json", "blank"}
    assert found["total_requests"] == 3
    assert found["error_count"] == 3  # two exceptions, and the answer 500; the 400 is the client's
    assert found["error_rate"] == pytest.approx(1 / 3)


# --- in an envelope ---


def docker(line: str) -> str:
    """As Docker's json-file driver writes it."""
    at = "2026-11-24T18:14:49.000000001Z"
    return json.dumps({"log": f"{line}\n", "stream": "stdout", "time": at})


def cri(line: str) -> str:
    """As containerd and CRI-O write it."""
    return f"2026-11-24T18:14:49.000000001+00:00 stdout F {line}"


def journald(line: str) -> str:
    """As `journalctl --output=json` prints it."""
    return json.dumps(
        {"__REALTIME_TIMESTAMP": "1795544089000000", "PRIORITY": "6", "MESSAGE": line}
    )


def parts(line: str) -> str:
    """As the CRI cuts a long line."""
    at, third = "2026-11-24T18:14:49.000000001+00:00", len(line) // 3
    first, second, last = line[:third], line[third : 2 * third], line[2 * third :]
    return f"{at} stdout P {first}\n{at} stdout P {second}\n{at} stdout F {last}"


@pytest.mark.parametrize("name", presets.names())
def test_a_line_that_was_cut_into_parts_is_one(tmp_path: Path, name: str) -> None:
    lines = (CAPTURED / f"{name}.log").read_text().splitlines()
    path = tmp_path / "cut.log"
    path.write_text("".join(f"{parts(line)}\n" for line in lines))

    analysis = analyzed(path, reading=how(presets.preset(name)))

    plain = facts(name)
    assert summary.facts(analysis.rollup, UTC) == {k: plain[k] for k in plain if k != "lines"}
    found, continued = answer.lines(analysis), 2 * len(lines)
    assert found["read"] == plain["lines"]["read"] + continued
    rejected = Counter(plain["lines"]["rejected"]) + Counter(continuation=continued)
    assert found["rejected"] == rejected


@pytest.mark.parametrize("wrap", [docker, cri, journald], ids=lambda wrap: wrap.__name__)
@pytest.mark.parametrize("name", presets.names())
def test_an_envelope_changes_nothing_of_what_lines_say(
    tmp_path: Path, name: str, wrap: Any
) -> None:
    lines = (CAPTURED / f"{name}.log").read_text().splitlines()
    path = tmp_path / "wrapped.log"
    path.write_text("".join(f"{wrap(line)}\n" for line in lines))

    analysis = analyzed(path, reading=how(presets.preset(name)))

    plain = facts(name)
    assert summary.facts(analysis.rollup, UTC) == {k: plain[k] for k in plain if k != "lines"}
    assert answer.lines(analysis) == plain["lines"]
    proposal = propose(first_lines(file(str(path))), UTC)
    assert (proposal.format, proposal.preset) == (wrap.__name__, name)
