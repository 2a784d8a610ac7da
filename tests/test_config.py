"""Deployment settings: read from the environment, refused when wrong, secret where they must be."""

from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.cli import FlaskGroup
from sqlalchemy import make_url

from ppplanner import create_app
from ppplanner.config import BadConfig, Config, new_secret, queue_socket

SECRETS = {"SECRET_KEY": new_secret(), "ENCRYPTION_KEY": new_secret()}
PRODUCTION = {"PPP_ENV": "production", **SECRETS}


def config(tmp_path: Path, **variables: str) -> Config:
    return Config.from_env({"INSTANCE_PATH": str(tmp_path), **variables})


def problem(tmp_path: Path, **variables: str) -> str:
    with pytest.raises(BadConfig) as caught:
        config(tmp_path, **variables)
    return str(caught.value)


def test_everything_has_a_default_that_suits_one_machine(tmp_path: Path) -> None:
    local = config(tmp_path)
    assert make_url(local.database_url).database == str(tmp_path / "ppplanner.db")
    assert local.redis_url.startswith("unix://")
    assert local.own_queue == queue_socket(tmp_path)
    assert local.addons == ("exact",)
    assert not local.production


def test_secrets_are_made_once_and_for_their_owner_only(tmp_path: Path) -> None:
    first, second = config(tmp_path / "new"), config(tmp_path / "new")
    assert (first.secret_key, first.encryption_keys) == (second.secret_key, second.encryption_keys)
    path = tmp_path / "new" / "secrets.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert set(json.loads(path.read_text())) == set(SECRETS)
    assert [file.name for file in path.parent.iterdir()] == ["secrets.json"]


def test_processes_that_start_together_agree_on_the_secrets(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: config(tmp_path).secret_key, range(8)))
    assert len(keys) == 1


def test_two_installations_have_different_secrets(tmp_path: Path) -> None:
    assert config(tmp_path / "a").secret_key != config(tmp_path / "b").secret_key


@pytest.mark.parametrize("missing", ["SECRET_KEY", "ENCRYPTION_KEY"])
@pytest.mark.parametrize("value", ["", "short", "changeme"])
def test_production_refuses_to_start_without_secrets(
    tmp_path: Path, missing: str, value: str
) -> None:
    config(tmp_path)  # secrets of a local installation lie there
    text = problem(tmp_path, **(PRODUCTION | {missing: value}))
    assert missing in text
    assert "./ppp secret" in text


def test_production_makes_no_secrets_of_its_own(tmp_path: Path) -> None:
    assert config(tmp_path, **PRODUCTION).production
    assert list(tmp_path.iterdir()) == []


def test_no_secret_is_shown_when_the_configuration_is_printed(tmp_path: Path) -> None:
    shown = repr(config(tmp_path, **PRODUCTION))
    assert not any(secret in shown for secret in SECRETS.values())


@pytest.mark.parametrize("key", ["x" * 44, "{good},wrong"])
def test_an_encryption_key_that_is_none_is_refused_at_the_start(tmp_path: Path, key: str) -> None:
    wrong = key.format(good=SECRETS["ENCRYPTION_KEY"])
    assert "ENCRYPTION_KEY" in problem(tmp_path, ENCRYPTION_KEY=wrong)


def test_several_encryption_keys_may_be_given_to_change_them(tmp_path: Path) -> None:
    keys = new_secret(), new_secret()
    assert config(tmp_path, ENCRYPTION_KEY=f"{keys[0]}, {keys[1]}").encryption_keys == keys


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PPP_ENV", "prod"),
        ("TRUSTED_PROXIES", "one"),
        ("TRUSTED_PROXIES", "-1"),
        ("REDIS_URL", "localhost"),
        ("DATABASE_URL", "mysql://localhost/x"),
        ("DATABASE_URL", "postgres://localhost/x"),
    ],
)
def test_a_wrong_value_is_refused_by_its_name(tmp_path: Path, name: str, value: str) -> None:
    assert name in problem(tmp_path, **{name: value})


@pytest.mark.parametrize("text", ["", "{broken", "[1]"])
def test_damaged_secrets_are_told_and_not_made_anew(tmp_path: Path, text: str) -> None:
    path = tmp_path / "secrets.json"
    path.write_text(text)
    assert f"{path} is damaged" in problem(tmp_path)
    assert path.read_text() == text


def test_a_folder_that_cannot_be_used_is_told_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    told = problem(tmp_path, INSTANCE_PATH=str(tmp_path / "file"))
    assert f"{tmp_path / 'file'} cannot be used" in told
    assert "INSTANCE_PATH" in told


def test_addons_are_named_in_their_order(tmp_path: Path) -> None:
    assert config(tmp_path, ADDONS=" b , a,").addons == ("b", "a")
    assert config(tmp_path, ADDONS="").addons == ()


def app_for(tmp_path: Path, **variables: str) -> Flask:
    return create_app(config(tmp_path, ADDONS="", REDIS_URL="redis://localhost:1", **variables))


def test_cookies_cannot_be_read_by_scripts_or_sent_by_other_sites(tmp_path: Path) -> None:
    settings = app_for(tmp_path).config
    for cookie in ("SESSION", "REMEMBER"):
        assert settings[f"{cookie}_COOKIE_HTTPONLY"]
        assert settings[f"{cookie}_COOKIE_SAMESITE"] == "Lax"
        assert not settings[f"{cookie}_COOKIE_SECURE"]


def test_cookies_of_production_travel_encrypted_only(tmp_path: Path) -> None:
    settings = app_for(tmp_path, **PRODUCTION).config
    assert settings["SESSION_COOKIE_SECURE"]
    assert settings["REMEMBER_COOKIE_SECURE"]
    assert not settings["DEBUG"]
    assert not settings["TESTING"]


def test_the_flask_command_tells_what_to_set_without_a_traceback(tmp_path: Path) -> None:
    def start() -> Flask:
        return create_app(config(tmp_path, ENCRYPTION_KEY="too short"))

    told = CliRunner().invoke(FlaskGroup(create_app=start), ["clock"]).output

    assert told.startswith("Error: Set ENCRYPTION_KEY to a secret of at least 32 characters")
    assert "Traceback" not in told
