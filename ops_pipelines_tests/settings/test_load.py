"""Reading service files: defaults, paths, several of them, broken ones, and the choice of one."""

import json
import subprocess
import sys
import time
from datetime import time as time_of_day
from pathlib import Path

import pytest

from ops_pipelines.errors import InputError, ServiceChoiceError, SettingsError
from ops_pipelines.settings.checks import TcpCheck, TlsCheck
from ops_pipelines.settings.file import MOST_BYTES
from ops_pipelines.settings.http_check import HttpCheck
from ops_pipelines.settings.load import Loaded, load, load_file, services_path
from ops_pipelines.settings.paid_checks import OpenAiCheck, RagCheck
from ops_pipelines_tests.conftest import as_ordinary_user
from ops_pipelines_tests.settings.files import BASE, ENVIRONMENT, problems_of, write

CONTRACT = Path(__file__).parent / "data" / "contract.yaml"
"""The service file of the contract."""


def described(folder: Path, **names: str) -> Path:
    """A folder of services, each `name` in the file of that keyword."""
    for file, name in names.items():
        write(folder, f"name: {name}\nbase_url: http://{name}\n", f"{file}.yaml")
    return folder / "services"


# --- one file ---


def test_name_and_address_are_enough(tmp_path: Path) -> None:
    service = load_file(write(tmp_path, BASE), {})

    assert (service.name, service.key, service.base_url) == ("rag", "rag", "http://localhost:8000")
    assert (service.timezone, service.zone.key, service.language) == ("UTC", "UTC", None)
    assert (service.keep.versions, service.keep.samples_days) == (30, 90)
    assert service.health.schedule == time_of_day(0, 15)
    assert [check.name for check in service.health.checks] == [
        "api", "detailed", "llm", "embeddings",
    ]  # fmt: skip


def test_what_the_contract_shows_is_read(tmp_path: Path) -> None:
    service = load_file(write(tmp_path, CONTRACT.read_bytes()), ENVIRONMENT)

    assert (service.key, service.zone.key, service.language) == (
        "rag_system", "Asia/Shanghai", "zh",
    )  # fmt: skip
    api, detailed, qdrant, certificate, model, answers = service.health.checks
    assert isinstance(api, HttpCheck)
    assert api.headers == {"Authorization": "Bearer k-123456"}
    assert (api.expect_status, api.healthy) == ((200,), ("healthy", "ok", "up"))
    assert isinstance(detailed, HttpCheck)
    assert (detailed.component.response_time, detailed.component.response_time_unit) == (
        "latency_ms", "ms",
    )  # fmt: skip
    assert isinstance(qdrant, TcpCheck)
    assert (qdrant.host, qdrant.port) == ("localhost", 6333)
    assert isinstance(certificate, TlsCheck)
    assert certificate.warn_days == 21
    assert isinstance(model, OpenAiCheck)
    assert (model.dimension, model.calls_per_day, model.calls_per_probe) == (1024, 48, 2)
    assert isinstance(answers, RagCheck)
    assert (answers.expect, answers.calls_per_day) == ("30 days", 24)
    assert (service.health.failure_threshold, service.health.recovery_threshold) == (3, 2)
    assert service.monitoring.slo.availability == 0.99
    assert [channel.name for channel in service.alerts.channels] == ["ops", "ding"]


@pytest.mark.parametrize(
    ("written", "data_dir", "state_dir"),
    [
        ("", "data/rag", "data/rag-state"),
        ("data_dir: ../store/rag", "store/rag", "store/rag-state"),
        ("data_dir: ../store/rag/", "store/rag", "store/rag-state"),
        ("data_dir: mine", "services/mine", "services/mine-state"),
        ("data_dir: ..", ".", "../{name}-state"),
        ("data_dir: s3://bucket/prefix", "s3://bucket/prefix", "state/rag"),
        ("data_dir: s3://b/p\nstate_dir: ../st", "s3://b/p", "st"),
        ("state_dir: ../st", "data/rag", "st"),
        ("data_dir: /srv/rag\nstate_dir: /var/rag", "/srv/rag", "/var/rag"),
    ],
)
def test_folders_start_from_the_service_file(
    tmp_path: Path, written: str, data_dir: str, state_dir: str
) -> None:
    service = load_file(write(tmp_path, BASE + written), {})

    def expected(text: str) -> str:
        text = text.format(name=tmp_path.name)
        return text if "://" in text else str((tmp_path / text).resolve())

    assert service.data_dir == expected(data_dir)
    assert service.state_dir == expected(state_dir)
    assert service.samples_folder == Path(service.state_dir, "samples")


def test_a_folder_may_start_from_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))

    service = load_file(write(tmp_path, f"{BASE}data_dir: ~/rag\nhealth: {{ca_file: ca.pem}}"), {})

    assert service.data_dir == str(tmp_path / "home" / "rag")
    assert service.health.ca_file == str(tmp_path / "services" / "ca.pem")


def test_relative_paths_do_not_depend_on_where_the_command_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, BASE)
    monkeypatch.chdir(tmp_path)
    from_above = load_file(Path("services/rag.yaml"), {})
    monkeypatch.chdir(tmp_path / "services")

    assert load_file(Path("rag.yaml"), {}) == from_above


