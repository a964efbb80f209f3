"""When a check that costs money is probed: within its budget, and soon after a change.

By data alone: a simulated `paid` hands the memory from round to round.
"""

import json
from bisect import bisect_left
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ops_pipelines.health import budget
from ops_pipelines.health.budget import Memory, Purpose
from ops_pipelines.health.reading import Reading
from ops_pipelines.report import Reason, Status
from ops_pipelines.settings.health import Health
from ops_pipelines.settings.paid_checks import OpenAiCheck, RagCheck
from ops_pipelines_tests.health.rounds import NOW

Outcome = Literal["well", "ill", "killed"]
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
HEALTH = Health(failure_threshold=3, recovery_threshold=2)
Check = OpenAiCheck | RagCheck


def rag(calls_per_day: int) -> RagCheck:
    return RagCheck(name="answers", kind="rag", url="/", body={}, calls_per_day=calls_per_day)


def openai(calls_per_day: int) -> OpenAiCheck:
    return OpenAiCheck(
        name="model", kind="openai", model="a", embedding_model="b", calls_per_day=calls_per_day
    )


@dataclass
class Simulated:
    """Rounds of one paid check; every call is noted with its time and what it was for."""

    check: Check
    memory: Memory = field(default_factory=Memory)
    calls: list[tuple[datetime, Purpose]] = field(default_factory=list)
    probes: list[tuple[datetime, Purpose]] = field(default_factory=list)
    unknown: list[datetime] = field(default_factory=list)

    def round(self, now: datetime, outcome: Outcome = "well", *, by_hand: bool = False) -> None:
        why = budget.purpose(self.check, self.memory, now) or ("by_hand" if by_hand else None)
        if why is not None and self.spend(self.check.calls_per_probe, why, now):
            self.probes.append((now, why))
            if outcome != "killed":
                self.memory = budget.remember(
                    self.memory, [said(outcome, self.check.name)], HEALTH, now
                )
        elif not budget.held(self.check, self.memory, now):
            self.unknown.append(now)

    def spend(self, calls: int, why: Purpose, now: datetime) -> bool:
        spent = budget.spend(self.check, self.memory, calls, why, now, now.date())
        if spent is not None:
            self.memory = spent
            self.calls += [(now, why)] * calls
        return spent is not None

    def most_in_a_day(self, *, without: str = "") -> int:
        """The most calls that any 24 hours saw."""
        times = sorted(at for at, why in self.calls if why != without)
        windows = enumerate(times)
        return max((bisect_left(times, at + DAY) - index for index, at in windows), default=0)


def said(outcome: Outcome, check: str = "answers") -> Reading:
    if outcome == "well":
        return Reading(check, None, Status.HEALTHY, 0.5)
    return Reading(check, None, Status.UNHEALTHY, reason=Reason("health.says", {"word": "ill"}))


def days_of_rounds(check: Check, days: int) -> Simulated:
    found = Simulated(check)
    for number in range(days * 24 * 60):
        found.round(NOW + number * MINUTE)
    return found


# The interval


@pytest.mark.parametrize(
    ("check", "wanted"),
    [
        (rag(24), HOUR),
        (openai(48), HOUR),
        (openai(2), DAY),
        (rag(8), 3 * HOUR),
        (rag(1440), MINUTE),
        (openai(25), 2 * HOUR),  # the odd call makes no probe
    ],
)
def test_the_interval_is_a_day_by_calls_a_probe_and_calls_a_day(
    check: Check, wanted: timedelta
) -> None:
    assert budget.interval(check) == wanted


def test_probes_are_one_interval_apart_but_of_ten_one_is_left_out() -> None:
    found = days_of_rounds(openai(48), 2)
    hours = [(at - NOW) / HOUR for at, _ in found.probes]
    assert hours == [hour for hour in range(48) if hour % 10 != 9]
    assert found.most_in_a_day() == 44


