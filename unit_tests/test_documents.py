"""The documents: links, files and commands exist, examples are valid, tables are complete."""

from __future__ import annotations

import ast
import json
import re
import shlex
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from airbyte_cdk.models import ConfiguredAirbyteCatalogSerializer

from source_confluence.config.config import Config
from source_confluence.streams import STREAMS
from tools import draw_comparison, draw_demo, draw_large_sites
from unit_tests import documents
from unit_tests.documents import DOCUMENTS, PACKAGE, REPOSITORY, text_of
from unit_tests.fakes import spec_schema

FOLDERS = (".", "docs", "examples", "source_confluence", "integration_tests", "unit_tests", "tools")
EXTENSIONS = "py|md|ya?ml|json|toml|txt|sh|svg|lock"
FILE = re.compile(rf"[\w.*-]+(/[\w.*-]+)*(/|\.({EXTENSIONS}))")
MADE_BY_THE_READER = re.compile(r"secrets/.*|cloud-v[12]\.json|.*available_space_permissions\.json")
COMMANDS = ("spec", "check", "discover", "read", "cost")
OPTIONS = ("--config", "--catalog", "--state", "--requests-per-second")
IMAGE = "airbyte/source-confluence:dev"
COUNT_OF_STREAMS = re.compile(r"\b\d+ (?:more\b|(?:of the \d+ )?(?:\w+ )?streams\b)")
WITH_COMMANDS = ("README.md", "docs/running.md")
MOST_WORDS_OF_THE_README = 700


def test_the_documents_are_found() -> None:
    assert {"README.md", "docs/confluence.md", "examples/README.md"} <= set(DOCUMENTS)
    assert len(documents.commands("docs/running.md")) > 10


@pytest.mark.parametrize("document", DOCUMENTS)
class TestEachDocument:
    def test_every_link_leads_somewhere(self, document: str) -> None:
        for link in (*documents.links(document), *documents.images(document)):
            if "://" in link:
                continue
            path, _, anchor = link.partition("#")
            target = (REPOSITORY / document).parent / path if path else REPOSITORY / document
            assert target.exists(), link
            if anchor:
                name = target.resolve().relative_to(REPOSITORY).as_posix()
                assert anchor in documents.anchors(name), link

    def test_every_make_target_exists(self, document: str) -> None:
        code = [*documents.commands(document), *documents.code_spans(document)]
        without_variables = [re.sub(r" [A-Z_]+=\S+", "", text) for text in code]
        named = {
            target
            for text in without_variables
            for target in re.findall(r"^make ([a-z][\w -]*)", text)
        }

        assert {one for target in named for one in target.split()} <= documents.make_targets()

    def test_every_file_exists(self, document: str) -> None:
        named = {
            span
            for span in documents.code_spans(document)
            if FILE.fullmatch(span) and not MADE_BY_THE_READER.fullmatch(span)
        }

        assert not {name for name in named if not _is_there(name)}

    def test_every_json_block_is_a_config_or_a_catalog(self, document: str) -> None:
        for block in documents.blocks(document, "json"):
            shown = json.loads(block)
            if "streams" in shown:
                assert ConfiguredAirbyteCatalogSerializer.load(shown).streams
            else:
                assert Config.parse(shown, spec_schema()).domain_name

    def test_it_does_not_count_the_streams(self, document: str) -> None:
        """There will be more of them, and a release's entry must stay as it was written."""
        assert not COUNT_OF_STREAMS.findall(documents.prose(document))

    def test_every_python_block_is_python(self, document: str) -> None:
        for block in documents.blocks(document, "python"):
            ast.parse(block)


def _is_there(name: str) -> bool:
    """Return whether the file exists; a bare name may be in any folder of the package."""
    pattern = name.rstrip("/")
    if any(True for folder in FOLDERS for _ in (REPOSITORY / folder).glob(pattern)):
        return True
    return "/" not in pattern and any(True for _ in PACKAGE.rglob(pattern))


