"""What a reader has done, in one readable file beside the exercises."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

FILE = Path("dlref-practice.json")
HINT_AFTER = 2  # failures


@dataclass(frozen=True)
class Progress:
    """How far a reader is with one exercise."""

    judged: int = 0
    failed_in_a_row: int = 0
    passed: str = ""  # the day of the first time
    hints: tuple[str, ...] = ()  # those that were read

    @property
    def needs_hint(self) -> bool:
        """Whether it failed so often that a hint is due."""
        return self.failed_in_a_row >= HINT_AFTER

    def after(self, passed: bool) -> "Progress":
        """Count one more verdict."""
        return replace(
            self,
            judged=self.judged + 1,
            failed_in_a_row=0 if passed else self.failed_in_a_row + 1,
            passed=self.passed or (date.today().isoformat() if passed else ""),
        )

    def having_read(self, *hints: str) -> "Progress":
        """Note hints, each once."""
        return replace(self, hints=tuple(dict.fromkeys((*self.hints, *hints))))


def read(file: Path = FILE) -> dict[str, Progress]:
    """Read the progress by exercise.

    Raises:
        ValueError: If the file is not one that `write` wrote.
    """
    if not file.exists():
        return {}
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        return {
            name: Progress(**x | {"hints": tuple(x["hints"])})
            for name, x in found.items()
        }
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(
            f"{file} must hold the progress of each exercise, as this program writes it; "
            f"got {error}. Mend it, or move it away to begin anew"
        ) from None


def write(progress: dict[str, Progress], file: Path = FILE) -> None:
    """Write the progress by exercise."""
    found = {name: asdict(x) for name, x in progress.items()}
    file.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
