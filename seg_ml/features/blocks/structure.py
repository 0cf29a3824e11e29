"""The form of a message: its parts, its HTML, its length."""

from __future__ import annotations

from math import log1p

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.domain.message import Message
from seg_ml.features.catalogue import feature
from seg_ml.mail.quotes import author_text


@feature(
    "structure",
    version=2,
    names=(
        "text_length",
        "words",
        "parts",
        "attachments",
        "html_share",
        "html_only",
        "images",
        "remote_images",
        "forms",
        "password_inputs",
        "scripts",
        "tables",
        "hidden_elements",
        "hidden_share",
        "defects",
    ),
    rising="forms password_inputs scripts hidden_elements hidden_share",
)
class Structure:
    """Counts as log1p; shares in [0, 1]. `html_share` is visible text over HTML source.

    `text_length` and `words` are of what the author says himself: a conversation that he quotes may never have been.
    """

    def extract(self, request: ScoreRequest, message: Message) -> dict[str, float]:
        """One value per name."""
        html, types = message.html, {part.content_type for part in message.parts}
        own, visible, hidden = author_text(message), len(message.text), len(message.hidden_text)
        return {
            "text_length": log1p(len(own)),
            "words": log1p(own.count(" ")),
            "parts": log1p(len(message.parts)),
            "attachments": log1p(len(message.attachments)),
            "html_share": min(1.0, visible / html.characters) if html.characters else 1.0,
            "html_only": float("text/html" in types and "text/plain" not in types),
            "images": log1p(html.images),
            "remote_images": log1p(html.remote_images),
            "forms": log1p(html.forms),
            "password_inputs": log1p(html.password_inputs),
            "scripts": log1p(html.scripts),
            "tables": log1p(html.tables),
            "hidden_elements": log1p(html.hidden_elements),
            "hidden_share": hidden / (visible + hidden) if visible + hidden else 0.0,
            "defects": log1p(len(message.defects)),
        }
