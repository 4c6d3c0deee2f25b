"""The picture and the tables of the benchmark about large sites."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from benchmarks.giant_space import OTHERS, OURS
from benchmarks.report import Section, Target, data
from tools.draw_large_sites import FAILED, draw
from tools.panels import LABELS, LONGEST_BAR

MANIFEST = OTHERS[0].name
RUNS = ("", "spaces", "seconds", "requests", "peak MB")
KILLS = ("", "spaces", "kills", "read twice, mean %", "read twice, worst %", "requests afterwards")


def sections(*, manifest_fails: bool) -> dict[str, Section]:
    theirs = "" if manifest_fails else "1,200"
    return {
        "giant-space": Section(
            "One giant space: 8,000 pages",
            "",
            RUNS,
            [(OURS.name, "1", "20.00", "66", "90"), (MANIFEST, "1", theirs, theirs, theirs)],
        ),
        "long-bodies": Section(
            "Long bodies: peak MB",
            "",
            ("bodies", OURS.name, MANIFEST),
            [("12 x 20 MB", "300", theirs), ("600 x 1 MB", "150", theirs)],
        ),
        "interruptions": Section(
            "Killed in the middle: 12,000 pages",
            "",
            KILLS,
            [
                (OURS.name, "1", "10", "1.0", "5.0", "55"),
                (MANIFEST, "1", *([theirs] * 4)),
            ],
        ),
    }


def drawn(*, manifest_fails: bool = False) -> ElementTree.Element:
    tables = data(sections(manifest_fails=manifest_fails), "Measured today (load 1)")
    return ElementTree.fromstring(draw(tables))


def texts(root: ElementTree.Element) -> list[str]:
    return [(one.text or "").replace("\N{NO-BREAK SPACE}", " ") for one in root.iter()]


def bars(root: ElementTree.Element) -> list[float]:
    return [float(one.attrib["width"]) for one in root.iter() if one.attrib.get("rx") == "3"]


def test_each_bar_is_as_long_as_its_share_of_the_longest_of_its_panel() -> None:
    ours, theirs = 20 / 1200, 1.0
    shares = [ours, theirs, 300 / 1200, 1.0, 150 / 1200, 1.0, 5 / 1200, 1.0]

    assert bars(drawn()) == [pytest.approx(LONGEST_BAR * share, abs=0.1) for share in shares]


def test_the_values_stand_beside_the_bars() -> None:
    shown = texts(drawn())

    assert {"20 s, 66 requests", "300 MB", "1,200 MB", "5 %", LABELS[MANIFEST]} <= set(shown)
    assert FAILED not in shown


def test_a_program_that_failed_has_no_bar_and_is_said_to_have_failed() -> None:
    root = drawn(manifest_fails=True)

    assert texts(root).count(FAILED) == 4
    assert bars(root)[1] == 0
    assert bars(root)[0] == LONGEST_BAR


def test_a_failed_program_misses_its_target() -> None:
    target = Target("Peak", None, 300, is_upper=True, unit=" MB")

    assert not target.is_met
    assert "missed" in str(target)


def test_text_is_not_wrapped_at_the_hyphen_of_our_name() -> None:
    text = f"{'x' * 90} source-confluence has ten workers."

    assert re.search("^source-confluence", str(Section("", text, ("",), [])), re.MULTILINE)