@pytest.mark.parametrize(
    "command", [command for document in WITH_COMMANDS for command in documents.commands(document)]
)
def test_every_command_can_be_run(command: str) -> None:
    words = shlex.split(command.partition(" > ")[0].partition(" < ")[0])
    match words:
        case ["make", *targets]:
            assert {one for one in targets if "=" not in one} <= documents.make_targets()
        case [".", script]:
            assert script == ".venv/bin/activate"
        case ["docker", "run", "--rm", *rest]:
            assert IMAGE in rest
            _assert_runs_in_the_image(rest[: rest.index(IMAGE)], rest[rest.index(IMAGE) + 1 :])
        case ["source-confluence", *rest]:
            _assert_is_of_the_protocol(rest)
        case ["source-confluence-catalog" as script, *names]:
            _assert_configures(script, names)
        case ["python3", "-c", program]:
            ast.parse(program)
        case ["mkdir", "-p", folder]:
            assert folder == "secrets"
        case ["pip", "install", wheel]:
            assert wheel == "dist/*.whl"
        case _:
            pytest.fail(f"unknown command: {words[0]}")


def _assert_runs_in_the_image(options: list[str], arguments: list[str]) -> None:
    if "--entrypoint" in options:
        _assert_configures(options[options.index("--entrypoint") + 1], arguments)
    else:
        _assert_is_of_the_protocol(arguments)
    inside = {Path(word).parts[1] for word in arguments if word.startswith("/")}
    assert inside <= {"secrets"}
    assert not inside or "$PWD/secrets:/secrets:ro" in options


def _assert_is_of_the_protocol(arguments: list[str]) -> None:
    assert arguments[0] in COMMANDS
    assert {word for word in arguments if word.startswith("--")} <= set(OPTIONS)


def _assert_configures(script: str, names: list[str]) -> None:
    assert f"\n{script} = " in text_of("pyproject.toml")
    assert set(names) <= {stream.name for stream in STREAMS}


def test_troubleshooting_quotes_messages_that_exist() -> None:
    messages = text_of("unit_tests/golden/messages.md")
    rows = re.findall(r"^\| ([^|]*\*[^|]*) \|", text_of("docs/troubleshooting.md"), re.MULTILINE)
    quoted = [quote for row in rows for quote in re.findall(r"\*([^*]+)\*", row)]

    assert len(quoted) > 20
    assert not [
        quote
        for quote in quoted
        if not re.search(".*".join(map(re.escape, quote.split("..."))), messages)
    ]


class TestReadme:
    def test_it_is_short(self) -> None:
        visible = re.sub(r"<!--.*?-->", "", text_of("README.md"), flags=re.DOTALL)

        assert len(visible.split()) <= MOST_WORDS_OF_THE_README

    def test_it_links_to_every_other_document(self) -> None:
        linked = {link.rstrip("/") for link in documents.links("README.md")}
        linked_by_folder = {f"{link}/README.md" for link in linked}

        assert set(DOCUMENTS) - {"README.md"} - {"docs/performance.md"} <= linked | linked_by_folder


def test_every_recipe_for_a_state_file_is_the_same() -> None:
    (recipe,) = (
        command for command in documents.commands("docs/running.md") if "json.dumps" in command
    )

    assert f"\n{recipe}\n" in "".join(documents.blocks("examples/README.md", "sh"))


