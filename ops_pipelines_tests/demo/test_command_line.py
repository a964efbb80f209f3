import json
from pathlib import Path

import pytest

from ops_pipelines.demo import __main__ as command_line
from ops_pipelines_tests.demo.served import run_demo


def run(*arguments: str) -> int:
    return command_line.main([*arguments])


@pytest.mark.parametrize("arguments", [["--help"], ["serve", "--help"], ["break", "--help"]])
def test_help_says_what_there_is(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        run(*arguments)

    assert caught.value.code == 0
    said = capsys.readouterr().out
    assert ("slow-model, failing-embeddings, outage" in " ".join(said.split())) == (
        arguments[0] == "break"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nothing"],
        ["break"],
        ["break", "nothing"],
        ["serve", "--port", "x"],
        ["serve", "--port", "65536"],
        ["prepare", "--now", "yesterday"],
    ],
)
def test_a_wrong_command_is_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        run(*arguments)

    assert caught.value.code == 2
    assert "usage:" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["break", "outage"], ["repair"]])
def test_where_there_is_no_demo_nothing_can_be_switched(
    tmp_path: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments, "--home", str(tmp_path)) == 2
    assert "there is no demo in" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_switches_say_what_is_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "app").mkdir()
    home = ["--home", str(tmp_path)]

    said = []
    for arguments in (
        ["break", "slow-model"],
        ["break", "outage"],
        ["repair", "slow-model"],
        ["repair"],
    ):
        assert run(*arguments, *home) == 0
        said.append(capsys.readouterr().out)
    assert said == [
        "switched on: slow-model\n",
        "switched on: outage, slow-model\n",
        "switched on: outage\n",
        "no fault is switched on\n",
    ]
    assert json.loads((tmp_path / "faults.json").read_text()) == {"faults": []}


def test_it_runs_as_a_module(tmp_path: Path) -> None:
    done = run_demo("break", "outage", "--home", str(tmp_path / "none"))

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
