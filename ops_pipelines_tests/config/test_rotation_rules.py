"""What the judge finds, and that Debian's own logrotate agrees about what it would not do."""

import os
import pwd
import shutil
import subprocess
from pathlib import Path

import pytest

from ops_pipelines.config.rotated_names import example, made_by_the_application, matches
from ops_pipelines.config.rotation_check import check
from ops_pipelines.report import Problem, Severity
from ops_pipelines_tests.conftest import NOBODY, need

GOOD = """\
{log} {{
    daily
    rotate 30
    dateext
    compress
    delaycompress
    missingok
    notifempty
    create 644
    sharedscripts
    postrotate
        systemctl reload rag-system
    endscript
}}
"""


@pytest.fixture
def logs(public_path: Path) -> Path:
    """A folder for logs that only root may write to, with one log."""
    public_path.chmod(0o755)
    folder = public_path / "logs"
    folder.mkdir(mode=0o755)
    (folder / "rag.log").write_text("a line\n")
    return folder


def judged(folder: Path, text: str, name: str = "rag") -> list[tuple[str, Severity, int]]:
    file = folder.parent / name
    file.write_text(text)
    file.chmod(0o644)
    return [(p.code.removeprefix("rotation."), p.severity, p.line) for p in check(file)]


def codes(folder: Path, text: str, name: str = "rag") -> set[str]:
    return {code for code, _, _ in judged(folder, text, name)}