def test_a_path_through_a_link_stays_as_it_is_written(tmp_path: Path) -> None:
    """A deployment moves the link; what was read before then still names the file in use."""
    for release in ("1", "2"):
        (tmp_path / release).mkdir()
        (tmp_path / release / "a.yaml").write_text(f"release: {release}\n")
    (tmp_path / "current").symlink_to(tmp_path / "1")
    service = load_file(write(tmp_path, f"{BASE}config: {{files: [../current/a.yaml]}}\n"))
    (tmp_path / "current").unlink()
    (tmp_path / "current").symlink_to(tmp_path / "2")
    assert service.config
    assert Path(service.config.files[0]).read_text() == "release: 2\n"


def test_a_file_that_is_a_link_has_its_folders_beside_the_link(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "rag.yaml").write_text(BASE)
    link = write(tmp_path, BASE)
    link.unlink()
    link.symlink_to(tmp_path / "store" / "rag.yaml")

    assert load_file(link, {}).data_dir == str(tmp_path / "data" / "rag")


def test_urls_of_checks_stand_below_the_address(tmp_path: Path) -> None:
    service = load_file(write(tmp_path, "name: a\nbase_url: http://h:1/base/\n"), {})

    assert service.base_url == "http://h:1/base"
    assert service.url("/api/health") == "http://h:1/base/api/health"
    assert service.url("api?next=http://x") == "http://h:1/base/api?next=http://x"
    assert service.url("https://other/health") == "https://other/health"


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + BASE.encode(),
        BASE.replace("\n", "\r\n").encode(),
        BASE.replace("\n", "\r").encode(),
        f"--- # 服务\n{BASE}...\n".encode(),
    ],
    ids=["BOM", "CRLF", "CR", "comments-and-markers"],
)
def test_however_an_editor_saved_it(tmp_path: Path, content: bytes) -> None:
    assert load_file(write(tmp_path, content), {}).name == "rag"


@pytest.mark.parametrize(
    ("content", "code", "place"),
    [
        (b"", "settings.empty", (1, 1)),
        (b"# nothing\n", "settings.empty", (1, 1)),
        (b"---\n...\n", "settings.empty", (2, 1)),
        (b"\n- name: rag\n", "settings.no_mapping", (2, 1)),
        (b"rag\n", "settings.no_mapping", (1, 1)),
        (b"name: rag\nbase_url: \xff\n", "file.not_utf8", (2, 11)),
        ("name: 服务".encode("gb18030"), "file.not_utf8", (1, 7)),
        (BASE.encode("utf-16"), "file.not_utf8", (1, 1)),
        (b"name: rag\n\xff", "file.not_utf8", (2, 1)),
        (b"\xef\xbb\xbfname: r\xe9\n", "file.not_utf8", (1, 8)),
        (b"\xef\xbb\xbf\tname: r\n", "yaml.tab", (1, 1)),
        (b"name: a\r\nbase_url: http://x\r\nnope: 1\r\n", "settings.unknown_key", (3, 1)),
        (b"#" * (MOST_BYTES + 1), "file.too_large", (1, 1)),
    ],
)
def test_what_is_no_service_file(
    tmp_path: Path, content: bytes, code: str, place: tuple[int, int]
) -> None:
    [problem] = problems_of(write(tmp_path, content))

    assert (problem.code, problem.line, problem.column) == (code, *place)


def test_the_largest_file_is_read(tmp_path: Path) -> None:
    content = BASE.encode()

    assert (
        load_file(write(tmp_path, content + b"#" * (MOST_BYTES - len(content))), {}).name == "rag"
    )


def test_what_cannot_be_opened(tmp_path: Path) -> None:
    folder = tmp_path / "services" / "rag.yaml"
    folder.mkdir(parents=True)

    [of_a_folder] = problems_of(folder)
    [of_nothing] = problems_of(tmp_path / "nothing.yaml")

    assert (of_a_folder.code, of_a_folder.facts["detail"]) == ("file.unreadable", "Is a directory")
    assert of_nothing.code == "file.unreadable"


# --- several files ---


def test_a_folder_of_services_each_with_its_own_days(tmp_path: Path) -> None:
    for name, zone in {"east": "Asia/Shanghai", "west": "America/New_York", "utc": "UTC"}.items():
        write(tmp_path, f"name: {name}\nbase_url: http://{name}\ntimezone: {zone}", f"{name}.yml")
    write(tmp_path, "not a service", "README.md")
    write(tmp_path, "half written", ".#east.yaml")

    loaded = load(tmp_path / "services", {})

    assert {service.name: service.zone.key for service in loaded.services} == {
        "east": "Asia/Shanghai", "utc": "UTC", "west": "America/New_York",
    }  # fmt: skip
    assert loaded.broken == ()


