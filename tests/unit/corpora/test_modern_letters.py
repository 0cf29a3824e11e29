import pytest

from seg_ml.corpora.modern.chance import seeded
from seg_ml.corpora.modern.companies import a_company, ascii_slug
from seg_ml.corpora.modern.drafts import draft
from seg_ml.corpora.modern.grammar import expand
from seg_ml.corpora.modern.letters import fill, read_templates, templates
from seg_ml.corpora.modern.words import LANGUAGES
from seg_ml.domain.errors import CorpusError
from seg_ml.signatures.brands import brand_table
from seg_ml.signatures.settings import SignatureSettings

LETTER = """
=== parcel
kind: transactional
sector: parcel
subject: [Your|A] parcel
// a remark
[One|Another] word
? perhaps
Number :: {tracking}
> Track it -> track
"""


def test_choices_nest_and_slots_are_filled():
    found = {expand("[a|b [c|d]] {x}", seeded(number), {"x": "y"}.__getitem__) for number in range(60)}
    assert found == {"a y", "b c y", "b d y"}


def test_a_letter_is_read_with_its_fields():
    (letter,) = read_templates(LETTER, "en")
    assert (letter.id, letter.kind, letter.sectors) == ("parcel", "transactional", ("parcel",))
    assert letter.subjects == ("[Your|A] parcel",)
    assert letter.lines == ("[One|Another] word", "? perhaps", "Number :: {tracking}", "> Track it -> track")


def test_a_letter_without_kind_says_which_one():
    with pytest.raises(CorpusError, match="en/broken"):
        read_templates("=== broken\nsubject: x\nSome words", "en")


def test_every_language_has_letters_of_every_sort():
    for language in LANGUAGES:
        kinds = {letter.kind for letter in templates() if letter.language == language}
        assert {"transactional", "newsletter", "personal", "business", "phish", "fraud-bec", "spam", "malware"} <= kinds


def test_every_letter_can_be_filled():
    for letter in templates():
        for number in range(3):
            found = draft(letter, f"test/{number}")
            text = found.written.subject + "".join(block.text + block.target for block in found.written.blocks)
            assert found.written.subject.strip(), letter.id
            assert not set(text) & set("{}[]|"), (letter.language, letter.id, text)
            assert "->" not in "".join(block.text for block in found.written.blocks), (letter.language, letter.id)


def test_the_same_key_gives_the_same_draft():
    letter = templates()[0]
    assert draft(letter, "a") == draft(letter, "a")
    assert draft(letter, "a") != draft(letter, "b")


def test_brands_write_from_domains_that_are_theirs():
    table = {brand.name: brand for brand in brand_table(SignatureSettings()).brands}
    for number in range(300):
        company = a_company(seeded(number), "en", ("bank", "parcel", "shop", "saas")[number % 4], brand_share=1)
        assert company.brand is not None
        assert table[company.name].owns(company.domain)


def test_small_companies_are_no_brands():
    own = {domain for brand in brand_table(SignatureSettings()).brands for domain in brand.domains}
    made = {
        a_company(seeded(number), LANGUAGES[number % len(LANGUAGES)], "shop", brand_share=0).domain
        for number in range(700)
    }
    assert not own & made
    assert len(made) > 600


def test_names_become_domain_labels():
    assert ascii_slug("Müller & Søn GmbH") == "muellersngmbh"


def test_what_empty_choices_leave_is_tidied():
    assert expand("Is it [still free?|still free?]. Pay [|] now [|].", seeded(1), str) == "Is it still free? Pay now."


def test_a_sentence_ends_once():
    assert expand("Take it [up?|up?]. [Or not.|Or not.]. Wait...", seeded(1), str) == "Take it up? Or not. Wait..."
    assert expand("That is all. [|].", seeded(1), str) == "That is all."


def test_a_link_may_say_nothing_but_where_it_leads():
    (letter,) = read_templates(f"{LETTER}~ -> login\n", "en")
    *_, link = fill(letter, seeded(1), lambda slot: slot).blocks
    assert (link.kind, link.text, link.target) == ("link", "", "login")
