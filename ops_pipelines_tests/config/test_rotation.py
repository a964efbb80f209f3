"""The file that is rendered, and Debian's logrotate at work with it."""

import gzip
import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ops_pipelines.config.rotation import live, render
from ops_pipelines.config.rotation_check import check_text
from ops_pipelines.errors import InputError
from ops_pipelines.report import Severity
from ops_pipelines.settings.config import Rotation
from ops_pipelines_tests.conftest import NOBODY, need
from ops_pipelines_tests.golden import golden

IS_FULL = os.environ.get("OPS_DRILLS") == "full"
ROTATIONS = 100 if IS_FULL else 3
LINES_A_SECOND = 10_000
GUIDE = Rotation(
    owner="raguser",
    group="raguser",
    mode="644",
    rotate=30,
    postrotate="systemctl reload rag-system",
    maxsize="100M",
)


def logrotate(file: Path, *options: str) -> str:
    """What Debian's logrotate says of the file, or does with it."""
    program = shutil.which("logrotate") or shutil.which("logrotate", path="/usr/sbin")
    need("Debian's logrotate (apt install logrotate)", program)
    file.chmod(0o644)
    state = f"--state={file.parent / 'state'}"
    done = subprocess.run(
        [str(program), state, *options, str(file)], capture_output=True, text=True, check=False
    )
    said = (done.stdout + done.stderr).splitlines()
    return "\n".join(line for line in said if "error" in line or "unknown option" in line)


@pytest.mark.snapshot
def test_the_file_of_the_guides_settings() -> None:
    text = render("rag-system", GUIDE, ["/app/logs/rag-system.log*"])
    golden(Path(__file__).with_name("rag-system.logrotate"), text)


@pytest.mark.parametrize(
    ("glob", "pattern"),
    [
        ("/app/logs/rag-system.log*", "/app/logs/rag-system.log"),
        ("/app/logs/rag-system.log", "/app/logs/rag-system.log"),
        ("/app/logs/rag-system.log.*", "/app/logs/rag-system.log"),
        ("/app/logs/rag-system.log-*", "/app/logs/rag-system.log"),
        ("/app/logs/*.log*", "/app/logs/*.log"),
        ("/app/logs/*/app.log*", "/app/logs/*/app.log"),
        ("/app/logs/app-*", "/app/logs/app-*"),
        ("/app/logs/rag-system.log.*.gz", None),
        ("/app/logs/rag-system.log.1", None),
    ],
)
def test_the_logs_themselves_are_rotated_and_never_their_copies(
    glob: str, pattern: str | None
) -> None:
    assert live(glob) == pattern


def test_a_folder_stands_for_the_logs_in_it(tmp_path: Path) -> None:
    assert live(str(tmp_path)) == f"{tmp_path}/*.log"


@pytest.mark.parametrize(
    ("mode", "uid", "owner", "su"),
    [
        (0o755, 0, None, None),
        (0o775, 0, None, None),
        (0o755, NOBODY, None, "su nobody root"),
        (0o755, NOBODY, "nobody", "su nobody root"),
        (0o755, NOBODY, "www-data", None),
        (0o777, 0, "www-data", "su root root"),
    ],
)
def test_su_stands_where_the_folder_needs_it(
    tmp_path: Path, mode: int, uid: int, owner: str | None, su: str | None
) -> None:
    os.chown(tmp_path, uid, 0)
    tmp_path.chmod(mode)
    lines = render("rag", Rotation(owner=owner), [f"{tmp_path}/rag.log"]).splitlines()
    assert [line.strip() for line in lines if "su " in line] == ([su] if su else [])


def test_logs_in_folders_of_different_owners_get_a_block_each(tmp_path: Path) -> None:
    for name, uid in (("a", 0), ("b", NOBODY), ("c", 0)):
        (tmp_path / name).mkdir(mode=0o755)
        os.chown(tmp_path / name, uid, uid)
    text = render("rag", Rotation(), [f"{tmp_path}/{name}/rag.log*" for name in "abc"])
    assert text.count("{") == 2
    assert f"{tmp_path}/a/rag.log\n{tmp_path}/c/rag.log {{" in text


