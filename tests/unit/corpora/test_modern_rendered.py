"""Mail templates of packages, with tiny wheels of our own in place of the real ones."""

import struct
import zipfile
from hashlib import sha256

import pytest

from seg_ml.corpora.modern import rendered as module
from seg_ml.corpora.modern import wheels
from seg_ml.corpora.modern.messages import PLACE
from seg_ml.corpora.modern.post import by_company, by_stranger
from seg_ml.corpora.modern.rendered import rendered
from seg_ml.corpora.modern.wheels import Package, packages, pip_download, unpack
from seg_ml.domain.errors import CorpusError
from seg_ml.mail.parse import parse

EMAILS = "oscar/templates/oscar/communication/emails"
GERMAN = {
    "": "Content-Type: text/plain; charset=UTF-8\n",
    "Your code": "Ihr Code",
    "The %(name)s shop": "Laden %(name)s",
}


def catalogue(entries):
    """A compiled catalogue (GNU gettext .mo)."""
    keys = sorted(entries)
    ids, texts = [key.encode() for key in keys], [entries[key].encode() for key in keys]
    start = 28 + 16 * len(keys)
    tables, data = b"", b""
    for group in (ids, texts):
        for item in group:
            tables += struct.pack("<II", len(item), start + len(data))
            data += item + b"\0"
    return struct.pack("<7I", 0x950412DE, 0, len(keys), 28, 28 + 8 * len(keys), 0, 0) + tables + data


FILES = {
    "django-allauth": {
        "allauth/templates/account/email/code_message.txt": "{% load i18n account %}{% user_display user as who %}"
        "{% trans 'Your code' %}, {{ who }}: {{ code }}\n\n{{ activate_url }}\n",
        "allauth/templates/account/email/code_subject.txt": "{% load i18n %}{% trans 'Your code' %}",
        "allauth/locale/de/LC_MESSAGES/django.mo": catalogue(GERMAN),
        "allauth/models.py": "raise SystemExit('never run')",
    },
    "django-oscar": {
        f"{EMAILS}/commtype_paid_subject.txt": "Paid {{ order.number }}",
        f"{EMAILS}/commtype_paid_body.txt": "{% load url_tags currency_filters %}{{ order.total_incl_tax|currency:'' }}"
        "\n\n{% absolute_url site.domain reset_url %}",
        f"{EMAILS}/commtype_paid_body.html": "{% load url_tags i18n %}<p>{% blocktrans with name=site.name %}The {{ name }} shop"
        '{% endblocktrans %}</p><a href="{% absolute_url site.domain reset_url %}">Reset</a>',
        "oscar/locale/de/LC_MESSAGES/django.mo": catalogue(GERMAN),
    },
    "mailman": {
        "mailman/templates/fr/list:user:notice:welcome.txt": "Bienvenue sur ${display_name} !\n" + "Un texte. " * 20
    },
}


@pytest.fixture
def pinned(tmp_path, monkeypatch):
    """Pins of small wheels, and a download that copies them."""
    made = []
    for name, files in FILES.items():
        path = tmp_path / f"{name}.whl"
        with zipfile.ZipFile(path, "w") as archive:
            for inner, content in files.items():
                archive.writestr(inner, content)
        digest = sha256(path.read_bytes()).hexdigest()
        folders = tuple(f"{next(iter(files)).partition('/')[0]}/{sub}/" for sub in ("templates", "locale"))
        made.append(Package(name, "1", path.name, digest, "test", folders))
    monkeypatch.setattr(module, "packages", lambda: tuple(made))

    def download(wanted, folder):
        for package in wanted:
            (folder / package.file).write_bytes((tmp_path / package.file).read_bytes())

    return download


def test_every_package_is_rendered_in_its_languages(pinned):
    drafts = rendered(60, 7, pinned)
    assert {found.template.partition("-")[0] for found in drafts} == {"allauth", "oscar", "mailman", "django"}
    assert {"en", "de"} <= {found.language for found in drafts if found.template == "allauth-code"}
    german = next(found for found in drafts if (found.template, found.language) == ("allauth-code", "de"))
    assert "Ihr Code" in german.written.subject
    assert german.written.blocks[-1].kind == "link"


def test_no_template_is_rendered_twice_in_one_language(pinned):
    drafts = rendered(60, 7, pinned)
    assert len({(found.template, found.language) for found in drafts}) == len(drafts)


def test_addresses_become_those_of_the_sender(pinned):
    for found in rendered(40, 7, pinned):
        honest, hostile = by_company(found), by_stranger(found, kind="throwaway")
        for raw in (honest, hostile):
            message = parse(raw)
            assert PLACE not in message.text
            assert not any(PLACE in link.target for link in message.links)
        assert parse(honest).subject == parse(hostile).subject


def test_the_same_seed_renders_the_same(pinned):
    assert rendered(12, 7, pinned) == rendered(12, 7, pinned)
    assert rendered(12, 7, pinned) != rendered(12, 8, pinned)


def test_only_templates_and_catalogues_are_unpacked(pinned, tmp_path):
    unpack(module.packages(), tmp_path, tmp_path / "out")
    names = {path.suffix for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert names == {".txt", ".html", ".mo"}


def test_another_wheel_than_the_pinned_one_is_refused(pinned, tmp_path):
    (tmp_path / "mailman.whl").write_bytes(b"something else")
    with pytest.raises(CorpusError, match=r"mailman\.whl is damaged or another version"):
        rendered(5, 7, pinned)


def test_an_index_that_cannot_be_reached_says_so(monkeypatch, tmp_path):
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "")
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("PIP_TIMEOUT", "1")
    nothing = Package("no-such-package-of-mail-templates", "1", "x.whl", "0" * 64, "test", ())
    with pytest.raises(CorpusError, match="check network and index"):
        pip_download([nothing], tmp_path)


def test_without_pip_it_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr(wheels.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(CorpusError, match="ensurepip"):
        pip_download(packages(), tmp_path)


def test_packages_are_pinned_with_their_licences():
    assert all(len(package.sha256) == 64 and package.licence and package.folders for package in packages())
    assert all(package.file.endswith(".whl") for package in packages())
