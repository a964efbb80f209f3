from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ops_pipelines.demo import service_file
from ops_pipelines.demo.home import Home
from ops_pipelines.settings.checks import TcpCheck
from ops_pipelines.settings.http_check import HttpCheck
from ops_pipelines.settings.load import load_file

ZONE = ZoneInfo("Asia/Shanghai")


def test_it_describes_the_demo(tmp_path: Path) -> None:
    home = Home(tmp_path)
    service_file.put(home, 4321, ZONE)

    service = load_file(home.service_file, {})
    assert (service.name, service.base_url) == ("rag-demo", "http://127.0.0.1:4321")
    assert (service.timezone, service.language) == ("Asia/Shanghai", None)
    assert service.data_dir == str(tmp_path / "data" / "rag-demo")
    assert service.samples_folder == home.samples_folder
    assert service.health.interval_seconds == 60
    api, detailed, llm, embeddings, port = service.health.checks
    assert isinstance(port, TcpCheck)
    assert (port.name, port.port) == ("port", 4321)
    for check, name in [(api, "api"), (llm, "llm"), (embeddings, "embeddings")]:
        assert isinstance(check, HttpCheck)
        assert (check.name, check.status, check.timestamp) == (name, "status", "timestamp")
    assert isinstance(detailed, HttpCheck)
    assert detailed.components == "components"


def test_it_follows_the_port_and_keeps_what_was_edited(tmp_path: Path) -> None:
    home = Home(tmp_path)
    service_file.put(home, 4321, ZONE)
    edited = home.service_file.read_text("utf-8").replace("60  ", "30  ") + "# 4321 of my own\n"
    home.service_file.write_text(edited, "utf-8")

    service_file.put(home, 5432, ZoneInfo("UTC"))
    service = load_file(home.service_file, {})
    assert service.base_url == "http://127.0.0.1:5432"
    assert [c.port for c in service.health.checks if isinstance(c, TcpCheck)] == [5432]
    assert service.health.interval_seconds == 30
    assert service.timezone == "Asia/Shanghai"
    changed = [
        (old, new)
        for old, new in zip(
            edited.splitlines(), home.service_file.read_text("utf-8").splitlines(), strict=True
        )
        if old != new
    ]
    assert len(changed) == 2, changed


def test_the_same_port_leaves_the_file_alone(tmp_path: Path) -> None:
    home = Home(tmp_path)
    service_file.put(home, 4321, ZONE)
    before = home.service_file.stat()

    service_file.put(home, 4321, ZONE)
    after = home.service_file.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            'base_url: "http://127.0.0.1:80"\nx: {port: 80}',
            'base_url: "http://127.0.0.1:99"\nx: {port: 99}',
        ),
        (
            "base_url: http://127.0.0.1:80/\nport: 8080\nurl: http://127.0.0.1:800/x",
            "base_url: http://127.0.0.1:99/\nport: 8080\nurl: http://127.0.0.1:800/x",
        ),
        ("base_url: http://elsewhere:80\nport: 80", "base_url: http://elsewhere:80\nport: 80"),
    ],
)
def test_only_the_demos_own_port_is_replaced(text: str, told: str) -> None:
    assert service_file.with_port(text, 99) == told


def test_the_zone_of_the_machine(tmp_path: Path) -> None:
    link, file = tmp_path / "localtime", tmp_path / "file"
    link.symlink_to("/usr/share/zoneinfo/Europe/Madrid")
    file.touch()

    assert service_file.local_zone({}, link).key == "Europe/Madrid"
    assert service_file.local_zone({"TZ": "Asia/Tokyo"}, link).key == "Asia/Tokyo"
    assert service_file.local_zone({"TZ": ":Asia/Tokyo"}, link).key == "Asia/Tokyo"
    assert service_file.local_zone({"TZ": "no/zone"}, link).key == "Europe/Madrid"
    assert service_file.local_zone({"TZ": "CET-1CEST"}, file).key == "UTC"
    assert service_file.local_zone({}, tmp_path / "none").key == "UTC"
