"""Signature `workbook-command`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.archives import files_of
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.ooxml import QUIET_DDE_SERVICES, members

_LARGEST = 4 << 20
_BEGIN_SUP_BOOK, _DDE = b"\xe8\x02", 1  # record 360 and its kind of link, [MS-XLSB] 2.4.80
_STARTS_BY_ITSELF = re.compile(rb"^NN;N_?(auto_(?:open|close|activate)\w*)", re.IGNORECASE | re.MULTILINE)
_CALL = re.compile(
    rb"^C;[^\n]{0,200};E(?:[^\n]{0,200}?[^A-Za-z\n])?(EXEC|CALL|REGISTER|FOPEN|URLDOWNLOADTOFILEA?)\(", re.I | re.M
)
_DDE_CELL = re.compile(rb"^C;[^\n]{0,200};E=?([A-Z0-9_.]{1,30})\|'([^'\n]{1,300})'!", re.IGNORECASE | re.MULTILINE)


@signature(
    "workbook-command",
    version=1,
    attack="T1559.002",
    severity=Severity.HIGH,
    surface=Surface.ATTACHMENT,
    attack_type="Malware/Ransomware",
    tactic="DDE",
)
class WorkbookCommand(Detector):
    """A workbook in binary (XLSB) or symbolic (SYLK) form starts a program, by DDE or by a macro of Excel 4.

    A macro sheet that starts by itself and calls nothing that reaches out of the workbook is medium.

    Source: [MS-XLSB] 2.4.80 BrtBeginSupBook; ATT&CK T1559.002; the SYLK records NN and C, and macro sheets (`O;E`).
    Benign twin: an XLSB whose external link is another workbook, and a SYLK file of numbers.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding per file."""
        for part in files_of(message, self.settings.archives):
            found = next(_binary(part.content), "") or _symbolic(part.content)
            if found:
                severity = Severity.HIGH if "starts by itself" not in found else Severity.MEDIUM
                yield self.finding(f"{part.filename or 'a workbook'} {found}", severity=severity)


def _binary(content: bytes) -> Iterator[str]:
    for _, data in members(content, (".bin",), "xl/externalLinks/"):
        if not data.startswith(_BEGIN_SUP_BOOK):
            continue
        record = data[3:] if data[2:3] < b"\x80" else data[4:]  # a size of one byte, or of two
        if int.from_bytes(record[:2], "little") == _DDE:
            service, rest = _text(record[2:])
            topic, _ = _text(rest)
            if service and service.lower() not in QUIET_DDE_SERVICES:
                yield f"holds a DDE link to {service} {topic}"[:160]


def _text(data: bytes) -> tuple[str, bytes]:
    """An XLWideString ([MS-XLSB] 2.5.168), and what follows it."""
    end = 4 + 2 * int.from_bytes(data[:4], "little")
    return data[4:end].decode("utf-16-le", "replace"), data[end:]


def _symbolic(content: bytes) -> str:
    if not content.startswith(b"ID;P"):
        return ""
    text = content[:_LARGEST].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    cell = _DDE_CELL.search(text)
    if cell and cell.group(1).decode("ascii").lower() not in QUIET_DDE_SERVICES:
        return f"holds a DDE link to {cell.group(1).decode('ascii')} {cell.group(2).decode('utf-8', 'replace')}"
    sheet = re.search(rb"^O;(?:[^;\n]{0,40};){0,10}E\b", text, re.MULTILINE)
    started, call = _STARTS_BY_ITSELF.search(text), _CALL.search(text)
    if sheet and call:
        return f"is a macro sheet that calls {call.group(1).decode('ascii').upper()}"
    return f"is a macro sheet that starts by itself, at {started.group(1).decode('ascii')}" if sheet and started else ""
