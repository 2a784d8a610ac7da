"""The calls of all workers count together; the one too many is never made."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import cycle, pairwise

import pytest
import redis
from flask import Flask
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy.exc import OperationalError

from ppplanner.integrations.exact.call_counts import SPAN, Count, Priority, State
from ppplanner.integrations.exact.call_stores import Change, RedisStore, Store, TableStore
from ppplanner.integrations.exact.errors import Call, ExactUnavailable
from ppplanner.integrations.exact.limits import Limits, Window, next_midnight
from ppplanner.integrations.exact.quota import Quota, quota_key
from tests.integrations.exact.memory_store import MemoryStore

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
CALL = Call("GET", "crm/Accounts")
KEY = quota_key("https://start.exactonline.be", "client", 1234)
#: For whoever wants to call now or not at all.
NO_TIME = timedelta(0)
#: When the call may go that had to wait for the first of a minute.
A_MINUTE = timedelta(seconds=SPAN, milliseconds=1)


@pytest.fixture
def nobody_waits_for_a_turn() -> None:
    """Here they wait."""


class Clock:
    """A clock that goes on when somebody sleeps, and when it is told to."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def valkey(redis_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
        yield client


@pytest.fixture(params=["memory", "valkey"])
def store(request: pytest.FixtureRequest) -> Store:
    if request.param == "memory":
        return MemoryStore()
    return RedisStore(request.getfixturevalue("valkey"), MemoryStore())


def quota(store: Store, clock: Clock, priority: Priority = "person", key: str = KEY) -> Quota:
    return Quota(store, key, priority, clock, clock.sleep)


def no_redis() -> redis.Redis:
    """A client of a server that is not there, as impatient as the application's own."""
    return redis.Redis(unix_socket_path="/nowhere/v.sock", retry=Retry(NoBackoff(), 0))


def calls_until_refused(one: Quota, at_most: int = 100) -> tuple[int, ExactUnavailable | None]:
    for made in range(at_most):
        try:
            one.wait_for_turn(CALL, NO_TIME)
        except ExactUnavailable as refused:
            return made, refused
    return at_most, None


def window(left: int, seconds: float, allowed: int = 60) -> Window:
    return Window(allowed, left, NOW + timedelta(seconds=seconds))


class Exact:
    """Exact as it counts: a minute begins with its first call, or with the clock's."""

    def __init__(self, clock: Clock, begins: Callable[[datetime], datetime]) -> None:
        self._clock, self._begins = clock, begins
        self._ends, self.left, self.refused = NOW, 60, 0

    def answer(self) -> Limits:
        if self._clock.now >= self._ends:
            self._ends = self._begins(self._clock.now) + timedelta(minutes=1)
            self.left = 60
        self.refused += self.left == 0
        self.left = max(0, self.left - 1)
        return Limits(Window(60, self.left, self._ends), None)


def with_the_first_call(moment: datetime) -> datetime:
    return moment