def test_of_fewer_than_ten_probes_a_day_none_is_left_out() -> None:
    assert [(at - NOW) / HOUR for at, _ in days_of_rounds(rag(8), 2).probes] == [*range(0, 48, 3)]


@pytest.mark.parametrize("check", [rag(n) for n in (1, 7, 9, 10, 11, 19, 24, 37, 100, 1440)]
                         + [openai(n) for n in (2, 3, 19, 20, 25, 38, 48, 99)])  # fmt: skip
def test_a_check_that_stays_well_is_never_without_a_verdict(check: Check) -> None:
    found = days_of_rounds(check, 3)
    assert found.unknown == []
    assert found.most_in_a_day() <= check.calls_per_day
    assert found.most_in_a_day() >= 0.8 * (check.calls_per_day - 1)


def test_a_verdict_holds_for_two_intervals_and_carries_the_time_of_its_probe() -> None:
    check = rag(24)
    memory = budget.remember(Memory(), [said("well")], HEALTH, NOW)
    (held,) = budget.held(check, memory, NOW + 2 * HOUR - MINUTE)
    assert (held.status, held.asked, held.probed_at) == (Status.HEALTHY, False, NOW)
    assert budget.held(check, memory, NOW + 2 * HOUR) == []


# Confirming


def test_a_failure_is_confirmed_in_each_round_until_the_threshold_and_so_is_a_recovery() -> None:
    found = Simulated(rag(48))
    for minute in range(100):
        found.round(NOW + minute * MINUTE, "ill" if minute < 35 else "well")
    assert [((at - NOW) / MINUTE, why) for at, why in found.probes] == [
        (0, "regular"),
        (1, "confirming"),
        (2, "confirming"),
        (32, "regular"),
        (62, "regular"),
        (63, "confirming"),
        (93, "regular"),
    ]
    assert found.memory.confirmed


def test_a_failure_that_does_not_last_is_not_confirmed_on_and_on() -> None:
    found = Simulated(rag(48))
    for minute, outcome in enumerate(["ill", "well", *["well"] * 20]):
        found.round(NOW + minute * MINUTE, "ill" if outcome == "ill" else "well")
    assert [why for _, why in found.probes] == ["regular", "confirming"]


def test_the_first_probe_of_all_confirms_nothing_when_it_is_well() -> None:
    found = Simulated(rag(24))
    for minute in range(10):
        found.round(NOW + minute * MINUTE)
    assert len(found.probes) == 1


@pytest.mark.parametrize("check", [rag(24), openai(48), rag(100)])
def test_after_days_at_full_budget_a_failure_is_still_confirmed_at_once(check: Check) -> None:
    """And afterwards the regular probes go on: nothing is ever unknown."""
    before = days_of_rounds(check, 2)
    for hours in range(48, 59):  # wherever in its ten probes it fails
        found, start = deepcopy(before), NOW + hours * HOUR
        for minute in range(60):
            before.round(start + minute * MINUTE)
        for minute in [*range(240), *range(240, 30 * 60, 5)]:
            found.round(start + minute * MINUTE, "ill" if minute < 90 else "well")
        after = [at for at, why in found.probes if why == "confirming"]
        first = min(at for at, _ in found.probes if at >= start)
        assert after[:2] == [first + MINUTE, first + 2 * MINUTE]
        assert found.unknown == []
        assert found.most_in_a_day() <= check.calls_per_day


# By hand


def test_by_hand_it_is_always_time_while_the_regular_budget_lasts_and_the_tenth_is_spared() -> None:
    found = Simulated(rag(24))
    for second in range(40):
        found.round(NOW + timedelta(seconds=second), by_hand=True)
    assert len(found.calls) == 22


def test_by_hand_a_failure_is_confirmed_like_in_any_round() -> None:
    found = Simulated(rag(24))
    for second in range(3):
        found.round(NOW + timedelta(seconds=second), "ill", by_hand=True)
    assert [why for _, why in found.probes] == ["regular", "confirming", "confirming"]
    assert not found.memory.confirmed


