"""What judges the live figures: a module to a figure, of the name of its script in
`docs/assets/javascripts/live/`, with one `REFERENCE`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules

import numpy as np

from tests.browser.live_figure import positions

Numbers = Callable[..., np.ndarray]  # of positions of the sliders: what the legend shows


def heights(places: np.ndarray, legend: list[float], *settings: float) -> None:
    """Each dot lies as high as the number that the legend shows."""
    np.testing.assert_allclose(places[:, 1], legend, rtol=1e-6, atol=1e-9)


@dataclass(frozen=True)
class Reference:
    """What judges a live figure.

    Attributes:
        legend: The numbers of its legend, from the settings of its sliders.
        grid: What its models are called with, from its sliders: a function of the name
            of the model that returns what the model should, by dlref; and the calls.
        caption: Asserts what the caption says can be seen.
        functions: Those of dlref that its mark names.
        dots: Asserts where the dots lie.
        tolerance: Relative; 0 for what is counted.
        typed: What to try in its text field, which `legend` takes last.
        says: What stands in its `<samp>`, from what `legend` takes.
    """

    legend: Callable[..., list[float]]
    grid: Callable[[list], Iterator]
    caption: Callable[[Numbers], None]
    functions: tuple[Callable, ...]
    dots: Callable[..., None] = heights
    tolerance: float = 1e-6
    typed: tuple[str, ...] = ()
    says: Callable[..., str] | None = None


def settings(slider, count):
    """So many settings of a slider, from end to end: what models are called with."""
    base = slider.get_attribute("data-base")
    values = [float(position) for position in positions(slider, count)]
    return [int(base) ** int(x) for x in values] if base else values


def references() -> dict[str, Reference]:
    """The reference of each live figure, by its name."""
    names = (module.name for module in iter_modules(__path__))
    return {name: import_module(f"{__name__}.{name}").REFERENCE for name in names}
