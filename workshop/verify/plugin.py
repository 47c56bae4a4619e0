"""pytest's part: collects the examples, lets none pass unproven, keeps what passed."""

import faulthandler
import os
from collections import Counter
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import matplotlib.pyplot  # noqa: F401  loaded here, so that `pristine` restores it
import numpy  # noqa: F401
import pytest
import torch
from sybil.integration import pytest as integration

from workshop import ROOT
from workshop.pages.formulas import KINDS, Formula
from workshop.pages.snippets import Snippet
from workshop.pages.sources import verified
from workshop.verify.edits import Edit, write
from workshop.verify.examples import sybils
from workshop.verify.manifest import PATH, Manifest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-snippets",
        action="store_true",
        help="write what snippets print into the pages",
    )


def pytest_configure(config: pytest.Config) -> None:
    torch.set_num_threads(1)  # there is a worker for each core already
    edits: list[Edit] | None = None
    if config.getoption("--update-snippets"):
        _check_update(config)
        edits = []
    config.pluginmanager.register(Verification(config.rootpath, edits))


def _check_update(config: pytest.Config) -> None:
    """Allow to write into the pages only where that hides nothing."""
    if os.environ.get("CI"):
        raise pytest.UsageError(
            "--update-snippets must not run in CI: it would hide errors"
        )
    if config.getoption("numprocesses", None):
        raise pytest.UsageError("--update-snippets runs in one process: drop -n")
    if config.args_source is pytest.Config.ArgsSource.TESTPATHS:
        config.args[:] = map(str, verified(config.rootpath))  # no test has snippets


@dataclass(eq=False)  # pytest keeps its plugins in a set
class Verification:
    """What one session finds, and what became of it."""

    root: Path
    edits: list[Edit] | None
    outcomes: dict[str, set[str]] = field(
        default_factory=lambda: {"passed": set(), "failed": set()}
    )
    formulas: Counter[str] = field(default_factory=Counter)
    unwritten: list[str] = field(default_factory=list)
    screen: int = field(default_factory=lambda: os.dup(2))
    """Where errors go; while a test runs, they go elsewhere."""

    @cached_property
    def collect(self) -> Callable[[Path, pytest.Collector], pytest.Collector | None]:
        """What Sybil makes of a file."""
        return integration.pytest_integration(*sybils(self.root, self.edits))

    def pytest_collect_file(
        self, file_path: Path, parent: pytest.Collector
    ) -> pytest.Collector | None:
        return self.collect(file_path, parent)

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Let what pytest itself raises be reported: Sybil looks for its own frames."""
        if isinstance(item, integration.SybilItem):
            vars(item)["_traceback_filter"] = lambda found: found.traceback

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """End what not even an alarm can stop, and all with it; show where it was."""
        parsed = item.example.parsed if isinstance(item, integration.SybilItem) else None
        if not isinstance(parsed, Snippet):
            return (yield)
        late = parsed.limit + 10
        faulthandler.dump_traceback_later(late, exit=True, file=self.screen)
        try:
            return (yield)
        finally:
            faulthandler.cancel_dump_traceback_later()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """A snippet passes only if it ran to its end and all it printed was compared."""
        report = yield
        if isinstance(item, integration.SybilItem) and call.when == "call":
            _judge(report)
            parsed = item.example.parsed
            report.user_properties += [("block", block) for block in parsed.blocks()]
            if isinstance(parsed, Formula) and report.passed:
                report.user_properties.append(("formula", parsed.kind))
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Gather the outcomes, from all workers, where the session is controlled."""
        said = [(name, str(value)) for name, value in report.user_properties]
        blocks = {value for name, value in said if name == "block"}
        if blocks and report.when == "call":
            self.outcomes[report.outcome] |= blocks
        self.formulas.update(value for name, value in said if name == "formula")

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for problem in self.unwritten:
            terminalreporter.write_line(problem, red=True)
        if self.formulas:
            found = (f"{self.formulas[kind]} {kind}" for kind in KINDS)
            terminalreporter.write_line(f"Formulas: {', '.join(found)}.")

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        self.unwritten = list(write(self.edits or []))
        if self.unwritten:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        if any(self.outcomes.values()) and not hasattr(session.config, "workerinput"):
            path = self.root / PATH.relative_to(ROOT)
            manifest = Manifest.load(path)
            manifest.record(**self.outcomes)
            manifest.save(path)


def _judge(report: pytest.TestReport) -> None:
    """Fail what skipped itself, or printed where nothing is compared."""
    if report.skipped:
        _fail(report, "a snippet must not skip itself")
    elif report.passed and report.capstdout + report.capstderr:
        _fail(
            report,
            "a snippet must print through sys.stdout; this went past it:\n"
            f"{report.capstdout}{report.capstderr}",
        )


def _fail(report: pytest.TestReport, message: str) -> None:
    report.outcome, report.longrepr = "failed", message
