"""RAR archives: names and encryption from the headers, contents from `bsdtar`."""

from __future__ import annotations

import io

from seg_ml.domain.message import Part
from seg_ml.signatures.unpack.archive import Archive, Draft, known
from seg_ml.signatures.unpack.foreign import fill_foreign
from seg_ml.signatures.unpack.limits import Budget

HIDDEN = "(names are hidden)"


def read_rar(part: Part, _: tuple[str, ...], budget: Budget) -> Archive:
    """The files of a RAR 4 or 5 archive. Encrypted ones stay closed: no free reader decrypts them."""
    draft = Draft(part, budget)
    names, encrypted = _headers(draft)
    if encrypted and set(names) <= set(encrypted):
        draft.names, draft.encrypted = names, encrypted
        return draft.done()
    fill_foreign(draft)
    draft.names = known([*draft.names, *names])
    if encrypted:
        # libarchive complains about each; that is what `encrypted` says.
        draft.encrypted, draft.unread = encrypted, ""
        draft.members = [member for member in draft.members if member.filename not in encrypted]
    return draft.done()


def _headers(draft: Draft) -> tuple[list[str], list[str]]:
    import rarfile

    try:
        with rarfile.RarFile(io.BytesIO(draft.part.content)) as archive:
            items = [item for item in archive.infolist() if not item.is_dir()]
            if archive.needs_password() and not items:
                return [], [HIDDEN]
            names = [str(item.filename) for item in items]
            return names, [str(item.filename) for item in items if item.needs_password()]
    except Exception:  # its parser trips over damaged headers in every way; libarchive then says what is wrong
        return [], []
