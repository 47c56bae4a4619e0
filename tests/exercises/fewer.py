"""The judge, with fewer inputs than a reader gets: what is judged here is known."""

from dataclasses import replace

from dlref.practice.exercise import Exercise, Subject
from dlref.practice.judging import Row, examine

FEWER = 60  # a reader's answer gets 200


def judged(exercise: Exercise, subject: Subject, language: str) -> list[Row]:
    """All inputs are drawn, however slow the machine is."""
    fewer = replace(exercise, examples=min(FEWER, exercise.examples))
    return list(examine(fewer, subject, language, limit=300))
