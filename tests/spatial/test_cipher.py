"""Sealing of residents' values."""

import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial import cipher
from spatial.errors import SettingError

KEY = bytes(range(32))


@given(st.text(max_size=40))
def test_a_sealed_text_opens_to_itself(text: str) -> None:
    box = cipher.Cipher(KEY)
    assert box.open(box.seal(text)) == text


def test_sealing_twice_gives_different_bytes_but_one_index() -> None:
    box = cipher.Cipher(KEY)
    assert box.seal("张三") != box.seal("张三")
    assert box.index("张三") == box.index("张三") != box.index("李四")


def test_another_key_neither_opens_nor_finds() -> None:
    other = cipher.Cipher(bytes(32))
    with pytest.raises(cipher.SealBroken):
        other.open(cipher.Cipher(KEY).seal("张三"))
    assert other.index("张三") != cipher.Cipher(KEY).index("张三")


@pytest.mark.parametrize("place", range(0, 40, 3))
def test_one_changed_byte_is_noticed(place: int) -> None:
    sealed = bytearray(cipher.Cipher(KEY).seal("999001199001011234"))
    sealed[place] ^= 1
    with pytest.raises(cipher.SealBroken):
        cipher.Cipher(KEY).open(bytes(sealed))


def test_the_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "residents.key"
    first = cipher.from_file(path)
    assert cipher.from_file(path) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_two_first_users_at_once_get_the_same_key(tmp_path: Path) -> None:
    path = tmp_path / "residents.key"
    found: list[cipher.Cipher] = []
    threads = [threading.Thread(target=lambda: found.append(cipher.from_file(path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len({box.key for box in found}) == 1


@pytest.mark.parametrize("content", ["", "not hexadecimal", "abcd"])
def test_a_broken_key_file_is_refused_with_the_cure(tmp_path: Path, content: str) -> None:
    path = tmp_path / "residents.key"
    path.write_text(content)
    with pytest.raises(SettingError, match=r"residents\.key.*backup"):
        cipher.from_file(path)