class TestPictures:
    def test_the_comparison_shows_the_last_benchmark(self) -> None:
        benchmark = json.loads(draw_comparison.DATA.read_text(encoding="utf-8"))

        assert draw_comparison.PICTURE.read_text(encoding="utf-8") == (
            draw_comparison.draw(benchmark)
        ), "run python -m tools.draw_comparison"

    def test_the_picture_of_large_sites_shows_the_last_benchmark(self) -> None:
        benchmark = json.loads(draw_comparison.DATA.read_text(encoding="utf-8"))
        if not benchmark["sections"].keys() >= draw_large_sites.SECTIONS:
            pytest.skip("make bench has not yet measured large sites")

        assert draw_large_sites.PICTURE.read_text(encoding="utf-8") == (
            draw_large_sites.draw(benchmark)
        ), "run python -m tools.draw_large_sites"
        assert "large-sites.svg" in documents.images("docs/performance.md")

    def test_the_demo_keeps_some_rows_of_the_table_and_counts_the_others(self) -> None:
        rows = ("stream  records", "pages  1", "tasks  2", "users  3", "(footer)  0", "in all  6")
        drawn = draw_demo.draw(f"{row}\n" for row in rows)

        texts = [element.text or "" for element in ElementTree.fromstring(drawn).iter()]
        shown = [text.replace("\N{NO-BREAK SPACE}", " ") for text in texts]
        assert shown[-6:] == [rows[0], rows[1], "... 1 more", rows[3], "... 1 more", rows[5]]

    @pytest.mark.parametrize("picture", [draw_demo.PICTURE, draw_comparison.PICTURE])
    def test_each_picture_is_valid_xml_with_a_title(self, picture: Path) -> None:
        root = ElementTree.parse(picture).getroot()

        assert root.findtext("{*}title")


class TestPageForAirbyte:
    DOCUMENT = "docs/confluence.md"
    HEADINGS = (
        *("Confluence", "Prerequisites", "Setup guide", "Set up Confluence"),
        *("Set up the Confluence connector in Airbyte", "For Airbyte Cloud:"),
        *("For Airbyte Open Source:", "Supported sync modes", "Supported Streams"),
        *("IP allow list", "Performance considerations", "Data type map"),
        *("Limitations & Troubleshooting", "Changelog"),
    )
    """The headings of Airbyte's template; others may stand between them."""

    def test_its_headings_are_those_of_airbytes_template(self) -> None:
        headings = [text for _, text in documents.headings(self.DOCUMENT)]

        assert [text for text in headings if text in self.HEADINGS] == list(self.HEADINGS)

    def test_no_section_is_empty(self) -> None:
        lines = [line for line in text_of(self.DOCUMENT).splitlines() if _is_content(line)]
        pairs = pairwise([*lines, "# End"])

        assert not [
            line
            for line, following in pairs
            if line.startswith("#")
            and following.startswith("#")
            and following.count("#") <= line.count("#")
        ]

    def test_it_leads_to_no_file_of_this_repository(self) -> None:
        """Airbyte's documentation takes this page alone."""
        assert all("://" in link for link in documents.links(self.DOCUMENT))

    def test_it_names_every_optional_field_by_its_title(self) -> None:
        table = documents.section(self.DOCUMENT, "Optional settings")
        named = [
            title
            for cell in re.findall(r"^\| ([A-Z][^|]+) \|", table, re.MULTILINE)
            for title in cell.split(", ")
        ]
        visible = {
            field["title"]
            for name, field in spec_schema()["properties"].items()
            if name not in ("domain_name", "credentials") and not field.get("airbyte_hidden")
        }

        assert sorted(named) == sorted(visible)

    def test_its_changelog_has_a_row_for_each_version(self) -> None:
        released = re.findall(r"^## \[(\d\S+)\] - (\S+)$", text_of("CHANGELOG.md"), re.MULTILINE)
        rows = re.findall(
            r"^\| (\d\S+) \| (\S+) \|",
            documents.section(self.DOCUMENT, "Changelog"),
            re.MULTILINE,
        )

        assert released
        assert rows == released


def _is_content(line: str) -> bool:
    """Return whether a reader sees a line: not blank, a comment or a tag."""
    return bool(line.strip()) and not line.startswith("<")


def test_the_numbers_on_scaling_are_those_that_were_measured() -> None:
    table = documents.section("docs/scaling.md", "What one container does").split("\n\n")[1]
    figures = {
        figure
        for row in table.splitlines()[2:]
        for figure in re.findall(r"\d[\d,.]*", row.split("|")[2])
    }

    assert len(figures) > 5
    others = re.compile(r"orjson|manifest|dlt")
    lines = [
        line for line in text_of("docs/performance.md").splitlines() if not others.search(line)
    ]
    measured = set(re.findall(r"\d[\d,.]*", "\n".join(lines)))
    assert {figure.rstrip(",.") for figure in figures} <= measured
