"""Signature `office-macro`."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message, Part
from seg_ml.domain.verdict import Finding, Severity, Surface
from seg_ml.signatures.archives import files_of
from seg_ml.signatures.catalogue import Detector, signature
from seg_ml.signatures.filetypes import magic

MAX_FILE = 16 << 20
MAX_STREAM = 8 << 20

# Names of the streams that hold macros, as they stand in the directory of an OLE file (UTF-16) or of a ZIP.
_OLE_MARKS = tuple(name.encode("utf-16-le") for name in ("_VBA_PROJECT", "VBA", "Macros"))
_ZIP_MARKS = (b"vbaProject.bin", b"macrosheets/")
_XLM_SHEET = b"xl/macrosheets/"
# PowerPoint keeps its project compressed, where no name of a stream shows.
_POWERPOINT = "PowerPoint Document".encode("utf-16-le")
_XLM_MARKS = (b"Excel 4.0", b"Auto_Open", b"auto_open")


@signature(
    "office-macro",
    version=5,
    attack="T1204.002",
    severity=Severity.HIGH,
    surface=Surface.ATTACHMENT,
    attack_type="Malware/Ransomware",
    tactic="Macros",
)
class OfficeMacro(Detector):
    """An Office document carries macros; worse where they start by themselves and write, fetch or execute.

    Source: ATT&CK T1137, T1059.005; oletools (mraptor's rule: auto-execution with write or execute).
    Benign twin: documents without a macro project, in the old format and the new.
    """

    def inspect(self, request: ScoreRequest, message: Message) -> Iterable[Finding]:
        """One finding per document."""
        for part in files_of(message, self.settings.archives):
            if _may_hold_macros(part):
                found = _judge(part)
                if found is not None:
                    severity, reason = found
                    yield self.finding(f"{part.filename or part.content_type} {reason}", severity=severity)


def _may_hold_macros(part: Part) -> bool:
    """A look at the bytes, so that oletools is loaded only for files with a macro project's name in them."""
    if len(part.content) > MAX_FILE:
        return False
    kind = magic(part.content)
    if kind == "ole":
        return any(mark in part.content for mark in (*_OLE_MARKS, *_XLM_MARKS, _POWERPOINT))
    return kind == "zip" and any(mark in part.content for mark in _ZIP_MARKS) and not _is_bomb(part.content)


def _is_bomb(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return any(item.file_size > MAX_STREAM for item in archive.infolist()[:5000])
    except (zipfile.BadZipFile, struct.error, EOFError, LookupError, NotImplementedError, OSError, ValueError):
        return True


def _judge(part: Part) -> tuple[Severity, str] | None:
    from oletools.olevba import OlevbaBaseException

    try:
        code = _macro_code(part)
    except (
        OlevbaBaseException,
        AttributeError,
        EOFError,
        LookupError,
        OSError,
        RuntimeError,
        TypeError,
        ValueError,
        struct.error,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        # olevba raises these on files that only look like documents; what is not read does not pass as clean.
        return Severity.LOW, f"names a macro project and cannot be read ({type(error).__name__})"
    if code is None:
        # oletools reads Excel 4.0 macros of the old format alone.
        sheet = magic(part.content) == "zip" and _XLM_SHEET in part.content
        return (Severity.MEDIUM, "carries a sheet of Excel 4.0 macros") if sheet else None
    return _weigh(code)


def _macro_code(part: Part) -> str | None:
    from oletools.olevba import VBA_Parser

    parser = VBA_Parser(part.filename or "attachment", data=part.content)
    try:
        if not parser.detect_vba_macros() and not parser.detect_xlm_macros():
            return None
        return "\n".join(code for *_, code in parser.extract_all_macros() if isinstance(code, str))
    finally:
        parser.close()


def _weigh(code: str) -> tuple[Severity, str]:
    from oletools.mraptor import MacroRaptor

    raptor = MacroRaptor(code)
    raptor.scan()
    if raptor.suspicious:
        return Severity.HIGH, f"runs a macro by itself that writes or executes ({raptor.get_flags()})"
    return Severity.MEDIUM, "carries macros"
