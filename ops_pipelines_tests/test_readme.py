"""The README tells the truth: its commands exist, its service file loads, both languages agree."""

import argparse
import re
import shlex
from importlib import import_module
from pathlib import Path

import pytest

from ops_pipelines.cli.main import _parser
from ops_pipelines.settings.load import load_file
from ops_pipelines_tests.cli.command import ops

ROOT = Path(__file__).parents[1]
READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]


def blocks(readme: Path, kind: str) -> list[str]:
    found = re.findall(rf"^ *```{kind}\n(.*?)^ *```", readme.read_text(), re.MULTILINE | re.DOTALL)
    return [str(block) for block in found]


def commands(readme: Path) -> list[list[str]]:
    """Every use of `ops-pipelines` in blocks and within sentences, without redirections."""
    inline = re.findall(r"`((?:\.venv/bin/)?ops-pipelines [^`]+)`", readme.read_text())
    lines = [line for block in blocks(readme, "console") for line in block.splitlines()]
    found = [
        shlex.split(line, comments=True) for line in [*inline, *lines] if "ops-pipelines" in line
    ]
    return [words[1 : words.index(">") if ">" in words else None] for words in found]


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_every_command_exists_with_its_options(readme: Path) -> None:
    assert len(commands(readme)) > 8
    for words in commands(readme):
        found = ops(*words, "--help")
        assert found.code == 0, words
        asked = _parser().parse_args(words)
        parser = argparse.ArgumentParser()
        import_module(f"ops_pipelines.cli.{asked.command}").add_arguments(parser)
        parser.parse_args(asked.arguments)  # ends the test when an argument is missing
        for option in (word for word in words if word.startswith("--")):
            assert option in found.out + ops("--help").out, words


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_every_make_target_exists(readme: Path) -> None:
    targets = set(re.findall(r"`?make ([a-z]+)", readme.read_text()))
    assert targets
    makefile = (ROOT / "Makefile").read_text()
    assert [target for target in targets if f"\n{target}: " not in makefile] == []


def test_the_service_file_loads_and_both_languages_show_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEWAY_KEY", "key-of-the-gateway")
    shown = [blocks(readme, "yaml") for readme in READMES]
    data = [[re.sub(r" +#.*", "", block) for block in found] for found in shown]
    assert data[0] == data[1]
    file = tmp_path / "whole.yaml"
    file.write_text("".join(shown[0]))  # a service, and then further sections of it
    assert load_file(file).health.checks


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_every_link_into_the_repository_leads_somewhere(readme: Path) -> None:
    links = re.findall(r"\]\((?!http)([^)#]+)\)", readme.read_text())
    assert len(links) > 2
    assert [link for link in links if not (ROOT / link).exists()] == []
