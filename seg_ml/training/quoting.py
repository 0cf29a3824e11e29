"""How mail programs quote: what stands above, and what marks each line; drawn by chance, for messages to learn from."""

from __future__ import annotations

import html
from dataclasses import dataclass
from random import Random

_ATTRIBUTIONS = (
    "On {day}/{month}/0{day} {hour}:{minute}, {name} wrote:",
    "{name} <{user}@mail.example> wrote:",
    "Am {day}.{month}. schrieb {name}:",
    "Le {day}/{month}, {name} a écrit :",
    "El {day}/{month}, {name} escribió:",
    "{name} said:",
    "-----Original Message-----\nFrom: {name}\nTo: undisclosed",
    "________________________________\nVon: {name}\nGesendet: {day}.{month}. {hour}:{minute}",
)
_NAMES = (
    "Sam Okafor",
    "Petra Novak",
    "J. Lindqvist",
    "maria",
    "Tom",
    "Dr. A. Rossi",
    "Ines",
    "office",
    "Li Wei",
    "rob",
)
_MARKS = ("> ", ">", "| ", "")
_QUOTING = ('<blockquote type="cite">', '<div class="gmail_quote">', "<blockquote>", "<div>")


def as_html(text: str) -> str:
    """Plain text as HTML shows it."""
    return html.escape(text).replace("\n", "<br>\n")


@dataclass(frozen=True, slots=True)
class Quote:
    """How a program quotes: the line above, what begins each line of plain text, the element in HTML."""

    attribution: str
    mark: str
    element: str

    @classmethod
    def drawn(cls, random: Random) -> Quote:
        """The manner of one program, decided by the dice."""
        name = random.choice(_NAMES)
        attribution = random.choice(_ATTRIBUTIONS).format(
            name=name,
            user=name.split()[-1].lower(),
            day=random.randint(1, 9),
            month=random.randint(1, 12),
            hour=random.randint(7, 19),
            minute=random.randint(10, 59),
        )
        return cls(attribution, random.choice(_MARKS), random.choice(_QUOTING))

    def as_html(self, inner: str) -> str:
        """HTML, quoted."""
        end = "</div>" if self.element.startswith("<div") else "</blockquote>"
        return f"{as_html(self.attribution)}{self.element}{inner}{end}"

    def as_text(self, text: str) -> str:
        """Plain text, quoted."""
        return "\n".join([self.attribution, *(f"{self.mark}{line}" for line in text.splitlines())])
