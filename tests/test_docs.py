"""The papers say what is true: settings, files, links, commands."""

import re
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from spatial.settings import SETTINGS

ROOT = Path(__file__).resolve().parents[1]
PAPERS = sorted({*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")})


def test_the_manual_of_settings_says_exactly_what_the_code_says() -> None:
    rows = re.findall(r"^\| `(SHAPAN_\w+)` \| (.+?) \| (.+) \|$", (ROOT / "docs/settings.md").read_text(), re.MULTILINE)
    said = {variable: (default.strip("`"), text) for variable, default, text in rows}
    assert said == {setting.variable: (setting.default or "none", setting.help) for setting in SETTINGS}


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: str(paper.relative_to(ROOT)))
def test_every_link_of_a_paper_leads_somewhere(paper: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)", paper.read_text()):
        assert (paper.parent / target).exists(), target


@pytest.mark.parametrize("name", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_every_file_that_a_paper_names_is_there(name: str) -> None:
    text = (ROOT / name).read_text()
    rooms = "spatial|tiles|importers|webmap|sample_gis|scripts|requirements|docs"
    named = set(re.findall(rf"`((?:{rooms})/[\w./*-]+)`", text))
    assert named
    for path in named:
        assert list(ROOT.glob(path.rstrip("/"))), path


def test_every_command_that_the_readme_shows_exists() -> None:
    shown = set(re.findall(r"shapan ([a-z]+)", (ROOT / "README.md").read_text()))
    assert shown
    assert shown <= {entry.name for entry in entry_points(group="shapan.commands")}


def test_every_decision_has_a_number_of_its_own_which_its_heading_says() -> None:
    papers = sorted((ROOT / "docs/decisions").glob("*.md"))
    assert [paper.name[:4] for paper in papers] == [f"{number:04}" for number in range(1, len(papers) + 1)]
    for paper in papers:
        assert paper.read_text().startswith(f"# {int(paper.name[:4])}. "), paper.name
