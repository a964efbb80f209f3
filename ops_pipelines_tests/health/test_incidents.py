"""Readings become incidents, by data alone: each trouble is one, whatever it is cut into."""

import json
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_pipelines.health import memory
from ops_pipelines.health.incidents import Incident, Memory, follow
from ops_pipelines.health.reading import Key, Reading
from ops_pipelines.report import Reason, Status
from ops_pipelines.settings.service import Service
from ops_pipelines_tests.health.rounds import NOW

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
SERVICE = Service.model_validate(
    {
        "name": "rag",
        "base_url": "http://127.0.0.1:1",
        "health": {
            "checks": [
                {"name": "api", "url": "/"},
                {"name": "detailed", "url": "/d", "components": "c", "depends_on": ["api"]},
                {"name": "llm", "url": "/l", "depends_on": ["api"]},
                {"name": "answers", "kind": "rag", "url": "/a", "body": {}, "depends_on": ["llm"]},
            ]
        },
    },
    context={"folder": "/nowhere/services"},
)
API: Key = ("api", None)
LLM: Key = ("llm", None)
ANSWERS: Key = ("answers", None)
DETAILED: Key = ("detailed", None)
DATABASE: Key = ("detailed", "database")
WORDS = {"+": Status.HEALTHY, "-": Status.UNHEALTHY, "~": Status.DEGRADED, "?": Status.UNKNOWN}
START = Memory(NOW - MINUTE)
Rounds = list[tuple[datetime, list[Reading]]]


def reading(key: Key, letter: str) -> Reading:
    status = WORDS[letter]
    reason = None if status is Status.HEALTHY else Reason("health.says", {"word": letter})
    return Reading(*key, status, reason=reason)


def rounds(first_minute: float = 0, **told: str) -> Rounds:
    """A round a minute; of each check a letter a round: `+`, `-`, `~`, `?`, and space for none.

    `database` is a component of `detailed`.
    """
    keys = {name: DATABASE if name == "database" else (name, None) for name in told}
    found: Rounds = []
    for number in range(max(map(len, told.values()))):
        letters = {keys[name]: text[number : number + 1].strip() for name, text in told.items()}
        at = NOW + (first_minute + number) * MINUTE
        found.append((at, [reading(key, letter) for key, letter in letters.items() if letter]))
    return found


def told(found: Rounds, start: Memory = START) -> list[Incident]:
    """All incidents, the open ones last."""
    after, closed = follow(start, found, SERVICE)
    return [*closed, *(track.incident for track in after.tracks.values() if track.incident)]


def minutes(incident: Incident) -> tuple[float, float | None]:
    """From when to when it lasted."""
    end = (incident.end - NOW) / MINUTE if incident.end else None
    return (incident.start - NOW) / MINUTE, end


# Thresholds


@pytest.mark.parametrize(
    ("probes", "wanted"),
    [
        ("+++++", []),
        ("+--+--+--+", []),
        ("+-+-+-+-+-+-+-+", []),
        ("++---", [(2, None)]),
        ("++---+", [(2, None)]),
        ("++---++", [(2, 5)]),
        ("---++---++", [(0, 3), (5, 8)]),
        ("---+-+-+-++", [(0, 9)]),
        ("-?~++", [(0, 3)]),
        ("???", [(0, None)]),
        ("---", [(0, None)]),
        ("--", []),
    ],
)
def test_an_incident_opens_and_closes_with_its_thresholds(
    probes: str, wanted: list[tuple[float, float | None]]
) -> None:
    assert list(map(minutes, told(rounds(api=probes)))) == wanted


def test_thresholds_of_one_open_and_close_at_once() -> None:
    health = SERVICE.health.model_copy(update={"failure_threshold": 1, "recovery_threshold": 1})
    service = SERVICE.model_copy(update={"health": health})
    _, closed = follow(START, rounds(api="+-+-+"), service)
    assert list(map(minutes, closed)) == [(1, 2), (3, 4)]


