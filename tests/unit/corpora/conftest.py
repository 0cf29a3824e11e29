"""Mail written for these tests, and small archives in the layout of the real ones."""

import hashlib
import io
import tarfile
from email.message import EmailMessage

import pytest


def write_mail(subject="Hello", body="some words for a reader", sender="ann@example.org", **headers):
    message = EmailMessage()
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message["From"] = sender
    message["To"] = "bob@example.net"
    message["Subject"] = subject
    message.set_content(body)
    return bytes(message)


def write_tar(path, files):
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def mail():
    return write_mail


@pytest.fixture
def tar():
    return write_tar


CARD = """---
id: {id}
title: A small corpus
location: {location}
sha256: {sha256}
licence: test
shippable: {shippable}
messages: 3
labels:
{labels}
---

# A small corpus
"""


@pytest.fixture
def cards(tmp_path):
    """Write a card; gives the folder of cards."""
    folder = tmp_path / "cards"
    folder.mkdir()

    def write(corpus_id, location, sha256, labels, shippable="true"):
        lines = "\n".join(f"  {kind}: {label}" for kind, label in labels.items())
        fields = {"id": corpus_id, "location": location, "sha256": sha256, "shippable": shippable, "labels": lines}
        (folder / f"{corpus_id}.md").write_text(CARD.format(**fields))
        return folder

    return write