def with_the_clock(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def work(
    one: Quota, clock: Clock, exact: Exact, minutes: float, took: tuple[float, ...] = (0.3,)
) -> list[datetime]:
    """When calls were made in these minutes, each taking so many seconds in turn."""
    made: list[datetime] = []
    ends = clock.now + timedelta(minutes=minutes)
    for seconds in cycle(took):
        one.wait_for_turn(CALL)
        if clock.now >= ends:
            return made
        made.append(clock.now)
        clock.sleep(seconds / 2)
        limits = exact.answer()
        clock.sleep(seconds / 2)
        one.on_limits(limits)
    return made


def test_sixty_calls_a_minute_and_no_more(store: Store, clock: Clock) -> None:
    made, refused = calls_until_refused(quota(store, clock))
    assert made == 60
    assert refused is not None
    assert (refused.reason, refused.retry_at) == ("minute", NOW + A_MINUTE)


def test_the_next_minute_starts_anew(store: Store, clock: Clock) -> None:
    one = quota(store, clock)
    calls_until_refused(one)
    clock.now += timedelta(seconds=61)
    assert calls_until_refused(one)[0] == 60


def test_background_work_is_spread_once_a_third_of_the_minute_went_at_once(
    store: Store, clock: Clock
) -> None:
    one = quota(store, clock, "background")
    assert calls_until_refused(one)[0] == 20
    made = work(one, clock, Exact(clock, with_the_first_call), minutes=0.95)
    pauses = [after - before for before, after in pairwise(made)]
    assert max(pauses) < timedelta(seconds=2)


def test_background_work_leaves_some_calls_to_people(store: Store, clock: Clock) -> None:
    worker = quota(store, clock, "background")
    for _ in range(58):
        worker.wait_for_turn(CALL)
    assert clock.now < NOW + timedelta(minutes=1)
    assert calls_until_refused(worker)[0] == 0
    assert calls_until_refused(quota(store, clock, "person"))[0] == 2


def test_two_workers_count_together(store: Store, clock: Clock) -> None:
    first, second = quota(store, clock), quota(store, clock)
    for _ in range(20):
        first.wait_for_turn(CALL, NO_TIME)
    assert calls_until_refused(second)[0] == 40


def test_each_administration_has_its_own_count(store: Store, clock: Clock) -> None:
    calls_until_refused(quota(store, clock))
    other = quota(store, clock, key=quota_key("https://start.exactonline.be", "client", 5))
    assert calls_until_refused(other)[0] == 60


def test_exacts_own_count_goes_when_it_is_lower(store: Store, clock: Clock) -> None:
    one = quota(store, clock)
    one.wait_for_turn(CALL, NO_TIME)
    one.on_limits(Limits(window(3, 20), None))
    made, refused = calls_until_refused(one)
    assert made == 3
    assert refused is not None
    assert refused.retry_at == NOW + timedelta(seconds=21, milliseconds=1)


def test_calls_under_way_stay_counted(store: Store, clock: Clock) -> None:
    one = quota(store, clock)
    one.on_limits(Limits(window(60, 20), None))
    for _ in range(10):
        one.wait_for_turn(CALL, NO_TIME)
    one.on_limits(Limits(window(59, 20), None))
    assert calls_until_refused(one)[0] == 50


def test_moments_that_exact_rounds_otherwise_are_the_same_minute(
    store: Store, clock: Clock
) -> None:
    one = quota(store, clock)
    for _ in range(10):
        one.wait_for_turn(CALL, NO_TIME)
    for off in (0.0, 0.4, -0.4):
        one.on_limits(Limits(window(59, 20 + off), None))
    one.on_limits(Limits(window(30, 19.7), None))
    assert calls_until_refused(one)[0] == 30


def test_an_answer_from_the_minute_before_changes_nothing(store: Store, clock: Clock) -> None:
    one = quota(store, clock)
    one.on_limits(Limits(window(60, 50), None))
    for _ in range(10):
        one.wait_for_turn(CALL, NO_TIME)
    one.on_limits(Limits(window(0, -10), None))
    assert calls_until_refused(one)[0] == 50


def test_a_new_minute_at_exact_is_taken_over(store: Store, clock: Clock) -> None:
    one = quota(store, clock)
    one.on_limits(Limits(window(0, 20), None))
    one.on_limits(Limits(window(59, 80), None))
    assert calls_until_refused(one)[0] == 59


def test_an_app_with_higher_limits_may_use_them(store: Store, clock: Clock) -> None:
    one = quota(store, clock)
    one.wait_for_turn(CALL, NO_TIME)
    one.on_limits(Limits(window(299, 30, allowed=300), None))
    assert calls_until_refused(one, at_most=400)[0] == 299


def test_a_missing_group_changes_nothing(store: Store, clock: Clock) -> None:
    one = quota(store, clock)
    one.on_limits(Limits())
    one.on_limits(Limits(Window(None, None, None), None))
    assert calls_until_refused(one)[0] == 60


@pytest.mark.parametrize("limit", ["-60", "0", "1", "2"])
def test_a_limit_that_makes_no_sense_breaks_nothing(clock: Clock, limit: str) -> None:
    answer = Limits.from_headers({"X-RateLimit-Minutely-Limit": limit}, NOW)
    for priority in ("person", "background"):
        one = quota(MemoryStore(), clock, priority)
        one.on_limits(answer)
        one.wait_for_turn(CALL, NO_TIME)


def test_a_minute_that_is_said_to_end_in_hours_rests_nobody_for_so_long(clock: Clock) -> None:
    tonight = (NOW + timedelta(hours=12)).timestamp() * 1000
    headers = {
        "X-RateLimit-Minutely-Remaining": "2",
        "X-RateLimit-Minutely-Reset": f"{tonight:.0f}",
    }
    worker = quota(MemoryStore(), clock, "background")
    for _n in range(120):
        worker.on_limits(Limits.from_headers(headers, clock.now))
        worker.wait_for_turn(CALL)
    assert clock.now < NOW + timedelta(minutes=3)


def test_a_clock_that_is_put_back_stops_nobody(clock: Clock) -> None:
    worker = quota(MemoryStore(), clock, "background")
    midnight = Window(5000, 100, next_midnight(NOW) + timedelta(days=365))
    for _n in range(58):
        worker.on_limits(Limits(window(2, seconds=30), midnight, NOW + timedelta(days=366)))
    clock.now = NOW + timedelta(days=367)
    for _n in range(58):
        worker.wait_for_turn(CALL)
    clock.now = NOW
    for _n in range(58):
        worker.wait_for_turn(CALL)
    assert clock.now < NOW + timedelta(minutes=2)


def test_a_spent_day_lasts_until_midnight(store: Store, clock: Clock) -> None:
    one = quota(store, clock)
    one.on_limits(Limits(None, Window(5000, 0, next_midnight(NOW))))
    made, refused = calls_until_refused(one)
    assert made == 0
    assert refused is not None
    assert refused.reason == "day"
    assert refused.retry_at == next_midnight(NOW) + timedelta(seconds=1, milliseconds=1)
    clock.now = next_midnight(NOW) + timedelta(seconds=2)
    assert calls_until_refused(one)[0] == 60


def test_the_last_calls_of_a_day_are_for_people(store: Store, clock: Clock) -> None:
    background, person = quota(store, clock, "background"), quota(store, clock)
    person.on_limits(Limits(None, Window(5000, 250, next_midnight(NOW))))
    assert calls_until_refused(background)[0] == 0
    assert calls_until_refused(person)[0] == 60


def test_a_block_holds_for_everybody(store: Store, clock: Clock) -> None:
    quota(store, clock).on_limits(replace(Limits(), blocked_until=NOW + timedelta(hours=1)))
    made, refused = calls_until_refused(quota(store, clock))
    assert made == 0
    assert refused is not None
    assert refused.retry_at == NOW + timedelta(hours=1, seconds=1, milliseconds=1)
    clock.now += timedelta(hours=1, seconds=2)
    assert calls_until_refused(quota(store, clock))[0] == 60


@pytest.mark.parametrize("begins", [with_the_first_call, with_the_clock])
@pytest.mark.parametrize("took", [(0.2,), (0.05, 0.6, 0.3), (0.3, 2.0, 0.3)])
def test_a_long_run_uses_the_limit_and_is_never_refused(
    clock: Clock, begins: Callable[[datetime], datetime], took: tuple[float, ...]
) -> None:
    """Wherever Exact lets its minute begin, and also when every third call takes long."""
    clock.now += timedelta(seconds=37)
    exact = Exact(clock, begins)
    made = work(quota(MemoryStore(), clock, "background"), clock, exact, 5, took)
    assert exact.refused == 0
    assert len(made) >= (0.93 if 2.0 in took else 0.95) * 60 * 5


def test_without_any_header_no_sixty_seconds_have_more_than_sixty_calls(clock: Clock) -> None:
    one = quota(MemoryStore(), clock, "background")
    made: list[datetime] = []
    while clock.now < NOW + timedelta(minutes=3):
        one.wait_for_turn(CALL)
        made.append(clock.now)
    assert all(b - a > timedelta(minutes=1) for a, b in zip(made, made[60:], strict=False))


def test_a_worker_waits_for_its_turn_and_shows_that_it_lives(clock: Clock) -> None:
    one, lives = quota(MemoryStore(), clock, "background"), []
    one.on_limits(Limits(window(0, 40), None))
    assert one.wait_for_turn(CALL, idle=lambda: lives.append(clock.now))
    assert clock.now == NOW + timedelta(seconds=41, milliseconds=1)
    assert all(b - a <= timedelta(seconds=5) for a, b in pairwise([NOW, *lives]))
    assert not one.wait_for_turn(CALL)


def test_a_person_waits_a_few_seconds_and_is_then_told_when(clock: Clock) -> None:
    one = quota(MemoryStore(), clock)
    one.on_limits(Limits(window(0, 1.5), None))
    assert one.wait_for_turn(CALL)
    one.on_limits(Limits(window(0, 30), None))
    with pytest.raises(ExactUnavailable) as refused:
        one.wait_for_turn(CALL)
    assert clock.now < NOW + timedelta(seconds=3)
    assert refused.value.retry_at == NOW + timedelta(seconds=31, milliseconds=1)


def test_nobody_waits_for_midnight(clock: Clock) -> None:
    one = quota(MemoryStore(), clock, "background")
    one.on_limits(Limits(None, Window(5000, 0, next_midnight(NOW))))
    with pytest.raises(ExactUnavailable):
        one.wait_for_turn(CALL)
    assert clock.now == NOW


def test_a_person_finds_a_call_while_work_goes_on(clock: Clock) -> None:
    store, exact = MemoryStore(), Exact(clock, with_the_first_call)
    worker, person = quota(store, clock, "background"), quota(store, clock)
    for _ in range(30):
        work(worker, clock, exact, minutes=0.15)
        person.wait_for_turn(CALL)
        person.on_limits(exact.answer())
    assert exact.refused == 0


# --- where it is counted ----------------------------------------------------------------------


def test_many_workers_at_once_never_make_one_call_too_many(
    valkey: redis.Redis, clock: Clock
) -> None:
    made: list[int] = []

    def work() -> None:
        made.append(calls_until_refused(quota(RedisStore(valkey, MemoryStore()), clock))[0])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(made) == 60


def test_without_redis_all_processes_count_in_the_database(app: Flask, clock: Clock) -> None:
    here, there = (quota(RedisStore(no_redis(), TableStore()), clock) for _ in range(2))
    for _ in range(20):
        here.wait_for_turn(CALL, NO_TIME)
    here.on_limits(Limits(window(35, 30), None))
    assert calls_until_refused(there)[0] == 35


@pytest.mark.one_database
def test_redis_is_not_asked_again_and_again_while_it_is_away(
    app: Flask, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def away(*args: object) -> None:
        asked.append(args)
        raise redis.ConnectionError

    monkeypatch.setattr(redis.Redis, "transaction", away)
    calls_until_refused(quota(RedisStore(no_redis(), TableStore()), clock), at_most=9)
    assert len(asked) == 1


def in_full_use(store: Store, clock: Clock) -> Exact:
    """The minute of Exact after two minutes of work, when a person has just used the rest."""
    exact = Exact(clock, with_the_first_call)
    work(quota(store, clock, "background"), clock, exact, minutes=1.95)
    person = quota(store, clock)
    while exact.left:
        person.wait_for_turn(CALL)
        person.on_limits(exact.answer())
    return exact


def test_an_emptied_redis_does_not_start_from_full(valkey: redis.Redis, clock: Clock) -> None:
    store = RedisStore(valkey, MemoryStore())
    exact = in_full_use(store, clock)
    valkey.flushall()
    flushed = clock.now
    made = work(quota(store, clock, "background"), clock, exact, minutes=2)
    assert exact.refused == 0
    assert made[0] - flushed < timedelta(seconds=6)
    assert len(made) > 110


def test_an_emptied_redis_does_not_forget_the_day(valkey: redis.Redis, clock: Clock) -> None:
    store = RedisStore(valkey, MemoryStore())
    one = quota(store, clock)
    one.on_limits(Limits(None, Window(5000, 70, next_midnight(NOW))))
    for _ in range(20):
        one.wait_for_turn(CALL, NO_TIME)
    valkey.flushall()
    clock.sleep(40)
    assert one.today().left <= 50
    assert one.time_for(1) > timedelta(hours=11)


def test_after_a_quiet_minute_an_emptied_redis_costs_nothing(
    valkey: redis.Redis, clock: Clock
) -> None:
    store = RedisStore(valkey, MemoryStore())
    quota(store, clock).wait_for_turn(CALL, NO_TIME)
    valkey.flushall()
    clock.sleep(120)
    assert calls_until_refused(quota(store, clock))[0] == 60


def test_what_was_counted_without_redis_counts_when_it_is_back(
    valkey: redis.Redis, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    aside = MemoryStore()
    store = RedisStore(valkey, aside)
    quota(store, clock).wait_for_turn(CALL, NO_TIME)
    clock.sleep(70)
    with monkeypatch.context() as patch:
        patch.setattr(store, "_client", no_redis())
        clock.sleep(40)  # a whole minute may have been used meanwhile
        away = quota(store, clock)
        for _ in range(40):
            away.wait_for_turn(CALL, NO_TIME)
    monkeypatch.setattr(store, "_away_until", 0.0)
    assert calls_until_refused(quota(store, clock))[0] == 20
    assert calls_until_refused(quota(RedisStore(valkey, aside), clock))[0] == 0


class BrokenStore(MemoryStore):
    """Its database does not answer."""

    def update(self, key: str, fresh: State, change: Change) -> None:
        raise OperationalError("update", {}, Exception("locked"))

    def read(self, key: str) -> State | None:
        raise OperationalError("select", {}, Exception("locked"))


def test_what_cannot_be_noted_aside_breaks_no_call(valkey: redis.Redis, clock: Clock) -> None:
    one = quota(RedisStore(valkey, BrokenStore()), clock)
    one.wait_for_turn(CALL, NO_TIME)
    one.on_limits(Limits(window(10, 60)))
    assert calls_until_refused(one)[0] == 10


def test_while_nobody_can_count_calls_go_on(clock: Clock) -> None:
    one = quota(RedisStore(no_redis(), BrokenStore()), clock)
    one.wait_for_turn(CALL, NO_TIME)
    one.on_limits(Limits(window(59, 60)))


def test_a_count_of_another_version_is_started_anew(valkey: redis.Redis, clock: Clock) -> None:
    valkey.hset(KEY, mapping={"minute": "7"})
    store = RedisStore(valkey, MemoryStore())
    assert calls_until_refused(quota(store, clock))[0] == 60


def test_the_count_is_forgotten_some_day(valkey: redis.Redis, clock: Clock) -> None:
    quota(RedisStore(valkey, MemoryStore()), clock).wait_for_turn(CALL, NO_TIME)
    assert 0 < int(valkey.ttl(KEY)) <= 2 * 24 * 3600


# --- how long it takes ------------------------------------------------------------------------


@pytest.mark.parametrize("calls", [15, 45, 200, 1000])
@pytest.mark.parametrize("seconds", [0.3, 1.8])
def test_the_time_that_calls_need_is_told_within_a_tenth(
    clock: Clock, calls: int, seconds: float
) -> None:
    one, exact = quota(MemoryStore(), clock, "background"), Exact(clock, with_the_first_call)
    work(one, clock, exact, 1.3, (seconds,))
    told, began = one.time_for(calls), clock.now
    for _ in range(calls):
        one.wait_for_turn(CALL)
        clock.sleep(seconds)
        one.on_limits(exact.answer())
    assert abs(told - (clock.now - began)) <= (clock.now - began) * 0.1


def test_a_slow_call_now_and_then_does_not_count_for_all(clock: Clock) -> None:
    one, exact = quota(MemoryStore(), clock, "background"), Exact(clock, with_the_first_call)
    work(one, clock, exact, 2, (0.4, 0.4, 0.4, 3.0, 0.4, 0.4))
    assert timedelta(seconds=200) < one.time_for(200) < timedelta(seconds=215)


def test_what_the_day_does_not_allow_comes_after_midnight(clock: Clock) -> None:
    one = quota(MemoryStore(), clock, "background")
    one.on_limits(Limits(None, Window(5000, 350, next_midnight(NOW))))
    told = one.time_for(100 + 575)
    assert timedelta(hours=12, minutes=9) < told < timedelta(hours=12, minutes=11)
    assert one.time_for(100) < timedelta(minutes=2)


def test_the_day_s_calls_are_new_when_midnight_comes_first(clock: Clock) -> None:
    clock.now = next_midnight(NOW) - timedelta(minutes=10)
    one = quota(MemoryStore(), clock, "background")
    one.on_limits(Limits(None, Window(5000, 1500, next_midnight(NOW))))
    assert timedelta(minutes=34) < one.time_for(2000) < timedelta(minutes=36)


def test_of_two_counts_the_worse_is_believed() -> None:
    told = State(Count(60, 20, 90.0, guessed=False), Count(5000, 40, 900.0), recent=(1.0,))
    other = State(Count(60, 60, 95.0), Count(5000, 30, 900.0), blocked_until=7.0, recent=(2.0,))
    both = replace(told, day=other.day, blocked_until=7.0, recent=(1.0, 2.0))
    assert told.joined(other) == other.joined(told) == both
