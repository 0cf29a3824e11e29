"""The prepared messages: their columns, and what must hold before anything trains on them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pandera.pandas as pa
import pyarrow
import pyarrow.parquet as pq

from seg_ml.corpora.store import replacing
from seg_ml.domain.errors import CorpusError
from seg_ml.domain.verdict import Label

_RESULTS = ["none", "pass", "fail", "softfail", "neutral", "policy", "temperror", "permerror"]
_HASH = r"^[0-9a-f]{64}$"


def _text(*checks: pa.Check, unknown: bool = False, unique: bool = False) -> pa.Column:
    return pa.Column(str, list(checks), nullable=unknown, unique=unique)


def _tuple_of_domains(value: object) -> bool:
    return isinstance(value, tuple) and all(isinstance(domain, str) for domain in value)


PREPARED = pa.DataFrameSchema(
    {
        "sha256": _text(pa.Check.str_matches(_HASH), unique=True),
        "corpus": _text(pa.Check.str_length(min_value=1)),
        "kind": _text(pa.Check.str_length(min_value=1)),
        "label": _text(pa.Check.isin([str(label) for label in Label])),
        "raw": pa.Column(object, pa.Check(lambda raw: isinstance(raw, bytes), element_wise=True)),
        "source_path": _text(),
        "date": pa.Column("datetime64[us, UTC]", nullable=True),
        "year": pa.Column("Int16", pa.Check.in_range(1990, 2100), nullable=True),
        "language": _text(pa.Check.str_length(2, 2), unknown=True),
        "cluster": _text(pa.Check.str_matches(r"^[0-9a-f]{16}$")),
        "size": pa.Column("int64", pa.Check.ge(0)),
        "spf": _text(pa.Check.isin(_RESULTS), unknown=True),
        "spf_domain": _text(unknown=True),
        "dkim": _text(pa.Check.isin(_RESULTS), unknown=True),
        "dkim_domains": pa.Column(object, pa.Check(_tuple_of_domains, element_wise=True), nullable=True),
        "dmarc": _text(pa.Check.isin(_RESULTS), unknown=True),
        "dmarc_policy": _text(pa.Check.isin(["none", "quarantine", "reject"]), unknown=True),
        "client_ip": _text(unknown=True),
        "helo": _text(unknown=True),
        "reverse_path": _text(unknown=True),
        "iprev": _text(pa.Check.isin(_RESULTS), unknown=True),
        "client_name": _text(unknown=True),
    },
    strict=True,
    ordered=True,
)
"""Columns of `data/prepared/messages.parquet`, in order.

`sha256` is of the message as fetched; `raw` is what is left without recipient-side fields, `size` its
bytes. `date` and `year` are UTC. Session facts are null where unknown; an empty `reverse_path` is the
null reverse-path, and empty `dkim_domains` say that no signature passed.
"""

_ARROW = {"raw": pyarrow.binary(), "date": pyarrow.timestamp("us", "UTC"), "year": pyarrow.int16()} | {
    "size": pyarrow.int64(),
    "dkim_domains": pyarrow.list_(pyarrow.string()),
}
ARROW_SCHEMA = pyarrow.schema([(name, _ARROW.get(name, pyarrow.string())) for name in PREPARED.columns])


def validated(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with columns of the right types.

    Raises:
        CorpusError: a column or a value breaks `PREPARED`; the message shows the first few.
    """
    typed = frame.astype({name: "str" for name, column in PREPARED.columns.items() if str(column.dtype) == "str"})
    typed = typed.astype({"date": "datetime64[us, UTC]", "year": "Int16", "size": "int64"})
    try:
        return PREPARED.validate(typed, lazy=True)
    except pa.errors.SchemaErrors as error:
        cases = error.failure_cases[["column", "check", "failure_case"]].head(5).to_string(index=False, max_colwidth=60)
        raise CorpusError(f"prepared messages break their schema:\n{cases}\ncorrect the corpus or its card") from error


def write_prepared(frame: pd.DataFrame, path: Path) -> None:
    """Validate and write, all or nothing.

    Raises:
        CorpusError: see `validated`.
    """
    checked = validated(frame)
    # Arrow takes the naive times for UTC, which they are, and needs nothing that pandas has deprecated.
    naive = checked.assign(date=checked["date"].dt.tz_convert(None))
    table = pyarrow.Table.from_pandas(naive, schema=ARROW_SCHEMA, preserve_index=False)
    with replacing(path) as temporary:
        pq.write_table(table.replace_schema_metadata(None), temporary, compression="zstd")


def read_prepared(path: Path) -> pd.DataFrame:
    """Prepared messages; nulls are `None`/`NaN`, `dkim_domains` tuples.

    Raises:
        CorpusError: there is no such file.
    """
    if not path.is_file():
        raise CorpusError(f"{path} does not exist: prepare the corpora first")
    frame = pq.read_table(path).to_pandas()
    frame["dkim_domains"] = [None if domains is None else tuple(domains) for domains in frame["dkim_domains"]]
    return validated(frame)