@pytest.mark.parametrize(
    ("given_settings", "logs", "said"),
    [
        (Rotation(), [], "names no log"),
        (Rotation(), ["/a/rag.log.*.gz"], "names no log"),
        (Rotation(), ["/a/{b,c}.log"], "brace"),
        (Rotation(), ['/a/"b.log'], "quote"),
        (Rotation(group="adm"), ["/a/b.log"], "no owner"),
        (Rotation(postrotate="true\nendscript"), ["/a/b.log"], "endscript"),
    ],
)
def test_what_cannot_be_written_down_is_an_error(
    given_settings: Rotation, logs: list[str], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        render("rag", given_settings, logs)


NAMES = st.text(st.sampled_from("abz0-_. 中~@+:,"), min_size=1, max_size=12).filter(
    lambda name: name.strip() == name and name not in (".", "..")
)
SETTINGS = st.builds(
    Rotation,
    owner=st.sampled_from([None, "root", "nobody", "www-data"]),
    mode=st.sampled_from(["644", "0640", "600"]),
    rotate=st.integers(1, 4000),
    postrotate=st.sampled_from(["true", "kill -HUP $(cat /run/x.pid) || true", "a\nb {\n}\n"]),
    maxsize=st.sampled_from([None, "1", "100M", "2G", "512k"]),
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(SETTINGS, st.lists(NAMES, min_size=1, max_size=4, unique=True))
def test_logrotate_accepts_whatever_is_rendered_and_so_does_our_own_judge(
    tmp_path: Path, given_settings: Rotation, names: list[str]
) -> None:
    logs = [f"{tmp_path}/{name}.log*" for name in names]
    text = render("rag", given_settings, logs)
    file = tmp_path / "rag"
    file.write_text(text)
    assert logrotate(file, "--debug") == "", text
    found = check_text(text, str(file), {})
    assert [p for p in found if p.severity is not Severity.INFO] == [], text


@contextmanager
def writing(log: Path, rate: int) -> Iterator[list[int]]:
    """A writer; how many lines it wrote is there at the end."""
    command = [sys.executable, "-m", "ops_pipelines_tests.config.log_writer", str(log), str(rate)]
    told: list[int] = []
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as writer:
        try:
            assert writer.stdout
            assert writer.stdout.readline() == "writing\n"
            log.parent.with_name("pid").write_text(str(writer.pid))
            yield told
            told.append(int(writer.communicate("\n")[0]))
        finally:
            writer.kill()


def numbers(folder: Path) -> Counter[int]:
    """How often each line is there, in the log and in all its copies; -1 are torn ones."""
    found: Counter[int] = Counter()
    for path in folder.iterdir():
        with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
            found.update(map(_number, file))
    return found


def _number(line: str) -> int:
    try:
        return int(json.loads(line)["n"])
    except ValueError:
        return -1


def rotate_over_and_over(folder: Path, file: Path, times: int) -> int:
    """Force rotations, each in a second of its own; how many copies there are."""
    for _ in range(times):
        while not (folder / "rag.log").stat().st_size:  # an empty log is not rotated
            time.sleep(0.01)
        assert logrotate(file, "--force") == ""
        time.sleep(1.02)
    return len(list(folder.iterdir())) - 1


@pytest.fixture
def logs(public_path: Path) -> Path:
    public_path.chmod(0o755)
    folder = public_path / "logs"
    folder.mkdir(mode=0o755)
    return folder


@pytest.mark.slow
@pytest.mark.drill
def test_no_line_is_lost_in_forced_rotations_under_a_busy_writer(logs: Path) -> None:
    log = logs / "rag.log"
    reload_it = f"kill -HUP $(cat {logs.with_name('pid')})"
    file = logs.with_name("rag")
    file.write_text(render("rag", Rotation(rotate=500, postrotate=reload_it), [f"{log}*"]))
    with writing(log, LINES_A_SECOND) as told:
        copies = rotate_over_and_over(logs, file, ROTATIONS)
    found = numbers(logs)
    print(  # noqa: T201 - a drill says what it did
        f"\n{copies} rotations under {LINES_A_SECOND} lines a second: "
        f"{told[0]} lines written, {found.total()} found"
    )
    assert copies == ROTATIONS
    assert found == Counter(range(told[0]))


@pytest.mark.slow
@pytest.mark.drill
def test_copytruncate_loses_lines_and_is_judged_so(logs: Path) -> None:
    log, file = logs / "rag.log", logs.with_name("rag")
    text = render("rag", Rotation(rotate=500), [f"{log}*"]).replace("create 644", "copytruncate")
    file.write_text(text)
    with writing(log, rate=0) as told:
        copies = rotate_over_and_over(logs, file, 10 if IS_FULL else 3)
    found = numbers(logs)
    torn = found.pop(-1, 0)
    lost = told[0] - found.total()
    print(  # noqa: T201 - likewise
        f"\n{copies} rotations with copytruncate: {told[0]} lines written, {lost} lost, {torn} torn"
    )
    assert lost > 0
    assert "rotation.copytruncate" in {problem.code for problem in check_text(text, "rag", {})}
