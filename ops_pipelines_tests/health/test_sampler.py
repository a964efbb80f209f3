"""Rounds are made when they are due, kept, and compared with the round before."""

from datetime import timedelta
from pathlib import Path

from ops_pipelines.health import network, sampler
from ops_pipelines.health.sampler import Sampled
from ops_pipelines.settings.service import Service
from ops_pipelines.storage import samples
from ops_pipelines.window import Window
from ops_pipelines_tests.health.bad_server import BadServer, answered, said
from ops_pipelines_tests.health.rounds import NOW, service_from

MINUTE = timedelta(minutes=1)
DAY = Window(NOW - timedelta(days=1), NOW + timedelta(days=1))
FILE = """
name: {name}
base_url: {url}
state_dir: ../state/{name}
health:
  interval_seconds: 60
  checks:
    - {{name: api, url: /api, status: status}}
    {more}
"""
TCP = "- {name: port, kind: tcp, host: 127.0.0.1, port: 1}"


def described(folder: Path, url: str, name: str = "rag", more: str = "") -> Service:
    return service_from(folder, FILE.format(name=name, url=url, more=more))


def sampled(service: Service, minutes: float = 0) -> Sampled:
    return network.run(sampler.sample(service, NOW + minutes * MINUTE))


def test_a_service_is_due_once_in_each_interval(tmp_path: Path) -> None:
    service = described(tmp_path, "http://127.0.0.1:1")
    assert sampler.is_due(service, NOW)
    sampled(service, 0.2)
    assert not sampler.is_due(service, NOW)
    assert not sampler.is_due(service, NOW + 0.99 * MINUTE)
    assert sampler.is_due(service, NOW + MINUTE)


def test_a_round_of_a_clock_that_ran_ahead_does_not_stop_all_others(tmp_path: Path) -> None:
    service = described(tmp_path, "http://127.0.0.1:1")
    sampled(service, minutes=5 * 365 * 24 * 60)
    assert sampler.is_due(service, NOW)


def test_a_round_is_kept_whole_with_the_slot_that_it_was_made_for(tmp_path: Path) -> None:
    answers = {"/api": said({"status": "degraded"})}
    with BadServer(answers) as server:
        service = described(tmp_path, server.url, more=TCP)
        made = sampled(service, 0.5)
    kept = samples.read(service.samples_folder, DAY)
    assert (kept.torn, kept.doubled) == (0, 0)
    assert [sample["check"] for sample in kept.samples] == ["api", "port"]
    assert {sample["at"] for sample in kept.samples} == {"2025-11-24T12:00:30.000+00:00"}
    assert {sample["slot"] for sample in kept.samples} == {"2025-11-24T12:00:00+00:00"}
    read = [reading for sample in kept.samples for reading in sampler.readings_of(sample)]
    assert [(r.key, r.status, r.reason) for r in read] == [
        (r.key, r.status, r.reason) for r in made.round.readings
    ]


def test_a_second_round_of_one_slot_is_dropped_when_samples_are_read(tmp_path: Path) -> None:
    service = described(tmp_path, "http://127.0.0.1:1")
    sampled(service, 0)
    sampled(service, 0.5)
    kept = samples.read(service.samples_folder, DAY)
    assert (len(kept.samples), kept.doubled) == (1, 1)


def test_a_change_is_seen_and_no_change_is_not(tmp_path: Path) -> None:
    with BadServer({"/api": said({"status": "up"})}) as server:
        service = described(tmp_path, server.url)
        assert sampled(service, 0).has_changed  # from nothing
        assert not sampled(service, 1).has_changed
        server.answers = {"/api": answered(500)}
        assert sampled(service, 2).has_changed
        assert not sampled(service, 3).has_changed


def test_a_check_that_was_taken_out_of_the_file_is_no_change_for_ever(tmp_path: Path) -> None:
    sampled(described(tmp_path, "http://127.0.0.1:1", more=TCP), 0)
    service = described(tmp_path, "http://127.0.0.1:1")
    assert not sampled(service, 1).has_changed


def test_services_are_sampled_together_and_one_that_cannot_be_written_stops_no_other(
    tmp_path: Path,
) -> None:
    bad = described(tmp_path, "http://127.0.0.1:1", "bad")
    Path(bad.state_dir).parent.mkdir()
    Path(bad.state_dir).write_text("a file where the folder should be")
    good = described(tmp_path, "http://127.0.0.1:1", "good")
    made, failed = network.run(sampler.sample_due([bad, good], NOW))
    assert [sampled.service.name for sampled in made] == ["good"]
    assert [error.code for error in failed] == ["storage.failed"]
    assert len(samples.read(good.samples_folder, DAY).samples) == 1


def test_one_whose_samples_cannot_be_read_stops_no_other(tmp_path: Path) -> None:
    bad = described(tmp_path, "http://127.0.0.1:1", "bad")
    bad.samples_folder.parent.mkdir(parents=True)
    bad.samples_folder.symlink_to(bad.samples_folder)  # no path at all
    good = described(tmp_path, "http://127.0.0.1:1", "good")
    made, failed = network.run(sampler.sample_due([bad, good], NOW))
    assert [sampled.service.name for sampled in made] == ["good"]
    assert [error.code for error in failed] == ["storage.failed"]


def test_what_a_service_says_is_kept_whatever_letters_it_uses(tmp_path: Path) -> None:
    body = '{"status": "\\ud83d 坏 \\u0000\\u001b[31m"}'
    with BadServer({"/api": answered(200, body.encode())}) as server:
        service = described(tmp_path, server.url)
        sampled(service)
    (sample,) = samples.read(service.samples_folder, DAY).samples
    (reading,) = sampler.readings_of(sample)
    assert str(reading.reason) == (
        "“坏 [31m” at “status” is in none of the lists healthy, degraded, unhealthy"
    )
