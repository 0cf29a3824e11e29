"""What holds for messages of the corpus, seen on a sample."""

import zipfile
from collections import Counter
from io import BytesIO

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from seg_ml.corpora.alike import alike
from seg_ml.corpora.leaks import _auc_of_names, header_names
from seg_ml.corpora.modern.attachments import _KINDS, attachment
from seg_ml.corpora.modern.chance import seeded
from seg_ml.corpora.modern.drafts import _FIRST, draft
from seg_ml.corpora.modern.generate import generate
from seg_ml.corpora.modern.letters import templates
from seg_ml.corpora.modern.post import by_bot, by_colleague, by_company, by_list, by_stranger
from seg_ml.corpora.modern.recipe import digest
from seg_ml.corpora.modern.words import LANGUAGES
from seg_ml.corpora.session import recover
from seg_ml.corpora.shingles import jaccard, shingles
from seg_ml.corpora.sources.modern import Modern
from seg_ml.domain.verdict import WANTED
from seg_ml.mail.parse import parse
from seg_ml.mail.sender_side import strip_recipient_side

SIZE = 1000


@pytest.fixture(scope="module")
def mails():
    return list(Modern(size=SIZE, download=None, whole=None).messages())


@pytest.fixture(scope="module")
def seen(mails):
    rows = []
    for mail in mails:
        message = parse(mail.raw)
        facts = recover(message)
        date = message.header("Date")
        rows.append(
            {
                "label": str(mail.label),
                "kind": mail.kind,
                "side": float(mail.label not in WANTED),
                "facts": facts,
                "authenticated": facts.spf is not None,
                "year": int(date.split()[3]),
                "size": len(mail.raw),
                "html": any(part.content_type == "text/html" for part in message.parts),
                "defects": len(message.defects),
                "to": message.to[0].domain.rpartition(".")[2] if message.to else "",
                "names": header_names(mail.raw),
                "kept": header_names(strip_recipient_side(mail.raw)),
            }
        )
    return pd.DataFrame(rows)


def auc(values, side):
    value = float(roc_auc_score(side, values))
    return max(value, 1 - value)


def test_the_seed_decides_every_byte(mails):
    assert [mail.raw for mail in Modern(size=120, download=None, whole=None).messages()] == [
        mail.raw for mail in Modern(size=120, download=None, whole=None).messages()
    ]
    assert next(generate(messages=120, seed=1)) != next(generate(messages=120, seed=2))


def test_names_are_unique_and_tell_the_template(mails):
    assert len({mail.source_path for mail in mails}) == len(mails)
    known = {letter.id for letter in templates()}
    own = [mail for mail in mails if "notice-rendered" not in mail.source_path]
    assert {mail.source_path.split("/")[-2] for mail in own} <= known


def test_messages_parse_without_defects(seen):
    assert (seen["defects"] > 0).mean() < 0.01


def test_header_names_do_not_tell_the_label(seen):
    side = seen["side"].to_numpy(float)
    assert _auc_of_names(seen["names"], side) < 0.65
    assert _auc_of_names(seen["kept"], side) < 0.6


@pytest.mark.parametrize(("what", "bound"), [("year", 0.55), ("authenticated", 0.55), ("html", 0.55), ("size", 0.62)])
def test_what_is_no_threat_does_not_tell_the_label(seen, what, bound):
    assert auc(seen[what].astype(float), seen["side"]) < bound


def test_recipients_are_alike(seen):
    shares = pd.crosstab(seen["to"], seen["side"], normalize="columns")
    assert np.abs(shares[0.0] - shares[1.0]).max() < 0.08


def test_session_facts_are_recovered_where_the_site_wrote_them_down(seen):
    written = seen[seen["authenticated"]]
    known = written[written["kind"] != "dsn"]
    assert all(facts.dmarc and facts.dkim and facts.spf_domain for facts in known["facts"])
    assert all(facts.client_ip and facts.helo and facts.reverse_path is not None for facts in seen["facts"])
    assert 0.4 < len(written) / len(seen) < 0.6


def test_hostile_senders_often_prove_what_they_are_and_honest_ones_often_cannot(seen):
    written = seen[seen["authenticated"]]
    passes = written["facts"].map(lambda facts: facts.dmarc == "pass")
    assert passes[written["label"] == "phishing"].mean() > 0.4
    assert 0.2 < 1 - passes[written["side"] == 0].mean() < 0.45


