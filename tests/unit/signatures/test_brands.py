"""The brand table and what counts as a claim; domains and their look-alikes."""

from __future__ import annotations

from pathlib import Path

import pytest

from seg_ml.domain.errors import ConfigError
from seg_ml.signatures.brands import brand_table
from seg_ml.signatures.domains import is_free_host, organizational_domain, registrable_label, skeleton
from seg_ml.signatures.lookalikes import Trick, find_lookalike
from seg_ml.signatures.settings import DEFAULT_SETTINGS, Organization, SignatureSettings

TABLE = brand_table(DEFAULT_SETTINGS)


def test_table_is_broad_and_consistent() -> None:
    names = [brand.name for brand in TABLE.brands]
    assert len(names) >= 300
    assert len(set(names)) == len(names)
    assert len({brand.country for brand in TABLE.brands}) >= 20
    assert all(brand.domains and brand.aliases and len(brand.country) == 2 for brand in TABLE.brands)


def test_a_domain_and_a_name_belong_to_one_brand() -> None:
    domains = [domain for brand in TABLE.brands for domain in brand.domains]
    aliases = [alias for brand in TABLE.brands for alias in brand.aliases]
    assert len(set(domains)) == len(domains)
    assert len(set(aliases)) == len(aliases)


def test_what_anybody_may_register_under_belongs_to_no_brand() -> None:
    domains = [domain for brand in TABLE.brands for domain in brand.domains]
    assert [domain for domain in domains if is_free_host(domain)] == []


def test_a_free_page_under_a_brands_name_proves_nothing() -> None:
    microsoft = TABLE.owner("login.microsoft.com")
    assert microsoft is not None and microsoft.owns("login.microsoft.com")
    assert not microsoft.owns("evil.blob.core.windows.net")


@pytest.mark.parametrize(
    ("host", "owner"),
    [
        ("www.amazon.com.be", "Amazon"),
        ("mail.dmv.ca.gov", "DMV"),
        ("parks.ca.gov", None),
        ("tenant.github.io", None),
        ("paypal.com.evil.example", None),
        ("evilpaypal.com", None),
    ],
)
def test_owner_of_a_host(host: str, owner: str | None) -> None:
    brand = TABLE.owner(host)
    assert (brand.name if brand is not None else None) == owner


@pytest.mark.parametrize(
    ("text", "brand", "whole"),
    [
        ("PayPal Service", "PayPal", True),
        ("P\u0430yp\u0430l", "PayPal", True),
        ("Apple Support", "Apple", True),
        ("DHL Express Paket", "DHL", True),
        ("News about Netflix prices", "Netflix", False),
        ("Amazon.de", "Amazon", True),
    ],
)
def test_claims(text: str, brand: str, whole: bool) -> None:
    assert [(claim.brand.name, claim.whole) for claim in TABLE.claims(text)] == [(brand, whole)]


@pytest.mark.parametrize("text", ["Robert Chase", "Orange County Fair", "Ann Example", "", "max"])
def test_words_and_surnames_claim_nothing(text: str) -> None:
    assert TABLE.claims(text) == []


@pytest.mark.parametrize(
    ("host", "brand", "trick"),
    [
        ("paypa1.com", "PayPal", Trick.HOMOGLYPH),
        ("rnicrosoft.com", "Microsoft", Trick.HOMOGLYPH),
        ("www.netflix.com.account-check.example", "Netflix", Trick.SUBDOMAIN),
        ("secure-paypal.com", "PayPal", Trick.COMBINATION),
        ("paypalsupport.com", "PayPal", Trick.COMBINATION),
        ("micosoft.com", "Microsoft", Trick.TYPO),
        ("oaypal.com", "PayPal", Trick.KEYBOARD),
        ("bodafone.com", "Vodafone", Trick.KEYBOARD),
        ("coinbase.xyz", "Coinbase", Trick.SUFFIX),
    ],
)
def test_imitations(host: str, brand: str, trick: Trick) -> None:
    found = find_lookalike(DEFAULT_SETTINGS, host)
    assert found is not None
    assert (found.brand.name, found.trick) == (brand, trick)


@pytest.mark.parametrize(
    "host",
    [
        "www.paypal.com",
        "amazon.co.uk",
        "lindows.com",
        "isbank.com.tr",
        "ulster.ac.uk",
        "192.0.2.1",
        "",
        "com",
        "next-order.com",
    ],
)
def test_honest_hosts(host: str) -> None:
    assert find_lookalike(DEFAULT_SETTINGS, host) is None


def test_own_domains_are_protected() -> None:
    settings = SignatureSettings(organization=Organization("Contoso", ("contoso.example",)))
    found = find_lookalike(settings, "contoso-login.example")
    assert found is not None
    assert found.brand.name == "Contoso"


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("www.a.co.uk", "a.co.uk"),
        ("tenant.github.io", "tenant.github.io"),
        ("a.b.unknown-suffix", "b.unknown-suffix"),
        ("192.0.2.1", "192.0.2.1"),
        ("", ""),
    ],
)
def test_organizational_domain(host: str, domain: str) -> None:
    assert organizational_domain(host) == domain


def test_labels_and_skeletons() -> None:
    assert registrable_label("www.paypal.co.uk") == "paypal"
    assert skeleton("\u0440\u0430\u0443\u0440\u0430\u04cf") == skeleton("paypa1") == skeleton("PAYPAL".lower())


@pytest.mark.parametrize("text", ["name;country\n", "name,country,sector,domains,aliases,common\nx,y\n"])
def test_a_table_of_another_form_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "own.csv"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"own\.csv"):
        brand_table(SignatureSettings(brand_tables=(path,)))
