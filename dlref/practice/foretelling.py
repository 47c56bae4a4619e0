"""What a program prints, and whether a reader foretold it."""

import contextlib
import io


def output(code: str) -> str:
    """Run a program, and return what it prints."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "<program>", "exec"), {"__name__": "__main__"})
    return printed.getvalue().strip()


def foretold(number: float, printed: str) -> bool:
    """Tell whether a number is what was printed, to half a unit of its last digit."""
    return abs(number - float(printed)) <= half_a_unit(printed) * (1 + 1e-9)


def half_a_unit(printed: str) -> float:
    """Return half a unit of the last digit of a number."""
    digits, _, exponent = printed.partition("e")
    places = len(digits.partition(".")[2])
    return 0.5 * 10.0 ** (int(exponent or 0) - places)
