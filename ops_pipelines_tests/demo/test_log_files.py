"""The files that the demo's past log lies in: those that logrotate leaves."""

import gzip
import os
import shutil
import subprocess
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from ops_pipelines.demo import configuration, log_history, prepare
from ops_pipelines.demo.home import Home
from ops_pipelines.demo.past import Past, recall
from ops_pipelines.window import local_day
from ops_pipelines_tests.conftest import need
from ops_pipelines_tests.demo import month
from ops_pipelines_tests.demo.month import content_of, in_order
from ops_pipelines_tests.demo.served import Served

NOW = datetime(2026, 3, 30, 17, 45, 30, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Madrid")  # its clocks changed on the 29th
LOGROTATE = shutil.which("logrotate", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    made = Home(tmp_path_factory.mktemp("demo"))
    prepare.application(made)
    return made


def past_of(home: Home, now: datetime = NOW, days: int = 1, seed: int = 20) -> Past:
    settings = configuration.read(home)
    database = home.application / settings.database.path
    return recall(now, ZONE, settings, database, days=days, seed=seed)


def written(past: Past, folder: Path) -> dict[str, bytes]:
    log_history.write(folder / "rag-system.log", past)
    return {path.name: path.read_bytes() for path in in_order(folder)}


def test_the_same_end_and_seed_give_the_same_bytes(home: Home, tmp_path: Path) -> None:
    one = written(past_of(home), tmp_path / "one")

    assert written(past_of(home), tmp_path / "two") == one
    times = [
        [path.stat().st_mtime_ns for path in in_order(tmp_path / name)] for name in ("one", "two")
    ]
    assert times[0] == times[1]
    other = written(past_of(home, seed=1), tmp_path / "three")
    assert other.keys() == one.keys()
    assert all(other[name] != one[name] for name in one)


def test_what_a_killed_start_left_is_no_history(home: Home, tmp_path: Path) -> None:
    aside = tmp_path / ".logs.aside"
    aside.mkdir()
    (aside / "rag-system.log").write_text("half of it")
    (tmp_path / "logs").mkdir()

    assert b"half of it" not in b"".join(written(past_of(home), tmp_path / "logs").values())
    assert [path.name for path in tmp_path.iterdir()] == ["logs"]


def test_a_file_is_named_after_the_day_on_which_it_was_put_aside(served: Served) -> None:
    folder = served.home.application / "logs"
    today = local_day(served.started, served.service.zone)
    files = in_order(folder)
    names = [f"rag-system.log-{today - timedelta(days=n):%Y%m%d}.gz" for n in range(29, -1, -1)]
    names[-1] = names[-1].removesuffix(".gz")

    assert [path.name for path in files] == [*names, "rag-system.log"]
    for path in files[:-1]:
        day = date.fromisoformat(path.name.split("-")[2].removesuffix(".gz"))
        lines = content_of(path).splitlines(keepends=True)
        stamps = [x["timestamp"] for x in filter(None, map(month.parsed, lines))]
        assert len(stamps) > 9000
        assert stamps[0] >= f"{day - timedelta(days=1)}T00:00:00"
        assert f"{day - timedelta(days=1)}T23:59" < stamps[-1] < f"{day}T00:01"
        last = datetime.fromisoformat(stamps[-1]).timestamp()
        assert path.stat().st_mtime == pytest.approx(last, abs=0.002)
        assert path.stat().st_mode & 0o777 == 0o644


def test_some_lines_after_midnight_are_in_the_file_of_the_day_before(served: Served) -> None:
    """A reader who trusts the names of files counts them for the wrong day."""
    late = 0
    for path in in_order(served.home.application / "logs")[:-1]:
        day = date.fromisoformat(path.name.split("-")[2].removesuffix(".gz"))
        late += content_of(path).count(f'"timestamp": "{day}'.encode())
    assert late > 30


def test_zcat_reads_what_is_compressed(served: Served) -> None:
    files = [x for x in in_order(served.home.application / "logs") if x.suffix == ".gz"]

    assert len(files) == 29
    shown = subprocess.run(["zcat", *files], capture_output=True, check=True)
    assert shown.stderr == b""
    assert shown.stdout == b"".join(map(content_of, files))
    header = files[0].read_bytes()[:9]
    assert header[4:8] == bytes(4), "no time of making"
    assert gzip.compress(content_of(files[0]), 6, mtime=0) == files[0].read_bytes()


@pytest.mark.parametrize(
    ("now", "names"),
    [
        (datetime(2026, 3, 30, 0, 0, tzinfo=ZONE), [""]),
        (datetime(2026, 3, 30, 0, 0, 1, tzinfo=ZONE), [""]),
        (datetime(2026, 3, 30, 0, 1, tzinfo=ZONE), ["-20260330", ""]),
        (datetime(2026, 3, 29, 2, 0, tzinfo=UTC), ["-20260329", ""]),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), ["-20261025", ""]),
        (datetime(2026, 1, 1, 12, 0, 0, 999_999, tzinfo=UTC), ["-20260101", ""]),
    ],
)
def test_it_ends_at_any_time(home: Home, tmp_path: Path, now: datetime, names: list[str]) -> None:
    files = written(past_of(home, now), tmp_path)
    found = month.read(tmp_path, "later", ZONE)

    assert list(files) == [f"rag-system.log{name}" for name in names]
    assert files["rag-system.log"].splitlines()[-1].endswith(b'"message": "service stopped"}')
    times = [datetime.fromisoformat(line["timestamp"]) for line in found.lines]
    assert times == sorted(times)
    assert now - timedelta(milliseconds=1) < times[-1] <= now
    assert found.lines[0]["timestamp"][11:16] == "00:00"


def test_logrotate_goes_on_with_it(home: Home, tmp_path: Path) -> None:
    if not LOGROTATE:
        need("logrotate (apt install logrotate)", is_there=False)
    today = datetime.now(ZONE).replace(hour=12)
    yesterday = today - timedelta(days=1)
    folder = tmp_path / "logs"
    before = written(past_of(home, yesterday, days=3), folder)
    oldest, *_, newest, current = before
    settings = tmp_path / "logrotate.conf"
    settings.write_text(f"""\
{folder}/rag-system.log {{
    daily
    rotate 3
    compress
    delaycompress
    dateext
    missingok
    notifempty
    create 644
}}
""")
    settings.chmod(0o644)
    state = tmp_path / "state"
    state.write_text(
        f'logrotate state -- version 2\n"{folder}/rag-system.log" {yesterday:%Y-%-m-%-d-12:0:0}\n'
    )
    state.chmod(0o600)
    done = subprocess.run(
        [LOGROTATE or "", "--state", state, settings],
        env={**os.environ, "TZ": str(ZONE)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    rotated = f"rag-system.log-{today:%Y%m%d}"
    after = {path.name: path.read_bytes() for path in in_order(folder)}
    assert after.keys() == (before.keys() - {oldest, newest}) | {f"{newest}.gz", rotated}
    assert after[rotated] == before[current]
    assert (after["rag-system.log"], gzip.decompress(after[f"{newest}.gz"])) == (
        b"",
        before[newest],
    )


def test_the_service_file_names_all_of_them(served: Served) -> None:
    file = served.home.service_file
    [pattern] = yaml.safe_load(file.read_text("utf-8"))["logs"]["files"]
    folder, _, name = pattern.rpartition("/")

    logs = (file.parent / folder).resolve()
    assert set(logs.glob(name)) == set((served.home.application / "logs").resolve().iterdir())
    assert served.service.name == "rag-demo"
