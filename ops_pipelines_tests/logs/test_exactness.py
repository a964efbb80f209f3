"""The engine agrees with the plainest reading, row by row, on logs that are bad in every way."""

import math

import pytest

from ops_pipelines import quantiles
from ops_pipelines.logs import summary
from ops_pipelines_tests.logs import corpus, reference
from ops_pipelines_tests.logs.reading import UTC, cells, joined, latency, scanned

CORPORA = {
    "few bad lines": (1, 20_000, 0.02),
    "many bad lines": (2, 8_000, 0.5),
    "bad lines alone": (3, 2_000, 1.0),
    "few lines": (4, 50, 0.2),
}


@pytest.mark.parametrize("name", CORPORA)
def test_every_hour_and_label_is_as_in_the_reference(name: str) -> None:
    seed, count, bad_ratio = CORPORA[name]
    lines = list(corpus.lines(seed, count, bad_ratio))
    expected = reference.read(lines, UTC)

    rollup, account = scanned(joined(lines))

    assert account.reasons == expected.rejected
    assert cells(rollup) == {
        key: {name: counts[name] for name in ("lines", "requests", "errors", "failed", "timed")}
        for key, counts in expected.cells.items()
    }
    assert latency(rollup) == dict(expected.latency)


@pytest.mark.parametrize("name", CORPORA)
def test_response_times_are_exact_and_quantiles_within_a_hundredth(name: str) -> None:
    lines = list(corpus.lines(*CORPORA[name]))
    seconds = sorted(reference.read(lines, UTC).seconds)

    facts = summary.facts(scanned(joined(lines))[0], UTC)

    assert facts["avg_response_time"] == pytest.approx(math.fsum(seconds) / len(seconds), abs=1e-8)
    assert facts["max_response_time"] == seconds[-1]
    assert facts["min_response_time"] == seconds[0]
    for point, share in summary.POINTS.items():
        exact = seconds[math.floor(share * (len(seconds) - 1) + 0.5)]
        assert facts["quantiles"][point] == pytest.approx(exact, rel=quantiles.ACCURACY + 1e-6)


@pytest.mark.parametrize("pieces", [1, 7, 1000, 65_536])
def test_how_the_bytes_come_changes_nothing(pieces: int) -> None:
    content = joined(corpus.lines(5, 1_500, 0.3))
    whole, account = scanned(content)

    again, its_account = scanned(content, pieces=pieces)

    assert cells(again) == cells(whole)
    assert latency(again) == latency(whole)
    assert its_account == account


def test_minutes_are_as_in_the_reference() -> None:
    lines = list(corpus.lines(6, 5_000, 0.1))
    expected = reference.read(lines, UTC).minutes

    frame = scanned(joined(lines))[0].tables["minutes"]

    assert {
        int(frame["minute"][row]): {
            name: int(frame[name][row]) for name in ("requests", "errors", "failed", "timed")
        }
        for row in range(len(frame["minute"]))
    } == {minute: dict(counts) for minute, counts in expected.items()}
