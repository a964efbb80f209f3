import subprocess
import sys
from pathlib import Path

import pytest

from ops_pipelines.cli.main import COMMANDS
from ops_pipelines_tests.answering import write_service
from ops_pipelines_tests.cli.command import COMMAND, ops


def test_help_lists_every_command() -> None:
    found = ops("--help")
    assert found.code == 0
    for command in COMMANDS:
        assert f"  {command} " in found.out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_in_both_languages(command: str) -> None:
    english, chinese = (ops("--language", code, command, "--help") for code in ("en", "zh"))
    assert (english.code, chinese.code) == (0, 0)
    assert "usage:" in english.out
    assert "用法" in chinese.out


@pytest.mark.parametrize(
    ("environment", "begins"),
    [
        ({"OPS_LANGUAGE": "zh"}, "用法"),
        ({"LANG": "zh_CN.UTF-8"}, "用法"),
        ({"LANG": "zh_CN.UTF-8", "OPS_LANGUAGE": "en"}, "usage"),
        ({"LANG": "de_DE.UTF-8"}, "usage"),
        ({}, "usage"),
    ],
)
def test_the_environment_chooses_the_language(environment: dict[str, str], begins: str) -> None:
    assert ops("--help", environment=environment).out.startswith(begins)


@pytest.mark.parametrize(
    "arguments", [[], ["nonsense"], ["health"], ["health", "nonsense"], ["history"]]
)
def test_a_usage_error_ends_with_2_and_says_what_is_possible(arguments: list[str]) -> None:
    found = ops(*arguments)
    assert found.code == 2
    assert found.out == ""
    assert "usage:" in found.err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--services", "nowhere", "health", "check"], "there is no such file or folder"),
        (["--services", ".", "health", "check"], "no service is described"),
        (["--services", "two", "health", "check"], "several services are described (a, b)"),
        (["--services", "two", "--service", "c", "health", "check"], "no service is called c"),
        (["--services", "two", "--service", "a", "show", "../x"], "../x is no name of an output"),
        (["--services", "two", "--service", "a", "show", "health_report"], "no stored output"),
    ],
)
def test_a_mistake_of_the_user_ends_with_2_a_sentence_and_no_traceback(
    tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    for name in ("a", "b"):
        write_service(tmp_path / "x", "http://localhost:1", name)
    (tmp_path / "x" / "services").rename(tmp_path / "two")
    found = ops(*arguments, cwd=tmp_path)
    assert (found.code, found.out) == (2, "")
    assert sentence in found.err
    assert "Traceback" not in found.err


def test_debug_shows_where_a_mistake_was_found(tmp_path: Path) -> None:
    found = ops("--debug", "--services", tmp_path / "nowhere", "health", "check")
    assert "Traceback" in found.err


def test_a_reader_who_has_seen_enough_causes_no_traceback(tmp_path: Path) -> None:
    script = f"{COMMAND} settings schema | head -c 10; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert tmp_path.exists()


@pytest.mark.parametrize(
    "command", ["main", "health", "sample", "settings", "history", "show", "up", "session"]
)
def test_no_command_loads_dagster_or_pandas(command: str) -> None:
    code = (
        f"import sys, ops_pipelines.cli.{command}\n"
        "print([name for name in ('dagster', 'pandas', 'numpy') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_the_commands_of_logs_load_no_dagster_pandas_or_pyarrow() -> None:
    code = (
        "import sys, ops_pipelines.cli.logs\n"
        "print([name for name in ('dagster', 'pandas', 'pyarrow') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_help_loads_no_settings_and_no_network() -> None:
    code = (
        "import sys\nfrom ops_pipelines.cli.main import main\n"
        "try: main(['--help'], {})\nexcept SystemExit: pass\n"
        "print([name for name in ('pydantic', 'httpx', 'rich', 'yaml') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.splitlines()[-1] == "[]"
