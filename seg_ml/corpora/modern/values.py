"""Values for the slots of a letter: names, numbers, dates and money, as its language writes them."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from random import Random

from seg_ml.corpora.modern.companies import Company, a_domain, postal_address
from seg_ml.corpora.modern.people import Person, a_person
from seg_ml.corpora.modern.words import pattern, words

_POINT = {"en": "."}
_DEVICES = ("Windows 11", "iPhone 13", "Android", "macOS", "Pixel 7", "iPad", "Chrome, Linux", "Firefox", "Galaxy S22")
_PLANS = ("Basic", "Plus", "Premium", "Team", "Family", "Pro", "Starter", "Business")
_FILES = ("pdf", "pdf", "docx", "xlsx", "zip")
_COINS = ("Bitcoin", "Ethereum", "USDT", "Solana")


class Values:
    """Slot values of one letter. The same slot says the same thing throughout; `amount2` is another amount."""

    def __init__(self, random: Random, company: Company, recipient: Person, sender: Person, moment: datetime) -> None:
        self._random = random
        self._language = company.language
        self._moment = moment
        self._known: dict[str, str] = {
            "company": company.name,
            "legal": company.legal,
            "site": company.domain,
            "first": recipient.given,
            "name": recipient.name,
            "email": recipient.address,
            "org": recipient.address.partition("@")[2].partition(".")[0].replace("-", " ").title(),
            "person": sender.name,
            "pfirst": sender.given,
            "year": str(moment.year),
        }

    def __call__(self, slot: str) -> str:
        """The value of a slot.

        Raises:
            KeyError: nothing fills that slot.
        """
        if slot not in self._known:
            self._known[slot] = self._new(slot.rstrip("0123456789") if slot[:6] != "number" else slot)
        return self._known[slot]

    def _new(self, kind: str) -> str:
        if kind.startswith("number"):
            return "".join(self._random.choices("123456789", k=int(kind[6:] or 4)))
        plural = {"city": "cities", "family": "family", "given": "given", "currency": "currency", "money": "money"}
        name = plural.get(kind, kind + "s")
        if kind in ("city", "product", "role", "team", "project", "topic", "street", "month"):
            return self._random.choice(words(self._language, name))
        return str(getattr(self, "_" + kind)())

    def _person(self) -> str:
        return a_person(self._random, self._language, "example.example").name

    def _email(self) -> str:
        return a_person(self._random, self._language, a_domain(self._random, self._language)).address

    def _address(self) -> str:
        return postal_address(self._random, self._language)

    def _money(self, low: int, high: int) -> str:
        form = pattern(self._language, "money")
        whole = self._random.randint(low, high)
        separated = f"{whole:,}" if self._language == "en" else f"{whole:,}".replace(",", ".")
        cents = self._random.choice(["00", "99", "50", "95", f"{self._random.randint(0, 99):02d}"])
        currency = self._known.setdefault("_currency", self._random.choice(words(self._language, "currency")))
        point = _POINT.get(self._language, ",")
        return form.format(whole=separated, point=point, cents=cents, currency=currency)

    def _amount(self) -> str:
        return self._money(4, 380)

    def _fee(self) -> str:
        return self._money(1, 5)

    def _sum(self) -> str:
        return self._money(900, 48_000)

    def _price(self) -> str:
        dollars = self._random.choice([249, 289, 299, 349, 379, 399, 449, 499])
        return f"${dollars}.{self._random.choice(['99', '00', '49'])}"

    def _ransom(self) -> str:
        return self._money(450, 2400)

    def _fortune(self) -> str:
        return self._random.choice(["{} {},000", "{} {}00,000", "{} {}.5 million", "{} {},500,000"]).format(
            self._random.choice(["USD", "EUR", "GBP", "US$", "€"]), self._random.randint(2, 48)
        )

    def _day_of(self, moment: datetime) -> str:
        day, month = moment.day, words(self._language, "months")[moment.month - 1]
        if self._language == "en":
            return self._random.choice([f"{day} {month}", f"{month} {day}", f"{month} {day}, {moment.year}"])
        if self._language == "de":
            return self._random.choice([f"{day}. {month}", f"{day:02d}.{moment.month:02d}.{moment.year}"])
        joint = " de " if self._language in ("pt", "es") else " "
        return self._random.choice([f"{day}{joint}{month}", f"{day:02d}/{moment.month:02d}/{moment.year}"])

    def _date(self) -> str:
        return self._day_of(self._moment + timedelta(days=self._random.randint(1, 20)))

    def _past(self) -> str:
        return self._day_of(self._moment - timedelta(days=self._random.randint(0, 9)))

    def _day(self) -> str:
        return self._random.choice(words(self._language, "days"))

    def _time(self) -> str:
        return f"{self._random.randint(7, 19)}:{self._random.choice(['00', '15', '30', '45', '10', '20'])}"

    def _stamp(self) -> str:
        moment = self._moment - timedelta(minutes=self._random.randint(20, 4000))
        return f"{moment.day:02d}.{moment.month:02d}.{moment.year} {moment.hour:02d}:{moment.minute:02d}"

    def _order(self) -> str:
        return self._random.choice(["{}", "#{}", "W{}", "{}-A", "ORD-{}"]).format(
            self._random.randint(10_000, 9_999_999)
        )

    def _invoice(self) -> str:
        return self._random.choice(["INV-{}", "{}", "RE{}", "2-{}", "F-{}"]).format(self._random.randint(1000, 999_999))

    def _ticket(self) -> str:
        return self._random.choice(["#{}", "CASE-{}", "T{}", "{}", "SR {}"]).format(
            self._random.randint(1000, 9_999_999)
        )

    def _tracking(self) -> str:
        letters = "".join(self._random.choices("ABCDEFGHJKLMNPRSTUVWXYZ", k=2))
        return self._random.choice([f"{letters}{{}}", "00{}", f"{{}}{letters}"]).format(
            self._random.randint(10**9, 10**11)
        )

    def _code(self) -> str:
        return f"{self._random.randint(100_000, 999_999)}"

    def _password(self) -> str:
        return self._random.choice(words("en", "family")) + str(self._random.randint(10, 9999))

    def _phone(self) -> str:
        a, b, c = self._random.randint(200, 989), self._random.randint(200, 989), self._random.randint(1000, 9999)
        return self._random.choice(
            [f"+1 ({a}) {b}-{c}", f"0{a} {b}{c}", f"+44 {a} {b} {c}", f"1-8{a % 100:02d}-{b}-{c}"]
        )

    def _iban(self) -> str:
        country = {"en": "GB", "pt": "PT"}.get(self._language, self._language.upper())
        return f"{country}{self._random.randint(10, 98)} " + " ".join(
            f"{self._random.randint(0, 9999):04d}" for _ in range(4)
        )

    def _wallet(self) -> str:
        alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
        return self._random.choice(["1", "3", "bc1q"]) + "".join(self._random.choices(alphabet, k=32))

    def _ip(self) -> str:
        return ".".join(str(self._random.randint(11, 200)) for _ in range(4))

    def _hours(self) -> str:
        return self._random.choice(["12", "24", "48", "72", "24", "48"])

    def _few(self) -> str:
        return str(self._random.randint(2, 9))

    def _many(self) -> str:
        return str(self._random.randint(12, 480))

    def _percent(self) -> str:
        return self._random.choice(["5 %", "10 %", "15%", "20%", "25 %", "30%", "40 %", "50%", "70%", "80 %"])

    def _full(self) -> str:
        return self._random.choice(["85 %", "90%", "95%", "97 %", "98%", "99 %", "100%"])

    def _size(self) -> str:
        return f"{self._random.randint(1, 49)}.{self._random.randint(0, 9)} GB"

    def _device(self) -> str:
        return self._random.choice(_DEVICES)

    def _plan(self) -> str:
        return self._random.choice(_PLANS)

    def _coin(self) -> str:
        return self._random.choice(_COINS)

    def _file(self) -> str:
        stem = self._random.choice(
            ["Report", "Offer", "Contract", "Plan", "Scan", "Invoice", "Summary", "Minutes", "Budget"]
        )
        return f"{stem}_{self._random.randint(1, 9999)}.{self._random.choice(_FILES)}"

    def _host(self) -> str:
        kind = self._random.choice(["web", "db", "app", "mail", "build", "nas", "srv", "proxy", "git", "files"])
        return f"{kind}{self._random.choice(['', '1', '2', '3', '01', '02', '-old', '-new'])}"

    def _hash(self) -> str:
        return self._random.randbytes(4).hex()[: self._random.choice([7, 8])]

    def _version(self) -> str:
        return ".".join(str(self._random.randint(0, 19)) for _ in range(self._random.choice([2, 3, 3])))

    def _token(self) -> str:
        return base64.urlsafe_b64encode(self._random.randbytes(self._random.randint(6, 30))).decode().rstrip("=")