# Clocks that step


@pytest.mark.parametrize("ahead", [timedelta(hours=3), timedelta(days=1825)])
def test_a_clock_that_ran_ahead_freezes_neither_verdict_nor_budget(ahead: timedelta) -> None:
    found = Simulated(rag(24))
    found.round(NOW + ahead)
    for minute in range(24 * 60):
        found.round(NOW + minute * MINUTE)
    assert found.probes[1][0] == NOW
    assert len(found.probes) >= 21
    assert found.unknown == []


def test_a_clock_that_steps_back_a_little_asks_nothing_twice() -> None:
    found = Simulated(rag(24))
    found.round(NOW)
    found.round(NOW - 5 * MINUTE)
    assert len(found.probes) == 1


# What is counted


def test_the_calls_of_each_day_are_counted_and_old_days_forgotten() -> None:
    memory = Memory()
    for day in range(120):
        at = NOW + day * DAY
        for _ in range(2):
            spent = budget.spend(rag(10), memory, 1, "regular", at, at.date())
            assert spent
            memory = spent
    assert len(memory.calls_on) == budget.DAYS_COUNTED
    assert memory.calls_on[str((NOW + 119 * DAY).date())] == 2
    assert len(memory.calls) <= 10


def test_no_budget_allows_nothing() -> None:
    assert budget.spend(rag(0), Memory(), 1, "confirming", NOW, NOW.date()) is None


# Laws

CHECKS = st.builds(rag, st.integers(0, 60)) | st.builds(
    openai, st.integers(2, 60).filter(lambda calls: calls != 1)
)
OUTCOMES: st.SearchStrategy[Outcome] = st.sampled_from(["well", "well", "ill", "killed"])
STEPS = st.lists(
    st.tuples(
        st.sampled_from([1, 60, 60, 60, 3600, 7200, 86_399, 86_400]),
        st.integers(1, 90),
        OUTCOMES,
        st.booleans(),
    ),
    max_size=12,
)


def run(check: Check, steps: list[tuple[int, int, Outcome, bool]]) -> Simulated:
    """Rounds that repeat, `seconds` apart; after each its completion may cost a call more."""
    found, now = Simulated(check), NOW
    for seconds, times, outcome, by_hand in steps:
        for _ in range(times):
            now += timedelta(seconds=seconds)
            found.round(now, outcome, by_hand=by_hand)
            if outcome == "killed":
                found.spend(1, "confirming", now)
    return found


@given(CHECKS, STEPS)
@example(rag(10), [(60, 90, "ill", True), (3600, 40, "well", False)])
def test_no_24_hours_see_more_calls_than_are_allowed(check: Check, steps: Any) -> None:
    found = run(check, steps)
    assert found.most_in_a_day() <= check.calls_per_day


@given(CHECKS, STEPS)
def test_a_tenth_of_the_probes_is_left_for_confirming(check: Check, steps: Any) -> None:
    found = run(check, steps)
    kept = check.calls_per_day // check.calls_per_probe // 10 * check.calls_per_probe
    assert found.most_in_a_day(without="confirming") <= check.calls_per_day - kept


@given(CHECKS, STEPS)
def test_only_a_change_is_confirmed_and_never_longer_than_its_threshold(
    check: Check, steps: Any
) -> None:
    """Between two probes that are not for confirming there are fewer than the threshold."""
    found, row = run(check, [step for step in steps if step[2] != "killed"]), 0
    for _, why in found.probes:
        row = row + 1 if why == "confirming" else 0
        assert row <= HEALTH.failure_threshold + HEALTH.recovery_threshold


@given(CHECKS, STEPS)
def test_what_is_remembered_survives_a_restart(check: Check, steps: Any) -> None:
    found = run(check, steps)
    memory = found.memory
    assert Memory.restored(check.name, json.loads(json.dumps(memory.stored()))) == memory