def refused(folder: Path, text: str) -> str:
    """What Debian's logrotate has against the file."""
    program = shutil.which("logrotate") or shutil.which("logrotate", path="/usr/sbin")
    need("Debian's logrotate (apt install logrotate)", program)
    file = folder.parent / "for_logrotate"
    file.write_text(text)
    file.chmod(0o644)
    state = folder.parent / "state"
    done = subprocess.run(
        [str(program), "--debug", "--state", str(state), str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    lines = (done.stdout + done.stderr).splitlines()
    return "\n".join(line for line in lines if "error" in line or "unknown option" in line)


def good(folder: Path) -> str:
    return GOOD.format(log=folder / "rag.log")


def test_a_good_file_has_no_problem_and_logrotate_takes_it(logs: Path) -> None:
    assert judged(logs, good(logs)) == []
    assert refused(logs, good(logs)) == ""


def test_the_guides_own_file_has_no_fault_on_a_host_that_does_not_know_it(tmp_path: Path) -> None:
    text = GOOD.format(log="/app/logs/rag-system.log").replace("644", "644 raguser raguser")
    found = judged(tmp_path, text)
    assert {severity for _, severity, _ in found} == {Severity.INFO}
    assert {code for code, _, _ in found} == {"not_here", "unknown_user", "unknown_group"}


@pytest.mark.parametrize(
    ("old", "new", "code", "severity", "line"),
    [
        ("delaycompress", "", "compresses_at_once", Severity.WARNING, 5),
        ("rotate 30", "rotate 0", "keeps_nothing", Severity.WARNING, 3),
        ("rotate 30", "", "count_not_said", Severity.INFO, 1),
        ("missingok", "", "complains", Severity.INFO, 1),
        ("create 644", "copytruncate", "copytruncate", Severity.WARNING, 9),
        ("systemctl reload rag-system", "", "no_reload", Severity.WARNING, 1),
        ("compress\n", "compres\n", "unknown_keyword_near", Severity.WARNING, 5),
        ("rotate 30", "rotate many", "bad_value", Severity.CRITICAL, 3),
        ("rotate 30", "rotate 30 # a month", "bad_value", Severity.CRITICAL, 3),
        ("daily", "daily\n    maxsize 100MB", "bad_value", Severity.CRITICAL, 3),
        ("daily", "daily\n    maxsize 100M", "one_name_a_day", Severity.WARNING, 5),
        ("daily", "hourly\n    dateformat -%Y%m%d", "one_name_a_day", Severity.WARNING, 3),
        ("daily", "daily\n    dateformat -%d%m%Y", "unsortable_dates", Severity.WARNING, 3),
        ("create 644", "create 644 nobody_here", "unknown_user", Severity.INFO, 9),
        ("    endscript\n", "", "no_endscript", Severity.CRITICAL, 11),
    ],
)
def test_each_fault_is_found_in_its_line(
    logs: Path, old: str, new: str, code: str, severity: Severity, line: int
) -> None:
    text = good(logs).replace(old, new, 1)
    assert (code, severity, line) in judged(logs, text)


@pytest.mark.parametrize("pattern", ["rag.log*", "*", "rag*", "*.log*", "*.gz"])
def test_a_glob_that_matches_rotated_copies_is_found(logs: Path, pattern: str) -> None:
    text = GOOD.format(log=logs / pattern)
    assert "rotates_copies" in codes(logs, text)


@pytest.mark.parametrize(
    ("pattern", "more"),
    [
        ("rag.log", ""),
        ("*.log", ""),
        ("rag.log", "extension .log"),
        ("*", "olddir old"),
        ("rag-?.log", ""),
    ],
)
def test_a_glob_that_matches_logs_only_is_not(logs: Path, pattern: str, more: str) -> None:
    text = GOOD.format(log=logs / pattern).replace("daily", f"daily\n    {more}")
    assert "rotates_copies" not in codes(logs, text)


def test_an_extension_that_is_kept_makes_a_glob_match_its_copies(logs: Path) -> None:
    text = GOOD.format(log=logs / "*.log").replace("daily", "daily\n    extension .log")
    assert "rotates_copies" in codes(logs, text)


@pytest.mark.parametrize(
    ("mode", "uid", "gid", "is_refused"),
    [
        (0o755, 0, 0, False),
        (0o775, 0, 0, False),
        (0o775, 0, NOBODY, True),
        (0o777, 0, 0, True),
        (0o755, NOBODY, NOBODY, False),
        (0o775, NOBODY, NOBODY, True),
    ],
)
def test_an_insecure_folder_is_found_exactly_where_logrotate_refuses_it(
    logs: Path, mode: int, uid: int, gid: int, is_refused: bool
) -> None:
    os.chown(logs, uid, gid)
    logs.chmod(mode)
    assert ("insecure permissions" in refused(logs, good(logs))) is is_refused
    assert ("insecure_folder" in codes(logs, good(logs))) is is_refused
    with_su = good(logs).replace("daily", "daily\n    su nobody nogroup")
    assert "insecure" not in refused(logs, with_su)
    assert "insecure_folder" not in codes(logs, with_su)
    assert ("folder_of_others" in codes(logs, good(logs))) is (uid != 0 and not is_refused)


def test_su_must_be_able_to_write_and_to_give(logs: Path) -> None:
    with_su = good(logs).replace("daily", "daily\n    su nobody nogroup")
    assert "su_cannot_write" in codes(logs, with_su)
    os.chown(logs, NOBODY, 0)
    assert "su_cannot_write" not in codes(logs, with_su)
    assert "su_cannot_give" in codes(logs, with_su.replace("create 644", "create 644 root root"))
    assert "su_cannot_give" not in codes(
        logs, with_su.replace("create 644", "create 644 nobody nogroup")
    )


@pytest.mark.parametrize(
    ("first", "second", "overlap"),
    [
        ("rag.log", "rag.log", True),
        ("*.log", "rag.log", True),
        ("rag.log", "*.log", True),
        ("r*.log", "*g.log", True),
        ("rag.log", "other.log", False),
        ("*.log", "*.out", False),
    ],
)
def test_a_log_that_is_named_twice_is_found_where_logrotate_finds_it(
    logs: Path, first: str, second: str, overlap: bool
) -> None:
    text = "\n".join(GOOD.format(log=logs / name) for name in (first, second))
    assert ("duplicate log entry" in refused(logs, text)) is overlap
    assert (("overlap", Severity.CRITICAL, 16) in judged(logs, text)) is overlap


def test_a_link_instead_of_a_log_is_found(logs: Path) -> None:
    (logs / "rag.log").rename(logs / "real.log")
    (logs / "rag.log").symlink_to(logs / "real.log")
    assert "link" in codes(logs, good(logs))


def test_an_unknown_user_is_a_fault_where_logrotate_reads_the_file(public_path: Path) -> None:
    folder = public_path / "logrotate.d"
    folder.mkdir()
    text = GOOD.format(log=public_path / "rag.log").replace("644", "644 nobody_here")
    assert "unknown user" in refused(folder, text)
    (folder / "logs").mkdir()
    assert ("unknown_user", Severity.CRITICAL, 9) in judged(folder / "logs", text)


def test_what_makes_logrotate_ignore_an_installed_file_is_found(public_path: Path) -> None:
    folder = public_path / "logrotate.d"
    folder.mkdir()
    file = folder / "rag.bak"
    file.write_text(GOOD.format(log=public_path / "rag.log"))
    file.chmod(0o664)
    found = {problem.code for problem in check(file)}
    assert {"rotation.writable_file", "rotation.ignored_name"} <= found


def test_a_log_that_a_neighbour_rotates_is_found(public_path: Path) -> None:
    folder = public_path / "logrotate.d"
    folder.mkdir()
    for name in ("app", "rag", "old.dpkg-old"):
        (folder / name).write_text(GOOD.format(log=public_path / "rag.log"))
    (found,) = [p for p in check(folder / "rag") if p.code == "rotation.overlap"]
    assert found.facts["other_file"] == str(folder / "app")


@pytest.mark.parametrize(
    ("names", "made"),
    [
        (["rag.log.1", "rag.log.2.gz", "rag.log.3.gz"], []),
        (["rag.log-20261123", "rag.log-20261122.gz", "rag.log-20261123-1795543921"], []),
        (["rag.log.1", "rag.log.2", "rag.log.3"], ["rag.log.2", "rag.log.3"]),
        (["rag.log.2026-11-23"], ["rag.log.2026-11-23"]),
        (["rag.log.2026-11-23_04"], ["rag.log.2026-11-23_04"]),
        (["rag.2026-11-23_10-00-00_123456.log"], ["rag.2026-11-23_10-00-00_123456.log"]),
        (["rag.2026-11-23.0.log"], ["rag.2026-11-23.0.log"]),
        (["other.log.2", "ragged.log", "rag.log.old", "rag.pid"], []),
    ],
)
def test_what_an_application_makes_by_itself_is_told_from_what_logrotate_makes(
    names: list[str], made: list[str]
) -> None:
    assert made_by_the_application("/logs/rag.log", ["rag.log", *names]) == made


def test_an_application_that_rotates_by_itself_is_found_by_its_files(logs: Path) -> None:
    (logs / "rag.log.2026-11-23").write_text("yesterday\n")
    (found,) = [p for p in check_of(logs) if p.code == "rotation.also_by_itself"]
    assert "rag.log.2026-11-23" in found.message


def check_of(logs: Path, configuration: dict[str, object] | None = None) -> list[Problem]:
    file = logs.parent / "rag"
    file.write_text(good(logs))
    return check(file, configuration)


@pytest.mark.parametrize(
    ("logging", "where"),
    [
        ({"max_size_mb": 20, "backup_count": 5}, "logging.max_size_mb"),
        ({"handlers": {"file": {"maxBytes": 1000}}}, "logging.handlers.file.maxBytes"),
        (
            {"handlers": [{"class": "logging.handlers.TimedRotatingFileHandler"}]},
            "logging.handlers.0.class",
        ),
        ({"rotation": "1 day"}, "logging.rotation"),
        ({"max_size_mb": 0, "backup_count": None, "rotation": "", "level": "INFO"}, None),
    ],
)
def test_an_application_that_is_told_to_rotate_is_found_in_its_configuration(
    logs: Path, logging: dict[str, object], where: str | None
) -> None:
    found = check_of(logs, {"/app/production.yaml": {"logging": logging, "cache": {"max_size": 5}}})
    assert [p.facts["where"] for p in found] == ([f"production.yaml: {where}"] if where else [])


def test_globs_match_as_those_of_the_shell_do() -> None:
    assert matches("/a/*.log", "/a/b.log")
    assert not matches("/a/*.log", "/a/b/c.log")
    assert not matches("/a/*", "/a/.hidden")
    assert matches("/*/x.log", "/a/x.log")
    for pattern in ("/a/rag.log*", "/a/*.log", "/a/*", "/a/r?g-[0-9].log", "/a/[!x]y.log"):
        assert matches(pattern, example(pattern)) or "[!" in pattern


def test_every_users_name_that_counts_is_on_this_host() -> None:
    assert pwd.getpwuid(NOBODY).pw_name == "nobody"
