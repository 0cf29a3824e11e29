"""Files that travel with letters: honest ones, and harmless bytes in the shape of what malware looks like."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from seg_ml.corpora.modern.mime import Attachment
from seg_ml.corpora.modern.senders import hexadecimal

_STEMS = (
    "Invoice Order Statement Quotation Contract Delivery_Note Payment_Advice Scan Remittance Purchase_Order".split()
)
_EPOCH = (2020, 1, 1, 0, 0, 0)
_HOUR = timedelta(hours=1)


def attachment(kind: str, random: Random, moment: datetime) -> Attachment:
    """A file of a kind, such as `pdf` or `zip-exe`.

    Raises:
        KeyError: there is no such kind.
    """
    stem = f"{random.choice(_STEMS)}_{random.randint(1000, 999_999)}"
    return _KINDS[kind](stem, random, moment)


def _pdf(stem: str, random: Random, moment: datetime) -> Attachment:
    shown = f"BT /F1 14 Tf 72 720 Td ({stem.replace('_', ' ')}) Tj 0 -24 Td (Total {random.randint(40, 9000)}.00) Tj ET"
    stream = zlib.compress(shown.encode())
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n" % len(stream) + stream + b"\nendstream",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + content + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start
    return Attachment(f"{stem}.pdf", "application/pdf", bytes(out))


def _office(extension: str, media_type: str, macro: bool) -> Callable[[str, Random, datetime], Attachment]:
    def make(stem: str, random: Random, moment: datetime) -> Attachment:
        body = "xl/workbook.xml" if extension.startswith("xl") else "word/document.xml"
        files = {
            "[Content_Types].xml": b"<Types/>",
            "_rels/.rels": b"<Relationships/>",
            body: f"<w>{stem}</w>".encode(),
        }
        if macro:
            files[f"{body.partition('/')[0]}/vbaProject.bin"] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + random.randbytes(
                504
            )
        return Attachment(f"{stem}.{extension}", media_type, _zip(files))

    return make


def _ics(stem: str, random: Random, moment: datetime) -> Attachment:
    start = moment + timedelta(days=random.randint(1, 12))
    times = f"DTSTAMP:{moment:%Y%m%dT%H%M%SZ} DTSTART:{start:%Y%m%dT%H0000Z} DTEND:{start + _HOUR:%Y%m%dT%H0000Z}"
    head = "BEGIN:VCALENDAR VERSION:2.0 PRODID:-//Calendar//EN METHOD:REQUEST BEGIN:VEVENT SUMMARY:Meeting"
    lines = [*head.split(), f"UID:{hexadecimal(random, 24)}", *times.split(), "END:VEVENT", "END:VCALENDAR", ""]
    return Attachment("invite.ics", "text/calendar", "\r\n".join(lines).encode())


def _png(stem: str, random: Random, moment: datetime) -> Attachment:
    side = random.randint(2, 40)
    rows = b"".join(b"\0" + bytes([random.randint(0, 255), random.randint(0, 255), 90] * side) for _ in range(side))
    head = side.to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0"
    chunks = (b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")
    out = b"".join(
        len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big") for name, data in chunks
    )
    return Attachment(f"{stem}.png", "image/png", b"\x89PNG\r\n\x1a\n" + out)


def _zip_exe(stem: str, random: Random, moment: datetime) -> Attachment:
    inner = f"{stem}{random.choice(['.pdf.exe', '.exe', '.scr', '.pdf.scr', '.docx.exe', '.com'])}"
    return Attachment(f"{stem}.zip", "application/zip", _zip({inner: _stub(random)}))


def _zip_files(stem: str, random: Random, moment: datetime) -> Attachment:
    files = {f"{stem}_{page}.pdf": _pdf(stem, random, moment).content for page in range(random.randint(1, 3))}
    return Attachment(f"{stem}.zip", "application/zip", _zip(files))


def _zip_locked(stem: str, random: Random, moment: datetime) -> Attachment:
    """The flag of encryption is set, and what is inside is noise."""
    content = bytearray(
        _zip({f"{stem}.{random.choice(['js', 'exe', 'doc', 'lnk'])}": random.randbytes(400)}, stored=True)
    )
    content[6] |= 1
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    return Attachment(f"{stem}.zip", "application/zip", bytes(content))


def _html(stem: str, random: Random, moment: datetime) -> Attachment:
    name = hexadecimal(random, 6)
    page = f"""<html><head><title>{stem}</title></head><body><p>Loading document ...</p><script>
var _{name} = "{"aGFybWxlc3M" * random.randint(2, 20)}=";
var b = new Blob([atob(_{name})], {{type: "application/octet-stream"}});
var a = document.createElement("a"); a.href = URL.createObjectURL(b); a.download = "{stem}.iso"; a.click();
</script></body></html>"""
    return Attachment(f"{stem}.{random.choice(['html', 'htm', 'shtml'])}", "text/html", page.encode())


def _named(
    extensions: tuple[str, ...], content: bytes, media_type: str = "application/octet-stream"
) -> Callable[[str, Random, datetime], Attachment]:
    def make(stem: str, random: Random, moment: datetime) -> Attachment:
        return Attachment(
            f"{stem}.{random.choice(extensions)}", media_type, content + random.randbytes(random.randint(8, 300))
        )

    return make


def _script(stem: str, random: Random, moment: datetime) -> Attachment:
    extension = random.choice(["js", "vbs", "wsf", "jse", "hta"])
    return Attachment(
        f"{stem}.{extension}", "application/octet-stream", f"// {hexadecimal(random, 40)}\r\nvar a = 1;\r\n".encode()
    )


def _eicar(stem: str, random: Random, moment: datetime) -> Attachment:
    # Put together here, so that no scanner takes this file for the test file itself.
    content = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-" + "ANTIVIRUS-TEST-FILE!$H+H*"
    name = f"{stem}.{random.choice(['com', 'exe', 'zip'])}"
    return Attachment(name, "application/octet-stream", content.encode())


def _stub(random: Random) -> bytes:
    return (
        b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0"
        + bytes(44)
        + b"\x40\0\0\0"
        + b"This program cannot be run in DOS mode."
        + random.randbytes(64)
    )


def _zip(files: dict[str, bytes], stored: bool = False) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), content)
    return out.getvalue()


_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_KINDS: dict[str, Callable[[str, Random, datetime], Attachment]] = {
    "pdf": _pdf,
    "docx": _office("docx", _WORD, macro=False),
    "xlsx": _office("xlsx", _SHEET, macro=False),
    "ics": _ics,
    "png": _png,
    "zip": _zip_files,
    "docm": _office("docm", "application/vnd.ms-word.document.macroEnabled.12", macro=True),
    "xlsm": _office("xlsm", "application/vnd.ms-excel.sheet.macroEnabled.12", macro=True),
    "zip-exe": _zip_exe,
    "zip-locked": _zip_locked,
    "html": _html,
    "script": _script,
    "disk": _named(("iso", "img", "vhd"), b"\0" * 2048 + b"\x01CD001\x01"),
    "shortcut": _named(("lnk", "pdf.lnk", "url"), b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0F"),
    "exe": _named(("exe", "scr", "pdf.exe", "bat"), b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0"),
    "eicar": _eicar,
}
HONEST = ("pdf", "pdf", "pdf", "docx", "xlsx", "zip", "png")
"""Kinds that an honest sender attaches."""
