"""The block of wares gives to the last bit what it gave when models were trained on it.

`wares_frozen.json` holds the columns in hexadecimal; regenerate it only together with the block's version:
`pytest --regenerate-golden`.
"""

import json
from pathlib import Path
from unicodedata import category, combining, normalize

import pytest

from seg_ml.domain.envelope import ScoreRequest
from seg_ml.features.catalogue import FEATURES
from seg_ml.mail.parse import parse
from seg_ml.signatures import domains

FROZEN = Path(__file__).parent / "wares_frozen.json"
LONG = " ".join(f"word{n} cheap meds and a loan {n} %" for n in range(700))
CASES = {
    "empty": ("", ""),
    "minutes": ("Minutes of the garden club", "We agreed on the budget. Ann writes to the caterer."),
    "medicine": ("Cheap meds, no prescription!", "Viagra and Cialis from $1.99, V1AGRA, c i a l i s and T.r.a.m.a.d.o.l"),
    "goes over the subject": ("A mortgage with low", "rates and no obligation: click"),
    "over the words": ("no", "obligation. " + "click " * 4 + "here, act now, act now, ACT NOW"),
    "digits": ("0rder n0w", "m0rtg4ge r3pl1ca w4tch3s 4ppr0v3d a1b2c3d4e5f6g7h8i9j0k1l2m3n4viagr4 12345 abc1 d3bt."),
    "other letters": ("Rоlех und Kredit", "Gеld vеrdiеnen, prêt personnel, haga clic aquí, emagrecer, préstamo ΚΑΖΙΝΟΣ"),
    "wide and invisible": ("Ｃａｓｉｎｏ", "po\u00adker, sl\u200bots, free\u00a0spins, jack\u2060pot \U0001f3b0 l\u0301o\u0308an 5 % €20,00 £3"),
    "apostrophes": ("don\u2019t miss", "Don't wait! gagner de l\u2019argent, forward-looking statements, pre-approved"),
    "long text": ("A loan", LONG),
    "long subject": ("act now " * 900, "million dollars, next of kin"),
    "long and foreign": ("é " * 50 + "loan", "ü act now " * 1400),
    "excuse": ("Re: your list", "This is not spam. To be removed from our list, opt-out. subject: remove\n100% FREE, 50 % off"),
    "subject alone": ("University degree, no exams: diploma", ""),
    "spaced": ("l o a n", "d-e-b-t, p_o_k_e_r, m|b|a|, c*a*s*i*n*o and x x x x x"),
}  # fmt: skip


def columns(subject: str, text: str) -> list[str]:
    raw = f"Subject: {subject}\nContent-Type: text/plain; charset=utf-8\n\n{text}\n".encode()
    (block,) = FEATURES.resolve(["wares"])
    values = block.extract(ScoreRequest(raw), parse(raw))
    return [values[name].hex() for name in block.names]


@pytest.mark.parametrize("case", CASES)
def test_every_column_is_the_same_to_the_last_bit(case: str, request: pytest.FixtureRequest) -> None:
    found = columns(*CASES[case])
    if request.config.getoption("--regenerate-golden"):
        frozen = json.loads(FROZEN.read_text(encoding="utf-8")) if FROZEN.exists() else {}
        FROZEN.write_text(json.dumps(frozen | {case: found}, indent=1) + "\n", encoding="utf-8")
    assert found == json.loads(FROZEN.read_text(encoding="utf-8"))[case]


def test_folding_is_what_it_was_when_it_went_character_by_character() -> None:
    texts = [*(text for case in CASES.values() for text in case), "".join(map(chr, range(0x20, 0x3000)))]
    for text in texts:
        kept = (c for c in normalize("NFKD", text[:4096]) if not combining(c) and category(c) not in ("Cf", "Mn"))
        expected = "".join(c if c.isascii() else domains._latin(c) for c in kept).lower()
        assert domains.fold(text[:4096]) == expected
