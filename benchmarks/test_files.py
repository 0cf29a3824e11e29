"""What becomes of collections of difficult files when each is sent as an attachment.

    python benchmarks/test_files.py [--clamav /usr/share/clamav-testfiles] [--oletools oletools/tests/test_data]
                                    [--mail /usr/lib/python3.11/test/test_email/data] [--all]

The first two are programs in every packing and documents with macros, objects and fields (Debian's
`clamav-testfiles`; the source package of oletools); the third are messages, read as they are. The table shows for
each file its type, the gravest finding and which signatures reported, `READ` where an archive or document was opened,
and `CLEAN` where nothing above low was said. It ends with how many there were of each and with what failed.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.verdict import Severity
from seg_ml.mail.parse import parse
from seg_ml.signatures.archives import contents_of
from seg_ml.signatures.engine import ERROR_ID, SignatureEngine
from seg_ml.signatures.filetypes import magic

LARGEST = 20 << 20


def wrapped(name: str, content: bytes) -> bytes:
    """A plain message with one attachment."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "ann@example.org", "bob@corp.example", "A file"
    message.set_content("Please see the attached file.")
    message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.stat().st_size <= LARGEST and path.suffix != ".py":
            yield str(path.relative_to(folder)), path.read_bytes()


def line(engine: SignatureEngine, name: str, raw: bytes) -> tuple[str, Severity | None, bool]:
    message = parse(raw)
    findings = engine.inspect(ScoreRequest(raw), message)
    worst = max((finding.severity for finding in findings), default=None)
    contents = contents_of(message)
    inside = sum(len(archive.members) for archive in contents.archives) + len(contents.embedded)
    kind = magic(message.attachments[0].content) if message.attachments else "mail"
    said = ", ".join(sorted({finding.signature for finding in findings if finding.severity >= Severity.LOW}))
    state = "CLEAN" if worst is None or worst <= Severity.LOW else worst.name.lower()
    read = f"READ {inside}" if inside else ""
    failed = any(finding.signature == ERROR_ID for finding in findings)
    return f"{name[:48]:48} {kind:9} {state:9} {read:8} {said}", worst, failed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--clamav", type=Path, default=Path("/usr/share/clamav-testfiles"))
    parser.add_argument("--oletools", type=Path)
    parser.add_argument("--mail", type=Path)
    parser.add_argument("--all", action="store_true", help="Show every file, not only those that pass as clean.")
    arguments = parser.parse_args()
    engine = SignatureEngine.from_ids()
    for folder, attached in ((arguments.clamav, True), (arguments.oletools, True), (arguments.mail, False)):
        if folder is None:
            continue
        print(f"\n{folder}")
        counts: Counter[str] = Counter()
        failures = []
        for name, content in files(folder):
            raw = wrapped(Path(name).name, content) if attached else content
            text, worst, failed = line(engine, name, raw)
            counts[worst.name.lower() if worst is not None else "none"] += 1
            failures += [name] if failed else []
            if arguments.all or (attached and (worst is None or worst <= Severity.LOW)):
                print(text)
        print(f"{sum(counts.values())} files: {dict(counts)}; signatures that failed on: {failures or 'none'}")


if __name__ == "__main__":
    main()
