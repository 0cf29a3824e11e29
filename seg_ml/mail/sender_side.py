"""Take away what the recipient's side wrote into a message.

Filters, list managers and delivery agents of the receiving site leave headers that give a label away
(`X-Spam-Status`, `X-MS-*`, `List-Id`) or tell which corpus a message is from (`Received`, `Delivered-To`).
Nothing may learn from them, so training and scoring both read a message through `strip_recipient_side`.
What stays is what a sender's own client writes (RFC 5322 §3.6, RFC 2045), listed by name: a header that
is not listed does not pass. `Date` does not: it tells one corpus from the other, and the year is no threat.
"""

from __future__ import annotations

from seg_ml.mail.mime import split_header_block

SENDER_HEADERS = frozenset(
    """
    from sender reply-to to cc bcc subject message-id in-reply-to references comments keywords
    mime-version content-type content-transfer-encoding content-disposition content-id content-description
    content-language content-class content-base content-location
    x-mailer user-agent x-mimeole x-priority x-msmail-priority priority importance organization
    disposition-notification-to return-receipt-to auto-submitted list-unsubscribe list-unsubscribe-post
    thread-topic thread-index
    """.split()
)

_HEADER_BLOCK = 64 * 1024


def strip_recipient_side(raw: bytes) -> bytes:
    """The message with only the sender's header fields, order and body kept byte for byte."""
    block, body = split_header_block(raw)
    end = b"\r\n" if b"\r\n" in block or block.endswith(b"\r") else b"\n"
    kept: list[bytes] = []
    keep = False
    for line in block[:_HEADER_BLOCK].split(b"\n"):
        if line[:1] not in (b" ", b"\t"):
            name, colon, _ = line.partition(b":")
            keep = bool(colon) and name.strip().lower().decode("ascii", "replace") in SENDER_HEADERS
        if keep:
            kept.append(line.rstrip(b"\r") + end)
    return b"".join(kept) + (end if kept else b"\n") + body
