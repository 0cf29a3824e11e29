"""Debian's `clamav-testfiles`: one program in every packing. None may pass as clean, none may make a signature fail."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.verdict import Severity
from seg_ml.mail.parse import parse
from seg_ml.signatures.engine import ERROR_ID, SignatureEngine

FOLDER = Path("/usr/share/clamav-testfiles")
FILES = sorted(path for path in FOLDER.glob("clam*") if path.is_file())
MAIL = {"clam.exe.binhex", "clam.exe.mbox.base64", "clam.exe.mbox.uu", "clam.mail"}
"""Mail and its encodings as files: no program that readers have opens them by their names."""

ENGINE = SignatureEngine.from_ids()


def test_the_files_are_there() -> None:
    assert len(FILES) > 40, "apt-get install clamav-testfiles, or run deploy/test-needs.sh"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_none_passes_as_clean(path: Path) -> None:
    message = EmailMessage()
    message["From"], message["Subject"] = "ann@example.org", "A file"
    message.set_content("Please see the attached file.")
    message.add_attachment(path.read_bytes(), maintype="application", subtype="octet-stream", filename=path.name)
    raw = message.as_bytes()
    findings = ENGINE.inspect(ScoreRequest(raw), parse(raw))
    assert ERROR_ID not in {finding.signature for finding in findings}
    worst = max((finding.severity for finding in findings), default=Severity.INFO)
    assert worst >= Severity.MEDIUM or path.name in MAIL