def test_twins_say_the_same_from_another_sender():
    letter = next(item for item in templates() if item.id == "parcel-on-its-way")
    for number in range(20):
        found = draft(letter, f"twin/{number}")
        honest, hostile = parse(by_company(found)), parse(by_stranger(found, kind="throwaway"))
        assert jaccard(shingles(honest), shingles(hostile)) >= 0.5
        assert honest.author.domain.endswith(found.company.domain)
        assert not hostile.author.domain.endswith(found.company.domain)


def test_a_colleague_writes_from_the_house_of_the_recipient_and_proves_it():
    template = next(
        found for found in templates() if found.kind == "fraud-bec" and found.twin and found.style == "person"
    )
    proven = set()
    for number in range(12):
        message = parse(by_colleague(draft(template, f"colleague/{number}")))
        facts = recover(message)
        assert not message.to or message.author.domain == message.to[0].domain
        proven.add(facts.dmarc)
    assert proven <= {"pass", None} and "pass" in proven


def test_kinds_carry_the_labels_of_the_card(mails):
    labels = Modern().card.labels
    assert all(mail.label == labels[mail.kind] for mail in mails)
    counts = Counter(str(mail.label) for mail in mails)
    assert set(counts) == {"ham", "bulk", "phishing", "fraud", "spam", "malware"}


def test_attachments_are_what_they_are_named():
    files = {kind: attachment(kind, seeded(kind), _FIRST) for kind in _KINDS}
    assert files["pdf"].content.startswith(b"%PDF-")
    (inner,) = zipfile.ZipFile(BytesIO(files["zip-exe"].content)).namelist()
    assert inner.endswith((".exe", ".scr", ".com"))
    assert zipfile.ZipFile(BytesIO(files["zip-locked"].content)).infolist()[0].flag_bits & 1
    assert files["ics"].content.startswith(b"BEGIN:VCALENDAR")


def test_renderings_of_a_template_differ_by_more_than_a_name(mails):
    sets = [shingles(parse(mail.raw)) for mail in mails]
    copies = alike(sets, 0.9)
    labels = [mail.label for mail in mails]
    dropped = {right for left, right in zip(copies.left, copies.right, strict=True) if labels[left] == labels[right]}
    assert len(dropped) < 0.02 * len(mails)


def test_half_of_the_letters_are_english(mails):
    languages = Counter(mail.source_path.split("/")[-3] for mail in mails)
    assert set(languages) == set(LANGUAGES)
    assert 0.4 < languages["en"] / len(mails) < 0.6


def test_the_card_pins_the_recipe():
    assert Modern().card.sha256 == digest(), "templates or code changed: write the new digest into data/modern.md"


def test_a_machine_that_was_taken_over_proves_nothing_and_has_no_servers_name():
    letter = next(item for item in templates() if item.id == "pills-generic")
    facts = [recover(parse(by_bot(draft(letter, f"bot/{number}")))) for number in range(60)]
    assert not any(found.dkim == "pass" or found.dmarc == "pass" for found in facts)
    named = [found for found in facts if found.iprev is not None]
    assert 0.2 < sum(found.iprev != "pass" for found in named) / len(named) < 0.6
    lines = [found.client_name for found in named if found.client_name]
    assert sum(any(word in name for word in ("dyn", "dip0", "cable", "dsl")) for name in lines) > 0.8 * len(lines)


def test_a_list_speaks_in_its_own_name_where_the_authors_domain_asks_for_it():
    letter = next(item for item in templates() if item.kind == "list-mail")
    for number in range(80):
        facts = recover(parse(by_list(draft(letter, f"list/{number}"))))
        assert facts.dmarc != "fail" or facts.dmarc_policy not in ("quarantine", "reject")


def test_a_script_writes_plain_text_and_often_proves_nothing():
    letter = next(item for item in templates() if item.id == "cron-output")
    messages = [parse(by_company(draft(letter, f"script/{number}"))) for number in range(80)]
    assert {part.content_type for message in messages for part in message.parts} == {"text/plain"}
    assert not any(message.header("List-Unsubscribe") for message in messages)
    found = [facts for facts in map(recover, messages) if facts.spf is not None]
    assert 0.2 < sum(facts.dmarc == "pass" for facts in found) / len(found) < 0.8


def test_whoever_poses_as_a_script_has_the_same_mailboxes():
    letter = next(item for item in templates() if item.id == "quota-script-false")
    honest, hostile = (
        {
            parse(send(draft(letter, f"script/{number}"))).header("From").rpartition("<")[2].partition("@")[0]
            for number in range(120)
        }
        for send in (by_company, by_stranger)
    )
    assert {"root", "quota", "daemon"} <= honest & hostile
