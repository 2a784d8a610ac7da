"""The calls of all workers count together; the one too many is never made."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from ppplanner.integrations.exact.errors import Call, ExactUnavailable
from ppplanner.integrations.exact.limits import Limits, Window, next_midnight
from ppplanner.integrations.exact.quota import (
    MemoryStore,
    Priority,
    Quota,
    RedisStore,
    Store,
    quota_key,
)

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
CALL = Call("GET", "crm/Accounts")
KEY = quota_key("https://start.exactonline.be", "client", 1234)


class Clock:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


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
    return RedisStore(request.getfixturevalue("valkey"))


def quota(store: Store, clock: Clock, priority: Priority = "person", key: str = KEY) -> Quota:
    return Quota(store, key, priority, clock)


def no_redis() -> redis.Redis:
    """A client of a server that is not there, as impatient as the application's own."""
    return redis.Redis(unix_socket_path="/nowhere/v.sock", retry=Retry(NoBackoff(), 0))


def calls_until_refused(one: Quota, at_most: int = 100) -> tuple[int, ExactUnavailable | None]:
    for made in range(at_most):
        try:
            one.before_call(CALL)
        except ExactUnavailable as refused:
            return made, refused
    return at_most, None


def window(left: int, seconds: float, allowed: int = 60) -> Window:
    return Window(allowed, left, NOW + timedelta(seconds=seconds))


def test_sixty_calls_a_minute_and_no_more(store: Store, clock: Clock) -> None:
    made, refused = calls_until_refused(quota(store, clock))
    assert made == 60
    assert refused is not None
    assert (refused.reason, refused.retry_at) == ("minute", NOW + timedelta(seconds=61))


def test_the_next_minute_starts_anew(store: Store, clock: Clock) -> None:
    one = quota(store, clock)
    calls_until_refused(one)
    clock.now += timedelta(seconds=61)
    assert calls_until_refused(one)[0] == 60


def test_background_work_leaves_some_calls_to_people(store: Store, clock: Clock) -> None:
    assert calls_until_refused(quota(store, clock, "background"))[0] == 50
    assert calls_until_refused(quota(store, clock, "person"))[0] == 10


def test_two_workers_count_together(store: Store, clock: Clock) -> None:
    first, second = quota(store, clock), quota(store, clock)
    for _ in range(20):
        first.before_call(CALL)
    assert calls_until_refused(second)[0] == 40


def test_each_administration_has_its_own_count(store: Store, clock: Clock) -> None:
    calls_until_refused(quota(store, clock))
    other = quota(store, clock, key=quota_key("https://start.exactonline.be", "client", 5))
    assert calls_until_refused(other)[0] == 60


def test_exacts_own_count_goes_when_it_is_lower(store: Store, clock: Clock) -> None:
    one = quota(store, clock)
    one.before_call(CALL)
    one.on_limits(Limits(window(3, 20), None))
    made, refused = calls_until_refused(one)
    assert made == 3
    assert refused is not None
    assert refused.retry_at == NOW + timedelta(seconds=21)


def test_calls_under_way_stay_counted(store: Store, clock: Clock) -> None:
    one = quota(store, clock)
    one.on_limits(Limits(window(60, 20), None))
    for _ in range(10):
        one.before_call(CALL)
    one.on_limits(Limits(window(59, 20), None))
    assert calls_until_refused(one)[0] == 50


def test_an_answer_from_the_minute_before_changes_nothing(store: Store, clock: Clock) -> None:
    one = quota(store, clock)
    one.on_limits(Limits(window(60, 50), None))
    for _ in range(10):
        one.before_call(CALL)
    one.on_limits(Limits(window(0, -10), None))
    assert calls_until_refused(one)[0] == 50


def test_a_new_minute_at_exact_is_taken_over(store: Store, clock: Clock) -> None:
    one = quota(store, clock)
    one.on_limits(Limits(window(0, 20), None))
    one.on_limits(Limits(window(59, 80), None))
    assert calls_until_refused(one)[0] == 59


def test_an_app_with_higher_limits_may_use_them(store: Store, clock: Clock) -> None:
    one = quota(store, clock)
    one.before_call(CALL)
    one.on_limits(Limits(window(299, 30, allowed=300), None))
    assert calls_until_refused(one, at_most=400)[0] == 299


def test_a_missing_group_changes_nothing(store: Store, clock: Clock) -> None:
    one = quota(store, clock)
    one.on_limits(Limits())
    one.on_limits(Limits(Window(None, None, None), None))
    assert calls_until_refused(one)[0] == 60


def test_a_spent_day_lasts_until_midnight(store: Store, clock: Clock) -> None:
    one = quota(store, clock)
    one.on_limits(Limits(None, Window(5000, 0, next_midnight(NOW))))
    made, refused = calls_until_refused(one)
    assert made == 0
    assert refused is not None
    assert (refused.reason, refused.retry_at) == ("day", next_midnight(NOW) + timedelta(seconds=1))
    clock.now = next_midnight(NOW) + timedelta(seconds=1)
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
    assert refused.retry_at == NOW + timedelta(hours=1, seconds=1)
    clock.now += timedelta(hours=1, seconds=1)
    assert calls_until_refused(quota(store, clock))[0] == 60


def test_many_workers_at_once_never_make_one_call_too_many(
    valkey: redis.Redis, clock: Clock
) -> None:
    made: list[int] = []

    def work() -> None:
        made.append(calls_until_refused(quota(RedisStore(valkey), clock))[0])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(made) == 60


def test_without_redis_each_process_counts_for_itself(clock: Clock) -> None:
    assert calls_until_refused(quota(RedisStore(no_redis()), clock))[0] == 60


def test_redis_is_not_asked_again_and_again_while_it_is_away(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def away(*args: object) -> None:
        asked.append(args)
        raise redis.ConnectionError

    monkeypatch.setattr(redis.Redis, "transaction", away)
    calls_until_refused(quota(RedisStore(no_redis()), clock))
    assert len(asked) == 1


def test_a_count_of_another_version_is_started_anew(valkey: redis.Redis, clock: Clock) -> None:
    valkey.hset(KEY, mapping={"minute": "7"})
    assert calls_until_refused(quota(RedisStore(valkey), clock))[0] == 60


def test_the_count_is_forgotten_some_day(valkey: redis.Redis, clock: Clock) -> None:
    quota(RedisStore(valkey), clock).before_call(CALL)
    assert 0 < int(valkey.ttl(KEY)) <= 2 * 24 * 3600
