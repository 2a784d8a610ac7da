"""Tokens go to Exact's own sites, and to a test server only when the configuration says so."""

from __future__ import annotations

import pytest

from ppplanner.integrations.exact.hosts import SITES, BaseUrlRefused, check_base_url


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.country)
def test_every_country_site_is_allowed(site: object) -> None:
    assert check_base_url(site.url) == site.url  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "written",
    [
        "HTTPS://Start.ExactOnline.BE",
        " https://start.exactonline.be/ ",
        "https://start.exactonline.be:443",
    ],
)
def test_other_spellings_of_a_site_come_out_plain(written: str) -> None:
    assert check_base_url(written) == "https://start.exactonline.be"


NOT_EXACT = [
    "http://start.exactonline.be",
    "https://start.exactonline.be.example.com",
    "https://exactonline.be",
    "https://start.exactonline.be:8443",
    "https://start.exactonline.be.",
    "http://127.0.0.1:5500",
    "https://start.exactonline.bе",  # the last letter is Cyrillic
]

MALFORMED = [
    "",
    "start.exactonline.be",
    "ftp://start.exactonline.be",
    "https://",
    "https://start.exactonline.be@example.com",
    "https://start.exactonline.be\\@example.com",
    "https://user:word@start.exactonline.be",
    "https://start.exactonline.be/api",
    "https://start.exactonline.be?x=1",
    "https://start.exactonline.be#x",
    "https://start.exactonline.be:99999",
    "https://[::1",
]


@pytest.mark.parametrize("url", NOT_EXACT + MALFORMED)
def test_any_other_address_is_refused_with_a_reason(url: str) -> None:
    with pytest.raises(BaseUrlRefused) as refused:
        check_base_url(url)
    assert refused.value.reason.text.endswith(".")


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:5500", "http://localhost:5500", "https://exact.test.example"]
)
def test_a_test_server_is_allowed_by_configuration(url: str) -> None:
    assert check_base_url(url + "/", allow_test_hosts=True) == url


@pytest.mark.parametrize("url", MALFORMED)
def test_a_malformed_address_is_never_allowed(url: str) -> None:
    with pytest.raises(BaseUrlRefused):
        check_base_url(url, allow_test_hosts=True)


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254", "http://[fe80::1]", "http://0.0.0.0:80", "http://224.0.0.1"]
)
def test_reserved_addresses_are_never_allowed(url: str) -> None:
    with pytest.raises(BaseUrlRefused):
        check_base_url(url, allow_test_hosts=True)
