import socket
import stat
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from ops_pipelines.demo import configuration, files, prepare
from ops_pipelines.demo.__main__ import main
from ops_pipelines.demo.configuration import fill, parse_environment
from ops_pipelines.demo.failures import DemoError
from ops_pipelines.demo.home import Home
from ops_pipelines.demo.index import index
from ops_pipelines.window import day_window, local_day
from ops_pipelines_tests.demo.served import Served, run_demo, without_past


def _free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return str(free.getsockname()[1])


def contents(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }


def test_a_second_time_changes_nothing(tmp_path: Path) -> None:
    arguments = ["prepare", "--home", str(without_past(tmp_path)), "--port", _free_port()]
    assert main(arguments) == 0
    before = contents(tmp_path)

    assert main(arguments) == 0
    assert contents(tmp_path) == before
    assert before["port"] == f"{arguments[-1]}\n".encode()
    assert set(before) == {
        ".lock",
        "app/.env",
        "app/config/production.yaml",
        "app/logs/rag-system.log",
        "app/rag_system.db",
        "port",
        "services/rag-demo.yaml",
        "state/rag-demo/samples/2026-01-01.jsonl",
    }


def test_the_past_ends_at_the_time_that_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends: list[datetime] = []
    monkeypatch.setattr(prepare, "past", lambda _home, _configuration, now: ends.append(now))

    assert main(["prepare", "--home", str(tmp_path), "--now", "2026-03-01T00:05:00+08:00"]) == 0
    assert ends == [datetime(2026, 2, 28, 16, 5, tzinfo=UTC)]


def test_the_past_is_of_thirty_days(served: Served) -> None:
    service = served.service
    days = [date.fromisoformat(path.stem) for path in sorted(service.samples_folder.iterdir())]
    first = local_day(served.started, service.zone) - timedelta(days=30)

    assert days[0] == day_window(first, service.zone).start.date()
    assert days == [days[0] + timedelta(days=n) for n in range(len(days))]
    assert days[-1] >= served.started.date()


def test_a_past_that_is_there_stays(tmp_path: Path) -> None:
    home = Home(tmp_path)
    found = prepare.application(home)
    home.samples_folder.mkdir(parents=True)
    (home.samples_folder / "2026-01-01.jsonl").write_text("own\n")
    logs = home.application / "logs"
    (logs / "rag-system.log.1").write_text("own\n")

    prepare.past(home, found, datetime.now(UTC))
    assert contents(home.samples_folder) == {"2026-01-01.jsonl": b"own\n"}
    assert contents(logs) == {"rag-system.log.1": b"own\n"}


def test_a_past_that_cannot_be_written_is_told_of(tmp_path: Path) -> None:
    log = tmp_path / "app" / "logs" / "rag-system.log"
    log.parent.mkdir(parents=True)
    log.touch()
    (tmp_path / "state").write_text("in the way")

    done = run_demo("prepare", "--home", str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert str(tmp_path / "state") in done.stderr
    assert done.stderr.count("\n") == 1


def test_secrets_are_for_their_owner_only_and_invented_for_each_home(tmp_path: Path) -> None:
    homes = [Home(tmp_path / name) for name in ("one", "two")]
    for home in homes:
        prepare.application(home)
        assert stat.S_IMODE(home.environment_file.stat().st_mode) == 0o600

    one, two = (parse_environment(home.environment_file.read_text()) for home in homes)
    assert one.keys() == two.keys()
    secret = {name for name in one if name.endswith(("KEY", "PASSWORD", "SECRET"))}
    assert len(secret) == 4
    assert all(one[name] != two[name] for name in secret)
    filled = yaml.safe_load(fill(homes[0].configuration_file.read_text("utf-8"), one))
    assert filled["llm"]["api_key"] == one["RAG_LLM_API_KEY"]
    assert filled["security"]["admin_password"] == one["RAG_ADMIN_PASSWORD"]


def test_variables_and_defaults_are_filled_in() -> None:
    variables = parse_environment('# a comment\nA=1\n\nEMPTY=\nQUOTED="x y"\n B = b=c \n')

    assert variables == {"A": "1", "EMPTY": "", "QUOTED": "x y", "B": "b=c"}
    assert fill("${A} ${A:-0} ${NONE:-2} ${EMPTY:-3} ${EMPTY}", variables) == "1 1 2 3 "
    assert fill("  # ${NONE}\na: ${A}\n", variables) == "  # ${NONE}\na: 1\n"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("timeout: 30", "timeout: -1", "llm.timeout"),
        ("  top_k: 4", "  top_kk: 4", "retrieval.top_k"),
        ("app:", "app: [", "line"),
        ("${RAG_LLM_API_KEY}", "${RAG_NONE}", "RAG_NONE is not set in .env"),
    ],
)
def test_a_broken_configuration_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    home = Home(tmp_path)
    prepare.application(home)
    text = home.configuration_file.read_text("utf-8")
    assert old in text
    home.configuration_file.write_text(text.replace(old, new, 1), "utf-8")

    with pytest.raises(DemoError) as caught:
        configuration.read(home)
    assert str(home.configuration_file) in str(caught.value)
    assert said in str(caught.value)
    assert main(["prepare", "--home", str(tmp_path)]) == 2


def test_a_broken_database_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prepare.application(Home(tmp_path))
    database = tmp_path / "app" / "rag_system.db"
    database.write_bytes(b"no database" * 1000)

    assert main(["prepare", "--home", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"{database} cannot be used: file is not a database\n"


def test_a_file_is_put_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files.put(tmp_path / "sub" / "file", b"old")

    def fail(_self: Path, _target: Path) -> None:
        raise OSError(28, "no space left")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="no space"):
        files.put(tmp_path / "sub" / "file", b"new")
    assert (tmp_path / "sub" / "file").read_bytes() == b"old"


def test_an_interrupted_index_is_made_again(tmp_path: Path) -> None:
    def fail(_text: str) -> list[float]:
        raise KeyboardInterrupt

    database = tmp_path / "documents.db"
    with pytest.raises(KeyboardInterrupt):
        index(database, prepare.DOCUMENTS, fail, 300, "model")
    assert index(database, prepare.DOCUMENTS, lambda _text: [1.0], 300, "model")
