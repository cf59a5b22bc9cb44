"""The address at which a proxy with TLS before the service is reached (对外地址), as an administrator writes it."""

import re
from urllib.parse import urlsplit

SENTENCE = "write https://, a host and a port where it is not 443, such as https://sandbox.example"

_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\]", re.ASCII)


def read(text: str) -> str:
    """Return the address in lower case, without a slash at its end and without the port that https has anyway.

    Raises:
        ValueError: it is none, is not encrypted, or is more than scheme, host and port.
    """
    try:
        parts = urlsplit(text.strip().lower())
        port = parts.port
    except ValueError as error:
        raise ValueError(SENTENCE) from error
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    whole = f"https://{host}" + ("" if port in (None, 443) else f":{port}")
    said = f"https://{host}" + ("" if port is None else f":{port}")
    # Compared as a whole, so that no account, query or letter that urlsplit leaves out goes by unseen.
    if port == 0 or not _HOST.fullmatch(host) or text.strip().lower().removesuffix("/") != said:
        raise ValueError(SENTENCE)
    return whole


def host_of(public_url: str) -> str:
    """Return the host of such an address, with its port where it has one."""
    return public_url.removeprefix("https://")
