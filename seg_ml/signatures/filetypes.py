"""What a file is by its bytes and what its name says; magika is asked only where the first bytes do not tell."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"MZ", "pe"),
    (b"\x7fELF", "elf"),
    (b"\xfe\xed\xfa\xce", "macho"),
    (b"\xfe\xed\xfa\xcf", "macho"),
    (b"\xce\xfa\xed\xfe", "macho"),
    (b"\xcf\xfa\xed\xfe", "macho"),
    (b"L\x00\x00\x00\x01\x14\x02\x00", "lnk"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\x1f\x9d", "compress"),
    (b"LZIP\x01", "lzip"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"MSCF", "cab"),
    (b"\x60\xea", "arj"),
    (b"SZDD\x88\xf0\x27\x33", "szdd"),
    (b"070701", "cpio"),
    (b"070707", "cpio"),
    (b"\xc7\x71", "cpio"),
    (b"\x71\xc7", "cpio"),
    (b"MSWIM\0\0\0", "wim"),
    (b"xar!", "xar"),
    (b"\x78\x9f\x3e\x22", "tnef"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d", "one"),
    (b"{\\rt", "rtf"),
    (b"ITSF", "chm"),
    (b"ActiveMime", "activemime"),
    (b"\x89PNG", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF8", "gif"),
    (b"BM", "bmp"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"RIFF", "riff"),
)
# Marks that stand further in: (offset, mark, type).
_MAGIC_AT = ((257, b"ustar", "tar"), (7, b"**ACE**", "ace"), (2, b"-lh", "lzh"), (8, b"\x19\x04\x00\x10", "sis"))
_ISO_MARK, _ISO_AT = b"CD001", 0x8001  # ECMA-119 §8.1.2
_UDF_MARK = b"BEA01"  # ECMA-167 §2/9.1, in the same place
_BOOT_MARK = b"\x55\xaa"
_FILE_SYSTEMS = (
    (3, b"NTFS    "), (3, b"EXFAT   "), (54, b"FAT12   "), (54, b"FAT16   "), (82, b"FAT32   "), (512, b"EFI PART"),
)  # fmt: skip
_VHD_MARK, _VHD_FOOTER = b"conectix", 512  # a fixed VHD is raw sectors and a footer
_PDF_WINDOW = 1024  # PDF readers look for the header that far (ISO 32000-1, annex H.3.4.1)

EXECUTABLES = frozenset({"pe", "elf", "macho", "lnk", "chm"})
FOREIGN = frozenset({"cab", "cpio", "xar", "lzh", "iso"})
"""Containers that libarchive reads."""

UNREAD = frozenset({"szdd", "ace", "sis", "tnef", "compress", "lzip", "lz4"})
"""Containers for which no reader is among the dependencies."""

CARVED = frozenset({"vhd", "vhdx", "udf", "raw disk"})
"""Disk images of which files are carved."""

DISKS = CARVED | {"iso"}

SCRIPT_LABELS = frozenset(
    {"batch", "powershell", "vba", "javascript", "jscript", "vbscript", "hta", "msi", "jar", "autohotkey", "autoit"}
)
"""magika's labels of what Windows runs at a double click, beside the executables above."""

MAX_MAGIKA = 1 << 20


def magic(content: bytes) -> str:
    """A file's type by its first bytes, empty where they do not tell."""
    kind = next((name for mark, name in _MAGIC if content.startswith(mark)), "")
    if kind == "pe" and len(content) < 64:
        return ""  # shorter than a DOS header: a text that begins with these letters
    if kind:
        return kind
    for at, mark, name in _MAGIC_AT:
        if content[at : at + len(mark)] == mark:
            return name
    return "pdf" if b"%PDF-" in content[:_PDF_WINDOW] else disk_kind(content)


def disk_kind(content: bytes) -> str:
    """The kind of disk image that a file is, empty for others; it may be a PDF for other readers as well."""
    if content.startswith((b"vhdxfile", _VHD_MARK)):
        return "vhdx" if content.startswith(b"v") else "vhd"
    if content[_ISO_AT : _ISO_AT + 5] == _ISO_MARK:
        return "iso"
    if content[_ISO_AT : _ISO_AT + 5] == _UDF_MARK:
        return "udf"
    if content[-_VHD_FOOTER:].startswith(_VHD_MARK):
        return "vhd"
    return "raw disk" if content[510:512] == _BOOT_MARK and _is_disk(content) else ""


def _is_disk(content: bytes) -> bool:
    """A boot sector that names its file system, or a table of one partition at least that begins behind it."""
    if any(content.startswith(mark, at) for at, mark in _FILE_SYSTEMS):
        return True
    entries = [content[at : at + 16] for at in range(446, 510, 16)]
    begins = [int.from_bytes(entry[8:12], "little") for entry in entries if entry[4]]
    inside = bool(begins) and all(0 < begin < len(content) // 512 for begin in begins)
    return inside and all(entry[0] in (0, 0x80) for entry in entries)


@lru_cache(maxsize=1)
def _identify() -> Callable[[bytes], str]:
    # Loading costs half a second and a network of its own; most messages never need it.
    from magika import Magika

    model = Magika()
    return lambda content: str(model.identify_bytes(content).output.label)


def magika_label(content: bytes) -> str:
    """magika's label for a file. 25 ms: ask only about attachments that `magic` cannot tell."""
    return _identify()(content[:MAX_MAGIKA])


def extensions(filename: str) -> list[str]:
    """Extensions of a name, in lower case, in order: `["pdf", "exe"]` of `Invoice.pdf   .exe`."""
    _, *rest = filename.strip().rstrip(". ").lower().split(".")
    return [extension.strip() for extension in rest]
