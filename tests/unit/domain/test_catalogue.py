"""Plug-ins: registered once, resolved in the order asked for."""

import pytest

from seg_ml.domain.catalogue import Catalogue
from seg_ml.domain.errors import ConfigError


@pytest.fixture
def catalogue() -> Catalogue[int]:
    found: Catalogue[int] = Catalogue("number", "seg_ml.testing")
    found.register("one", 1)
    found.register("two", 2)
    return found


def test_order_is_the_askers(catalogue: Catalogue[int]) -> None:
    assert catalogue.resolve(["two", "one"]) == (2, 1)
    assert list(catalogue) == ["one", "two"]


def test_twice_is_refused(catalogue: Catalogue[int]) -> None:
    with pytest.raises(ConfigError, match="registered twice"):
        catalogue.register("one", 3)
    with pytest.raises(ConfigError, match="stands twice"):
        catalogue.resolve(["one", "one"])


def test_unknown_names_those_that_are_known(catalogue: Catalogue[int]) -> None:
    with pytest.raises(ConfigError, match="unknown number 'three'; known are: one, two"):
        catalogue.resolve(["three"])
