"""The user guide says what is there: pages, pictures, addresses, commands, words of the screen, in both languages."""

import re
import shlex
import struct
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import click
import pytest

from spatial.cli import root
from spatial.settings import SETTINGS
from tests.fixtures.web import Web
from webmap.audit_words import WORDS as WORDS_OF_AUDIT

ROOT = Path(__file__).resolve().parents[1]
GUIDE = ROOT / "docs" / "guide"
WORDS = ROOT / "webmap" / "frontend" / "src" / "i18n"
LANGUAGES = {"zh": "zh-CN", "en": "en"}
ROLES = {"README": "operator", "duty-officer": "operator", "operator": "operator", "clerk": "importer",
         "keeper": "keeper", "administrator": "administrator"}
"""Who reads a page: addresses in it are answered for this role."""

PAGES = [GUIDE / language / f"{name}.md" for language in LANGUAGES for name in ROLES]
MOST_BYTES = 150_000

# One entry of a dictionary: 'key': 'sentence', or in double quotes.
ENTRY = re.compile(r"""^\s*'[\w.-]+(?: [\w.-]+)*':\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"),?$""", re.MULTILINE)

BLANK = re.compile(r"\{(\w+)\}")

# What stands for a blank is short; a number where the blank is one.
NUMBERS = {"count", "hours", "minutes", "seconds", "metres", "id", "total", "rejected", "read"}


COMMANDS = re.compile(r"^```sh\n(.*?)^```$|`((?:shapan |scripts/)[^`\n]*)`", re.MULTILINE | re.DOTALL)
SETTING = re.compile(r"SHAPAN_[A-Z_]+=")


def ids(page: Path) -> str:
    return f"{page.parent.name}/{page.stem}"


every_page = pytest.mark.parametrize("page", PAGES, ids=ids)


def without_code(text: str) -> str:
    """Return a page without its blocks and spans of code."""
    return re.sub(r"`[^`]*`", "", re.sub(r"^( *)```.*?^\1```$", "", text, flags=re.MULTILINE | re.DOTALL))


def anchor(heading: str) -> str:
    """Return the name of a heading in addresses, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def headings(page: Path) -> list[tuple[int, str]]:
    """Return depth and words of each heading."""
    return [(len(marks), words) for marks, words in re.findall(r"^(#+) (.+)$", page.read_text(), re.MULTILINE)]


def pictures(page: Path) -> list[str]:
    """Return the names of the pictures of a page, in their order."""
    return re.findall(r"!\[[^\]]+\]\(\.\./images/\w+/([\w-]+\.webp)\)", page.read_text())


@every_page
def test_every_link_and_picture_of_a_page_is_there(page: Path) -> None:
    text = page.read_text()
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert links
    for link in links:
        parts = urlsplit(link)
        assert not parts.scheme, f"{link}: the machine has no internet"
        target = (page.parent / parts.path).resolve() if parts.path else page
        assert target.exists(), link
        if parts.fragment:
            assert parts.fragment in {anchor(words) for _, words in headings(target)}, link
        if target.suffix == ".webp":
            assert target.parent.name == page.parent.name, f"{link}: the picture of the other language"
    assert not re.findall(r"!\[\]", text), "a picture without words for who cannot see it"


@pytest.mark.parametrize("name", ROLES)
def test_both_languages_have_the_same_sections_pictures_steps_addresses_and_commands(name: str) -> None:
    chinese, english = (GUIDE / language / f"{name}.md" for language in LANGUAGES)
    assert [depth for depth, _ in headings(chinese)] == [depth for depth, _ in headings(english)]
    assert pictures(chinese) == pictures(english)
    assert addresses(chinese) == addresses(english)
    assert [words for words, _ in commands(chinese)] == [words for words, _ in commands(english)]
    for what, pattern in (("steps", r"^\d+\. "), ("points", r"^- "), ("rows of tables", r"^\|")):
        assert len(re.findall(pattern, chinese.read_text(), re.MULTILINE)) == len(
            re.findall(pattern, english.read_text(), re.MULTILINE)), what


def test_every_picture_is_in_a_page_exists_in_both_languages_and_is_small() -> None:
    used = {language: {name for page in (GUIDE / language).glob("*.md") for name in pictures(page)}
            for language in LANGUAGES}
    kept = {language: {file.name for file in (GUIDE / "images" / language).iterdir()} for language in LANGUAGES}
    assert used == kept
    assert kept["zh"] == kept["en"]
    for file in (GUIDE / "images").rglob("*.*"):
        assert file.stat().st_size <= MOST_BYTES, file
        head = file.read_bytes()[:16]
        assert head[:4] == b"RIFF", file
        assert head[8:12] == b"WEBP", file
        assert struct.unpack("<I", head[4:8])[0] + 8 == file.stat().st_size, f"{file} is cut off"


def test_every_picture_of_the_guide_is_one_that_the_script_takes() -> None:
    taken = set(re.findall(r'Scene\("([\w-]+)"', (ROOT / "scripts" / "guide_scenes.py").read_text()))
    assert taken == {file.stem for file in (GUIDE / "images" / "zh").iterdir()}


# --- words of the screen ---------------------------------------------------------------------------------------------


@cache
def sentences(language: str) -> tuple[frozenset[str], tuple[re.Pattern[str], ...]]:
    """Return what the screen says in a language: sentences as they are, and those with blanks as patterns."""
    plain, patterns = set(), []
    for file in [WORDS / f"{language}.js", *WORDS.glob(f"*-{language}.js")]:
        for single, double in ENTRY.findall(file.read_text(encoding="utf-8")):
            sentence = re.sub(r"\\(.)", r"\1", single or double)
            if not BLANK.search(sentence):
                plain.add(sentence)
            elif len(re.findall(r"[^\W\d_]", BLANK.sub("", sentence))) >= 2:
                patterns.append(re.compile(_pattern(sentence)))
    return frozenset(plain), tuple(patterns)


def _pattern(sentence: str) -> str:
    parts = re.split(BLANK, sentence)
    return "".join(re.escape(part) if index % 2 == 0 else r"[\d.,]+" if part in NUMBERS else r"[^，。]{1,30}?"
                   for index, part in enumerate(parts))


def on_screen(words: str, language: str) -> bool:
    """Tell whether the screen says these words: a whole entry of its dictionary, blanks filled in."""
    plain, patterns = sentences(LANGUAGES[language])
    return words in plain or any(pattern.fullmatch(words) for pattern in patterns)


@every_page
def test_every_bold_word_of_a_page_is_on_the_screen(page: Path) -> None:
    bold = re.findall(r"\*\*(.+?)\*\*", without_code(page.read_text()))
    assert bold
    assert [words for words in bold if not on_screen(words, page.parent.name)] == []


def test_words_that_the_screen_does_not_say_are_noticed() -> None:
    assert on_screen("确认", "zh")
    assert on_screen("3 条新", "zh")
    assert on_screen("数据已停更 3 分钟", "zh")
    assert not on_screen("确认一下", "zh")
    assert not on_screen("确认", "en")
    assert not on_screen("任何话", "zh"), "a sentence of blanks alone says everything"


# --- addresses -------------------------------------------------------------------------------------------------------


def addresses(page: Path) -> list[str]:
    """Return the addresses of pages that a page of the guide names in code."""
    return re.findall(r"`(/(?:[a-z][\w/?=&-]*)?)`", page.read_text())


def test_the_application_answers_every_address_for_who_reads_the_page(web: Web) -> None:
    for page in PAGES:
        web.client.set_cookie("shapan_role", ROLES[page.stem], domain="localhost")
        for address in set(addresses(page)):
            answer = web.client.get(address)
            assert answer.status_code == 200, f"{ids(page)}: {address}: {answer.status_code}"
            answer.close()


def test_pages_of_the_guide_name_the_addresses_of_the_product() -> None:
    named = {urlsplit(address).path for page in PAGES for address in addresses(page)}
    assert {"/", "/handover", "/data", "/audit"} <= named


# --- commands --------------------------------------------------------------------------------------------------------


def commands(page: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield the command lines of a page, in blocks of code and in its sentences: as they stand, and their words."""
    for said in COMMANDS.findall(page.read_text()):
        for line in filter(None, "".join(said).splitlines()):
            words = [word for word in shlex.split(line, comments=True) if not SETTING.match(word)]
            assert words[0] == "shapan" or words[0].startswith("scripts/"), f"{line}: not a command of ours"
            yield line, words


