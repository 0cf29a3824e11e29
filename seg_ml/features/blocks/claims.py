"""Whom the message claims to be, beside where its sender and its links really are."""

from __future__ import annotations

import re
from collections import Counter
from math import log1p

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.features.catalogue import feature
from seg_ml.signatures.brands import Brand, BrandTable, brand_table
from seg_ml.signatures.domains import is_free_mail, organizational_domain, registrable_label
from seg_ml.signatures.identity import proven_domains
from seg_ml.signatures.intents import words_of
from seg_ml.signatures.settings import SignatureSettings
from seg_ml.signatures.urls import read_url

_LINKS = 100
_WORDS = 1_500
_CONSONANTS = re.compile(r"[bcdfghjklmnpqrstvwxz]{5,}")
_WORD = re.compile(r"[^\W\d_]{4,30}")


@feature(
    "claims",
    version=1,
    names=(
        "brand_in_name",
        "brand_in_name_owned",
        "brand_in_subject",
        "brand_in_subject_owned",
        "brand_in_text",
        "brand_in_text_owned",
        "brand_links_owned",
        "author_is_brand",
        "author_is_brand_proven",
        "author_free_mail",
        "author_hyphens",
        "author_digits",
        "author_label",
        "author_labels",
        "author_consonants",
        "name_in_domain",
        "site_named",
        "anchors_own",
        "anchors_proven",
        "anchors_elsewhere",
        "anchors_one_place",
        "anchor_names_target",
        "images_elsewhere",
        "link_hyphens",
        "link_digits",
        "link_consonants",
        "link_label",
        "recipient_in_link",
        "elsewhere_without_proof",
    ),
    # How many labels, letters and hyphens a sender gives his domain speaks for nobody.
    rising=(
        "author_consonants author_labels author_label author_hyphens link_consonants recipient_in_link "
        "elsewhere_without_proof"
    ),
    falling=(
        "author_is_brand_proven brand_in_name_owned brand_in_subject_owned brand_in_text_owned "
        "brand_links_owned anchors_proven"
    ),
)
class Claims:
    """Flags 0 or 1, shares in [0, 1], counts and lengths as log1p.

    "Owned" means that the author's domain belongs to the brand that is named; "proven" that SPF or DKIM vouched.
    """

    def __init__(self) -> None:
        self._settings = SignatureSettings()

    def extract(self, request: ScoreRequest, message: Message) -> dict[str, float]:
        """One value per name."""
        table, author = brand_table(self._settings), message.author
        site = organizational_domain(author.domain) if author.domain else ""
        proven = proven_domains(request.authentication)
        named = {
            "name": [claim.brand for claim in table.claims(author.display_name)],
            "subject": [claim.brand for claim in table.claims(message.subject)],
            "text": _brands_of_text(table, message),
        }
        owner = table.owner(author.domain) if author.domain else None
        values: dict[str, float] = {}
        for where, brands in named.items():
            values[f"brand_in_{where}"] = float(bool(brands))
            values[f"brand_in_{where}_owned"] = float(any(brand.owns(author.domain) for brand in brands))
        claimed = {brand.name: brand for brands in named.values() for brand in brands}
        label = registrable_label(author.domain) if author.domain else ""
        values |= {
            "author_is_brand": float(owner is not None),
            "author_is_brand_proven": float(owner is not None and site in proven),
            "author_free_mail": float(is_free_mail(site)),
            "author_hyphens": float(label.count("-")),
            "author_digits": float(sum(map(str.isdigit, label))),
            "author_label": log1p(len(label)),
            "author_labels": float(author.domain.count(".")),
            "author_consonants": float(bool(_CONSONANTS.search(label))),
            "name_in_domain": _name_in_domain(author.display_name, label),
            "site_named": float(len(label) > 3 and label in f"{message.subject}\n{message.text[:5_000]}".lower()),
        }
        values |= _links(message, site, proven, list(claimed.values()))
        values["elsewhere_without_proof"] = float(values["anchors_elsewhere"] > 0.5 and site not in proven)
        return values


def _brands_of_text(table: BrandTable, message: Message) -> list[Brand]:
    counts = Counter(brand for _, _, brand in table.spans(words_of(message.text)[:_WORDS]) if not brand.common)
    return [brand for brand, count in counts.items() if count >= 2]


def _name_in_domain(name: str, label: str) -> float:
    words = [word.lower() for word in _WORD.findall(name)]
    return float(bool(label) and any(word in label or label in word for word in words))


def _links(message: Message, site: str, proven: frozenset[str], claimed: list[Brand]) -> dict[str, float]:
    anchors, images, named, addressee = [], [], 0, 0
    recipient = next((box.addr_spec for box in message.to if box.addr_spec), "")
    for link in message.links[:_LINKS]:
        url = read_url(link.target)
        if url is None or not url.is_web:
            continue
        if link.kind == "image":
            images.append(url.domain)
            continue
        anchors.append(url)
        named += url.domain in link.text.lower()
        addressee += bool(recipient) and recipient in url.href.lower()
    domains = [url.domain for url in anchors]
    labels = [registrable_label(url.host) for url in anchors]
    share = 1.0 / len(anchors) if anchors else 0.0
    own = sum(domain == site for domain in domains)
    vouched = sum(domain in proven for domain in domains)
    elsewhere = sum(domain != site and domain not in proven for domain in domains)
    most = Counter(domains).most_common(1)[0][1] if domains else 0
    return {
        "brand_links_owned": share * sum(any(brand.owns(url.host) for brand in claimed) for url in anchors),
        "anchors_own": share * own,
        "anchors_proven": share * vouched,
        "anchors_elsewhere": share * elsewhere,
        "anchors_one_place": share * most,
        "anchor_names_target": share * named,
        "images_elsewhere": sum(domain != site for domain in images) / len(images) if images else 0.0,
        "link_hyphens": float(max((label.count("-") for label in labels), default=0)),
        "link_digits": float(max((sum(map(str.isdigit, label)) for label in labels), default=0)),
        "link_consonants": float(any(_CONSONANTS.search(label) for label in labels)),
        "link_label": log1p(max(map(len, labels), default=0)),
        "recipient_in_link": float(addressee > 0),
    }