def test_a_broken_file_keeps_only_itself_from_loading(tmp_path: Path) -> None:
    described(tmp_path, a="first", c="third")
    write(tmp_path, "name: [", "b.yaml")
    write(tmp_path, b"\xff", "d.yaml")
    (tmp_path / "services" / "e.yaml").symlink_to(tmp_path / "gone")

    loaded = load(tmp_path / "services", {})

    assert [service.name for service in loaded.services] == ["first", "third"]
    assert [Path(error.facts["file"]).name for error in loaded.broken] == [
        "b.yaml", "d.yaml", "e.yaml",
    ]  # fmt: skip
    assert all("keep this service from being used" in str(error) for error in loaded.broken)


def test_the_same_name_twice_breaks_the_later_file(tmp_path: Path) -> None:
    described(tmp_path, a="rag", c="other")
    second = write(tmp_path, "base_url: http://second\nname: rag\n", "b.yaml")

    loaded = load(tmp_path / "services", {})

    assert [(s.name, s.base_url) for s in loaded.services] == [
        ("rag", "http://rag"), ("other", "http://other"),
    ]  # fmt: skip
    [problem] = loaded.broken[0].problems
    assert (problem.code, problem.file) == ("settings.service_twice", str(second))
    assert (problem.path, problem.line, problem.column) == ("name", 2, 7)
    assert "a.yaml" in problem.message


def test_a_path_may_be_one_file(tmp_path: Path) -> None:
    loaded = load(described(tmp_path, a="first", b="second") / "b.yaml", {})

    assert [service.name for service in loaded.services] == ["second"]


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError) as raised:
        load(tmp_path / "nowhere", {})

    assert "nowhere: there is no such file or folder" in str(raised.value)


def test_what_may_not_be_read(tmp_path: Path) -> None:
    file = write(tmp_path, BASE)
    tmp_path.chmod(0o600)

    with as_ordinary_user():
        [problem] = problems_of(file)
        with pytest.raises(InputError, match="cannot be read: Permission denied"):
            load(file.parent, {})

    tmp_path.chmod(0o700)
    assert (problem.code, problem.facts["detail"]) == ("file.unreadable", "Permission denied")


def test_where_the_service_files_are() -> None:
    assert services_path(None, {}) == Path("services")
    assert services_path(None, {"OPS_SERVICES": "/etc/ops"}) == Path("/etc/ops")
    assert services_path("mine", {"OPS_SERVICES": "/etc/ops"}) == Path("mine")


# --- the choice of one ---


def test_the_only_service_needs_no_name(tmp_path: Path) -> None:
    loaded = load(described(tmp_path, a="rag"), {})

    assert loaded.choose(None).name == loaded.choose("rag").name == "rag"


def test_of_several_one_must_be_named(tmp_path: Path) -> None:
    loaded = load(described(tmp_path, a="first", b="second"), {})

    assert loaded.choose("second").name == "second"
    with pytest.raises(ServiceChoiceError, match=r"\(first, second\); say which: --service NAME"):
        loaded.choose(None)
    with pytest.raises(ServiceChoiceError, match="called third; there are: first, second"):
        loaded.choose("third")


def test_without_services_it_is_said_what_to_write() -> None:
    with pytest.raises(ServiceChoiceError, match=r"services/NAME\.yaml with name: and base_url:"):
        Loaded((), ()).choose(None)


@pytest.mark.parametrize("name", [None, "broken"])
def test_the_problems_of_the_only_file_are_told(tmp_path: Path, name: str | None) -> None:
    write(tmp_path, "name: x\nbase_url: y\n", "broken.yaml")

    with pytest.raises(SettingsError, match="base_url is y, wanted http"):
        load(tmp_path / "services", {}).choose(name)


def test_the_problems_of_the_named_file_are_told(tmp_path: Path) -> None:
    described(tmp_path, a="first")
    write(tmp_path, "nope: 1", "second.yaml")
    loaded = load(tmp_path / "services", {})

    assert loaded.choose(None).name == "first"
    with pytest.raises(SettingsError, match="the key nope is not known"):
        loaded.choose("second")


def test_an_unknown_name_may_be_that_of_a_broken_file(tmp_path: Path) -> None:
    described(tmp_path, a="first")
    write(tmp_path, "name: rag\nnope: 1", "production.yaml")

    with pytest.raises(ServiceChoiceError, match=r"no service is called rag; .*production\.yaml"):
        load(tmp_path / "services", {}).choose("rag")


# --- what it costs ---


def test_a_file_is_read_in_milliseconds(tmp_path: Path) -> None:
    file = write(tmp_path, CONTRACT.read_bytes())
    load_file(file, ENVIRONMENT)

    took = []
    for _ in range(10):
        start = time.perf_counter()
        load_file(file, ENVIRONMENT)
        took.append(time.perf_counter() - start)

    assert min(took) < 0.05  # some 8 ms on a quiet machine


def test_reading_settings_imports_nothing_heavy() -> None:
    program = """
import json, sys
import ops_pipelines.settings.load, ops_pipelines.settings.sample
loaded = [name for name, module in sys.modules.items() if module]
print(json.dumps(sorted({name.partition(".")[0] for name in loaded})))
"""
    printed = subprocess.check_output([sys.executable, "-c", program], text=True)

    assert not {"dagster", "httpx", "numpy", "pandas", "rich"} & set(json.loads(printed))