def parse(words: list[str]) -> set[str]:
    """Follow a command line through click, without running it; raise where it would be refused. Return its options."""
    command, context = root, click.Context(root, info_name="shapan")
    while isinstance(command, click.Group):
        name, command, words = command.resolve_command(context, words)
        assert command is not None, name
        context = click.Context(command, parent=context, info_name=name)
    given, rest, _ = command.make_parser(context).parse_args(args=list(words))
    assert not rest, f"{rest} is too much"
    for parameter in command.get_params(context):
        value = given.get(parameter.name)
        unset = value is None or value == () or type(value).__name__ == "Sentinel"
        assert not (unset and parameter.required), f"{parameter.name} is missing"
        # Files of the guide are examples: they are not here.
        if not unset and not isinstance(parameter.type, (click.Path, click.File)):
            parameter.type_cast_value(context, value)
    return {option for parameter in command.get_params(context) for option in parameter.opts + parameter.secondary_opts}


@every_page
def test_every_command_of_a_page_exists_with_its_options(page: Path) -> None:
    options = set()
    for line, words in commands(page):
        if words[0].startswith("scripts/"):
            script = ROOT / words[0]
            assert script.exists(), line
            for option in (word for word in words[1:] if word.startswith("-")):
                assert re.search(rf"{re.escape(option)}\b", script.read_text()), line
        else:
            try:
                options |= parse(words[1:])
            except click.ClickException as error:
                raise AssertionError(f"{line}: {error.format_message()}") from error
    assert set(re.findall(r"`(--[a-z-]+)`", page.read_text())) <= options, "an option that no command of the page has"


@every_page
def test_every_setting_that_a_page_names_exists(page: Path) -> None:
    known = {setting.variable for setting in SETTINGS}
    assert set(re.findall(r"SHAPAN_[A-Z_]+", page.read_text())) <= known


def test_commands_that_do_not_exist_are_noticed() -> None:
    assert any(True for page in PAGES for _ in commands(page))
    parse(["links", "kiosk", "大厅", "--height", "2.4"])
    for wrong in (["link", "list"], ["links", "lst"], ["links", "kiosk", "大厅", "--hight", "2"], ["links", "kiosk"],
                  ["links", "renew", "three"], ["links", "list", "all"]):
        with pytest.raises((click.ClickException, AssertionError)):
            parse(wrong)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_administrator_is_told_what_the_record_holds_and_what_can_be_set_of_surveys(language: str) -> None:
    text = (GUIDE / language / "administrator.md").read_text()
    actions = WORDS_OF_AUDIT[LANGUAGES[language]]["action"]
    quoted = {action: f"“{word}”" if language == "zh" else f'"{word}"' for action, word in actions.items()}
    # Looks at residents are what the section is about.
    assert [action for action, word in quoted.items() if action != "reveal" and word not in text] == []
    names = {one.variable for one in SETTINGS if one.name.startswith(("survey_", "photos_"))} | {"SHAPAN_PUBLIC_URL"}
    assert [name for name in sorted(names) if f"| `{name}` |" not in text] == []