def test_it_keeps_the_evidence_of_its_first_and_of_its_worst_probe() -> None:
    (incident,) = told(rounds(api="+~?-~-++"))
    assert (incident.first.at, incident.first.status) == (NOW + MINUTE, Status.DEGRADED)
    assert (incident.worst.at, incident.worst.status) == (NOW + 3 * MINUTE, Status.UNHEALTHY)
    assert incident.worst.reason == Reason("health.says", {"word": "-"})
    stored = json.loads(json.dumps(incident.stored()))
    assert stored["duration_seconds"] == 300
    assert stored["status"] == "unhealthy"
    assert Incident.restored(stored) == incident


# Gaps: suspended machines, missed rounds


@pytest.mark.parametrize(
    ("before", "gap", "after", "wanted"),
    [
        ("--", 2, "-", [(0, None)]),  # one missed round is none
        ("--", 3, "-", []),
        ("--", 3, "---", [(4, None)]),
        ("---", 3, "++", [(0, 5)]),
        ("---+", 3, "+", [(0, None)]),
        ("---+", 3, "++", [(0, 6)]),
        ("---", 60 * 24 * 6, "-", [(0, None)]),
    ],
)
def test_a_gap_opens_and_closes_nothing(
    before: str, gap: int, after: str, wanted: list[tuple[float, float | None]]
) -> None:
    later = rounds(len(before) - 1 + gap, api=after)
    assert list(map(minutes, told([*rounds(api=before), *later]))) == wanted


def test_rounds_that_are_late_are_no_gap() -> None:
    late = [(at + number % 2 * 0.9 * MINUTE, r) for number, (at, r) in enumerate(rounds(api="---"))]
    assert len(told(late)) == 1


# Verdicts that hold


def held(key: Key, letter: str, at: datetime) -> Reading:
    found = reading(key, letter)
    return Reading(*key, found.status, reason=found.reason, asked=False, probed_at=at)


def holding(letters: str, then: int) -> Rounds:
    """Probes, one a round, and after them rounds in which the last one holds."""
    found = rounds(answers=letters)
    last = found[-1][0]
    return [
        *found,
        *((last + n * MINUTE, [held(ANSWERS, letters[-1], last)]) for n in range(1, then + 1)),
    ]


def test_a_bad_verdict_that_holds_is_one_probe() -> None:
    assert told(holding("+--", 100)) == []


def test_a_good_verdict_that_holds_is_one_probe() -> None:
    (incident,) = told(holding("---+", 100))
    assert incident.end is None


def test_probes_between_which_a_verdict_holds_are_in_a_row() -> None:
    found = [*holding("+--", 100), *rounds(103, answers="-")]
    assert list(map(minutes, told(found))) == [(1, None)]


def test_a_verdict_whose_own_round_was_lost_counts_once_when_it_is_first_held() -> None:
    """Somebody probed by hand, or a sample was lost."""
    by_hand = NOW + 30 * timedelta(seconds=1)
    found = [
        *rounds(answers="-"),
        *((NOW + n * MINUTE, [held(ANSWERS, "-", by_hand)]) for n in range(1, 50)),
        *rounds(50, answers="-"),
    ]
    assert list(map(minutes, told(found))) == [(0, None)]
    assert told(found[:-1]) == []


@pytest.mark.parametrize("code", ["health.not_probed", "health.not_asked", "health.offline"])
def test_what_is_no_probe_opens_and_closes_nothing(code: str) -> None:
    def nothing(minute: int) -> tuple[datetime, list[Reading]]:
        reason = Reason(code)
        return NOW + minute * MINUTE, [Reading(*API, Status.UNKNOWN, reason=reason, asked=False)]

    assert told([nothing(minute) for minute in range(100)]) == []
    bad = rounds(api="--") + [nothing(minute) for minute in range(2, 9)]
    assert told(bad) == []
    assert list(map(minutes, told([*bad, *rounds(9, api="-++")]))) == [(0, 10)]


# Causes


def test_an_api_that_is_down_is_one_incident_with_its_symptoms() -> None:
    down = rounds(api="+----++", detailed="+----++", database="+????++", llm="+----++")
    found = told(down)
    assert {incident.key: incident.caused_by for incident in found} == {
        API: None,
        DETAILED: "api",
        DATABASE: "detailed",
        LLM: "api",
    }
    assert {minutes(incident) for incident in found} == {(1, 5)}


