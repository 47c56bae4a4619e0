"""pytest's part: collects the examples, lets none pass unproven, keeps what passed."""

import os
from collections import Counter
from collections.abc import Generator
from pathlib import Path

import matplotlib.pyplot  # noqa: F401  loaded here, so that `pristine` restores its state
import numpy  # noqa: F401
import pytest
import torch
from sybil.integration import pytest as integration

from verify import ROOT
from verify.examples import PARSER, sybils
from verify.formula.blocks import KINDS, Formula
from verify.manifest import PATH, Manifest

_OUTCOMES: dict[str, set[str]] = {"passed": set(), "failed": set()}
_FORMULAS: Counter[str] = Counter()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-snippets",
        action="store_true",
        help="write what snippets print into the pages",
    )


def pytest_configure(config: pytest.Config) -> None:
    torch.set_num_threads(1)  # there is a worker for each core already
    if config.getoption("--update-snippets"):
        if os.environ.get("CI"):
            raise pytest.UsageError(
                "--update-snippets must not run in CI: it would hide errors"
            )
        if config.getoption("numprocesses", None):
            raise pytest.UsageError("--update-snippets runs in one process: drop -n")
        PARSER.edits = []


def pytest_collect_file(
    file_path: Path, parent: pytest.Collector
) -> pytest.Collector | None:
    collect = integration.pytest_integration(*sybils(parent.config.rootpath))
    return collect(file_path, parent)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A snippet passes only if it ran to its end and all that it printed was compared."""
    report = yield
    if isinstance(item, integration.SybilItem) and call.when == "call":
        if report.skipped:
            _fail(report, "a snippet must not skip itself")
        elif report.passed and report.capstdout + report.capstderr:
            _fail(
                report,
                "a snippet must print through sys.stdout; this went past it:\n"
                f"{report.capstdout}{report.capstderr}",
            )
        parsed = item.example.parsed
        report.user_properties += [("block", block) for block in parsed.blocks()]
        if isinstance(parsed, Formula) and report.passed:
            report.user_properties.append(("formula", parsed.kind))
    return report


def _fail(report: pytest.TestReport, message: str) -> None:
    report.outcome, report.longrepr = "failed", message


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Gather the outcomes, from all workers, where the session is controlled."""
    blocks = {str(block) for name, block in report.user_properties if name == "block"}
    if blocks and report.when == "call":
        _OUTCOMES[report.outcome] |= blocks
    _FORMULAS.update(
        str(kind) for name, kind in report.user_properties if name == "formula"
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _FORMULAS:
        found = (f"{_FORMULAS[kind]} {kind}" for kind in KINDS)
        terminalreporter.write_line(f"Formulas: {', '.join(found)}.")


def pytest_sessionfinish(session: pytest.Session) -> None:
    for page, place, new in sorted(PARSER.edits or [], key=lambda edit: -edit[1].start):
        file = Path(page)
        old = file.read_text(encoding="utf-8")
        file.write_text(old[: place.start] + new + old[place.stop :], encoding="utf-8")
    if any(_OUTCOMES.values()) and not hasattr(session.config, "workerinput"):
        path = session.config.rootpath / PATH.relative_to(ROOT)
        manifest = Manifest.load(path)
        manifest.record(**_OUTCOMES)
        manifest.save(path)
