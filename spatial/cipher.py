"""Sealing of residents' names, identity numbers and telephones (个人信息加密).

AES-256-GCM by the ``cryptography`` library. A sealed value is::

    1 byte format (1) | 1 byte key id | 12 bytes nonce | ciphertext and 16 bytes tag

so that a later key can be told from an earlier one. The index of a value is an HMAC-SHA-256
under a key derived from the same file by HKDF: equal values give equal indexes, nobody
without the key can compute one.
"""

import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from spatial.errors import SettingError, ShapanError

FORMAT = 1
KEY_ID = 1
KEY_BYTES = 32
NONCE_BYTES = 12


class SealBroken(ShapanError):
    """A sealed value was made with another key, or has been changed."""


@dataclass(frozen=True)
class Cipher:
    """Seals and opens single values.

    Args:
        key: 32 secret bytes.
    """

    key: bytes

    def seal(self, text: str) -> bytes:
        """Return the sealed form of a text; twice the same text gives different bytes."""
        nonce = os.urandom(NONCE_BYTES)
        head = bytes((FORMAT, KEY_ID))
        return head + nonce + AESGCM(self.key).encrypt(nonce, text.encode(), head)

    def open(self, sealed: bytes) -> str:
        """Return the text of a sealed value.

        Raises:
            SealBroken: another key, or changed bytes.
        """
        head, nonce, body = sealed[:2], sealed[2 : 2 + NONCE_BYTES], sealed[2 + NONCE_BYTES :]
        if head != bytes((FORMAT, KEY_ID)):
            raise SealBroken("A sealed value names a key that is not here.", "Restore the key file.")
        try:
            return AESGCM(self.key).decrypt(nonce, body, head).decode()
        except InvalidTag as error:
            raise SealBroken(
                "A sealed value was made with another key or has been changed.", "Restore the key file."
            ) from error

    @cached_property
    def _index_key(self) -> bytes:
        return HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=b"shapan look-up index").derive(self.key)

    def index(self, text: str) -> bytes:
        """Return the 32-byte look-up index of a text."""
        digest = hmac.HMAC(self._index_key, hashes.SHA256())
        digest.update(text.encode())
        return digest.finalize()


def from_file(path: Path) -> Cipher:
    """Return the cipher whose key lies in a file, made at first use (mode 0600).

    Args:
        path: ``Settings.key_file``.

    Raises:
        SettingError: the file is not a key, or cannot be read or made.
    """
    try:
        if not path.exists():
            _make(path)
        key = bytes.fromhex(path.read_text().strip())
    except (OSError, ValueError) as error:
        raise SettingError(
            f"The key file {path} cannot be used: {error}.",
            "Restore it from the backup; without it residents' names cannot be read again.",
        ) from error
    if len(key) != KEY_BYTES:
        raise SettingError(
            f"The key file {path} holds {len(key)} bytes, not {KEY_BYTES}.", "Restore it from the backup."
        )
    return Cipher(key)


def existing(path: Path) -> Cipher | None:
    """Return the cipher of a key file; None where there is none: whoever only reads makes no key.

    Raises:
        SettingError: the file is not a key, or cannot be read.
    """
    return from_file(path) if path.exists() else None


def _make(path: Path) -> None:
    """Make a key file. It is linked into place whole: of two first users one key wins for both."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, fresh = tempfile.mkstemp(dir=path.parent, prefix=path.name)  # mode 0600
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(os.urandom(KEY_BYTES).hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(fresh, path)
    finally:
        os.unlink(fresh)