def test_components_are_symptoms_of_the_check_that_reports_them() -> None:
    found = told(rounds(detailed="---", database="???", llm="+++"))
    assert [(i.key, i.caused_by) for i in found] == [(DETAILED, None), (DATABASE, "detailed")]


def test_a_component_that_is_ill_by_itself_is_no_symptom() -> None:
    found = told(rounds(api="+++", detailed="+++", database="---"))
    assert [(i.key, i.caused_by) for i in found] == [(DATABASE, None)]


def test_a_component_that_is_worse_than_its_check_is_no_symptom() -> None:
    """The check says degraded because the component is ill."""
    found = told(rounds(detailed="~~~", database="---"))
    assert {i.key: i.caused_by for i in found} == {DETAILED: None, DATABASE: None}
    found = told(rounds(detailed="~~~", database="~~~"))
    assert {i.key: i.caused_by for i in found} == {DETAILED: None, DATABASE: "detailed"}


def test_checks_that_do_not_depend_on_each_other_are_each_their_own() -> None:
    found = told(rounds(llm="---", detailed="---"))
    assert [i.caused_by for i in found] == [None, None]


def test_a_cause_need_not_have_reached_its_own_threshold() -> None:
    found = told(rounds(api=" --", llm="---"))
    assert [(i.key, i.caused_by) for i in found] == [(LLM, "api")]


def test_a_symptom_that_outlives_its_cause_becomes_an_incident_of_its_own() -> None:
    found = told(rounds(api="---++++", llm="-------"))
    assert [(i.key, i.caused_by, minutes(i)) for i in found] == [
        (API, None, (0, 3)),
        (LLM, None, (0, None)),
    ]


def test_a_symptom_that_recovers_right_after_its_cause_stays_one() -> None:
    found = told(rounds(api="---++++", llm="----+++"))
    assert [(i.key, i.caused_by, minutes(i)) for i in found] == [
        (API, None, (0, 3)),
        (LLM, "api", (0, 4)),
    ]


def test_an_incident_of_its_own_does_not_become_a_symptom_later() -> None:
    found = told(rounds(api="+++---", llm="------"))
    assert {i.key: i.caused_by for i in found} == {LLM: None, API: None}


def test_what_depends_on_a_symptom_is_its_symptom() -> None:
    found = told(rounds(api="---", llm="---", answers="---"))
    assert {i.key: i.caused_by for i in found} == {API: None, LLM: "api", ANSWERS: "llm"}


# Components that are gone


def test_a_component_of_which_its_check_no_longer_speaks_is_forgotten_with_its_incident() -> None:
    found = told([*rounds(detailed="+++", database="???"), *rounds(3, detailed="++")])
    assert [(i.key, minutes(i)) for i in found] == [(DATABASE, (0, 2))]


def test_a_check_that_is_read_no_more_is_forgotten_after_a_week() -> None:
    gone = rounds(llm="---")
    later = [*gone, *rounds(60 * 24 * 6, api="+")]
    assert list(map(minutes, told(later))) == [(0, None)]
    assert list(map(minutes, told([*later, *rounds(60 * 24 * 7 + 3, api="+")]))) == [(0, 2)]


# Laws

KEYS = (API, DETAILED, DATABASE, LLM, ANSWERS)


@st.composite
def histories(draw: st.DrawFn) -> Rounds:
    """Rounds with gaps and flapping, checks that answer or not, and verdicts that hold."""
    at, found = NOW, []
    probed: dict[Key, tuple[datetime, str]] = {}
    for _ in range(draw(st.integers(0, 40))):
        at += draw(st.sampled_from([1, 1, 1, 1, 1.5, 2, 3, 60])) * MINUTE
        letters = {key: draw(st.sampled_from("+-+-~? ")) for key in (API, DETAILED, LLM)}
        letters[ANSWERS] = draw(st.sampled_from("+-..... "))
        if letters[DETAILED] in WORDS:
            letters[DATABASE] = draw(st.sampled_from("+-?"))
        readings = []
        for key, letter in letters.items():
            if letter in WORDS:
                readings.append(reading(key, letter))
                probed[key] = (at, letter)
            elif letter == "." and key in probed:
                readings.append(held(key, probed[key][1], probed[key][0]))
        found.append((at, readings))
    return found


