"""The look that the notebooks' pictures share. Pyplot lets go of each, so that a notebook shows it once."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter
from numpy.typing import NDArray

WANTED_COLOUR, UNWANTED_COLOUR = "#4477aa", "#ee6677"
"""Wanted and unwanted mail in every picture (Paul Tol's bright scheme)."""


def canvas(title: str, xlabel: str, ylabel: str, size: tuple[float, float] = (7.0, 4.4)) -> tuple[Figure, Axes]:
    """A figure with one set of axes, named."""
    figure, axes = plt.subplots(figsize=size, layout="constrained")
    plt.close(figure)
    name(axes, title, xlabel, ylabel)
    return figure, axes


def panels(count: int, size: tuple[float, float], **options: Any) -> tuple[Figure, list[Axes]]:
    """A figure with `count` sets of axes beside each other."""
    figure, grid = plt.subplots(1, count, figsize=size, layout="constrained", squeeze=False, **options)
    plt.close(figure)
    return figure, list(grid[0])


def name(axes: Axes, title: str, xlabel: str, ylabel: str) -> None:
    """Title and labels, with a thin grid."""
    axes.set_title(title, fontsize=11)
    axes.set(xlabel=xlabel, ylabel=ylabel)
    axes.grid(visible=True, linewidth=0.4)
    axes.set_axisbelow(True)


def count_axis(axes: Axes) -> None:
    """A logarithmic horizontal axis of counts: 1, 2, 5, 10, … in full, and nothing between."""
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.xaxis.set_minor_formatter(NullFormatter())


def signed_bars(axes: Axes, names: list[str], values: NDArray[np.float64]) -> None:
    """Horizontal bars, the first on top; what speaks for unwanted mail in its colour."""
    heights = np.arange(len(names))[::-1]
    axes.barh(heights, values, color=np.where(values > 0, UNWANTED_COLOUR, WANTED_COLOUR).tolist())
    # A word may hold a dollar sign, which would start a formula.
    axes.set_yticks(heights, [text.replace("$", r"\$") for text in names], fontsize=8)
    axes.axvline(0, color="black", linewidth=0.8)