def through_json(found: Memory) -> Memory:
    return memory.restored(json.loads(json.dumps(memory.stored(found))))


def state(found: Memory) -> object:
    """What matters of a memory."""
    return found.at, dict(found.tracks)


@given(histories(), st.data())
def test_it_makes_no_difference_where_time_is_cut(found: Rounds, data: st.DataObject) -> None:
    whole, closed = follow(START, found, SERVICE)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(found)), max_size=6)))
    after, pieces = START, []
    for start, end in zip([0, *cuts], [*cuts, len(found)], strict=True):
        after, ended = follow(through_json(after), found[start:end], SERVICE)
        pieces += ended
    assert pieces == closed
    assert state(through_json(after)) == state(through_json(whole))


@given(histories(), st.timedeltas(timedelta(days=-300), timedelta(days=300)))
def test_shifting_all_times_shifts_all_incidents(found: Rounds, by: timedelta) -> None:
    shifted = [(at + by, [_shifted(r, by) for r in readings]) for at, readings in found]
    moved = told(shifted, Memory(START.at + by))
    assert [(i.key, i.caused_by, i.start, i.end) for i in moved] == [
        (i.key, i.caused_by, i.start + by, i.end + by if i.end else None) for i in told(found)
    ]


def _shifted(found: Reading, by: timedelta) -> Reading:
    at = found.probed_at + by if found.probed_at else None
    return Reading(*found.key, found.status, None, found.reason, {}, found.asked, at)


@given(histories())
def test_incidents_of_one_component_never_overlap(found: Rounds) -> None:
    for key in KEYS:
        own = sorted((i for i in told(found) if i.key == key), key=lambda i: i.start)
        for earlier, later in pairwise(own):
            assert earlier.end is not None
            assert earlier.start < earlier.end <= later.start


@given(histories())
def test_an_incident_begins_with_a_bad_probe_and_ends_with_a_good_one(found: Rounds) -> None:
    probes = {
        (r.key, r.last_check(at)): r.status is Status.HEALTHY
        for at, readings in found
        for r in readings
    }
    for incident in told(found):
        assert probes[incident.key, incident.start] is False
        assert incident.first.status.badness <= incident.worst.status.badness
        assert incident.end is None or probes[incident.key, incident.end] is True


@given(st.text("+-~?", min_size=1, max_size=60))
def test_the_incidents_of_a_row_without_gaps_are_those_that_one_counts_by_hand(row: str) -> None:
    assert [minutes(incident) for incident in told(rounds(api=row))] == _by_hand(row)


def _by_hand(row: str) -> list[tuple[int, int | None]]:
    """From the first three bad ones in a row to the next two good ones in a row, and on."""
    bad = "".join("+" if letter == "+" else "-" for letter in row)
    found: list[tuple[int, int | None]] = []
    position = 0
    while (start := bad.find("---", position)) >= 0:
        end = bad.find("++", start)
        found.append((start, end if end >= 0 else None))
        if end < 0:
            break
        position = end
    return found


@given(histories(), st.integers(1, 6))
def test_each_incident_has_as_many_bad_probes_as_its_threshold(
    found: Rounds, threshold: int
) -> None:
    health = SERVICE.health.model_copy(update={"failure_threshold": threshold})
    after, closed = follow(START, found, SERVICE.model_copy(update={"health": health}))
    still = [track.incident for track in after.tracks.values() if track.incident]
    for incident in [*closed, *still]:
        bad = {
            r.last_check(at) or at
            for at, readings in found
            for r in readings
            if r.key == incident.key and r.status is not Status.HEALTHY
        }
        end = incident.end or found[-1][0] + MINUTE
        assert sum(incident.start <= at < end for at in bad) >= threshold
