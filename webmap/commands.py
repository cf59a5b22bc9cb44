"""``shapan serve``: the service, and the jobs beside it."""

import os
import socket
import ssl
from ipaddress import ip_address
from pathlib import Path

import click
import psycopg
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings

from spatial import migrate, server
from spatial.errors import SettingError
from spatial.settings import Settings, load
from webmap.beside import Beside
from webmap.bridge import config as bridge_config

STOPS_WITHIN_S = 3
"""How long open requests may take to end after Ctrl-C."""

BACKLOG = 1024
"""Connections that may wait to be accepted, and that may be open beside those of live streams."""

BUFFER_BYTES = 64 * 1024
"""What the server keeps of an answer whose client does not read, and the longest head of a request."""


@click.command()
@click.option("--host", help="Address to bind; 127.0.0.1 by default.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to bind; 8700 by default.")
@click.option("--public-url", metavar="ADDRESS", help="A proxy with TLS stands before the service, reached at this "
              "https:// address; also SHAPAN_PUBLIC_URL.")
@click.option("--tls-cert", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Certificate (PEM).")
@click.option("--tls-key", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Its private key (PEM).")
@click.option("--bridge", type=click.Path(dir_okay=False, path_type=Path), help="Keep a bridge to an MQTT broker "
              "beside the service: its YAML file (docs/bridge.md).")
def serve(
    host: str | None, port: int | None, public_url: str | None, tls_cert: Path | None, tls_key: Path | None,
    bridge: Path | None,
) -> None:
    """Serve the sandbox, tiles and interfaces; starts the private database when it is not running.

    \b
    Examples:
      shapan serve
      shapan serve --port 9000
      shapan serve --host 0.0.0.0 --tls-cert cert.pem --tls-key key.pem
      shapan serve --public-url https://sandbox.example
      shapan serve --bridge bridge.yaml
    """
    # The service's process reads its settings from the environment, so options go there.
    if host:
        os.environ["SHAPAN_HOST"] = host
    if port:
        os.environ["SHAPAN_PORT"] = str(port)
    if public_url:
        os.environ["SHAPAN_PUBLIC_URL"] = public_url
    settings = load()
    if bool(tls_cert) != bool(tls_key):
        raise SettingError("Only one of --tls-cert and --tls-key is given.", "Give both, or neither.")
    if tls_cert and tls_key:
        check_certificate(tls_cert, tls_key)
    if bridge:
        bridge_config.load(bridge)
    check_address(settings, safe=settings.public_url is not None or tls_cert is not None)
    address = server.bring_up(settings)
    with psycopg.connect(address.app) as connection:
        migrate.require_current(connection)
    scheme = "https" if tls_cert else "http"
    public = "" if settings.public_url is None else f" for {settings.public_url}/"
    click.echo(f"Serving {scheme}://{settings.host}:{settings.port}/{public} — stop with Ctrl-C")
    with Beside(*([("webmap.bridge", str(bridge.absolute()))] if bridge else [])):
        Granian(
            "webmap.app:application",
            factory=True,
            address=settings.host,
            port=settings.port,
            interface=Interfaces.WSGI,
            http=HTTPModes.http1,
            workers=1,
            # A stream holds a thread for as long as it is open.
            blocking_threads=settings.threads + settings.streams,
            backlog=BACKLOG,
            # By default as many as the backlog: streams would leave no connection for anything else.
            backpressure=settings.streams + BACKLOG,
            http1_settings=HTTP1Settings(max_buffer_size=BUFFER_BYTES),
            respawn_failed_workers=True,
            # Ctrl-C reaches the worker from the terminal and from its parent; told twice, it
            # sometimes does not end by itself.
            workers_kill_timeout=STOPS_WITHIN_S,
            ssl_cert=tls_cert,
            ssl_key=tls_key,
            log_access=False,
            log_level="error",
        ).serve()


def check_certificate(certificate: Path, key: Path) -> None:
    """Refuse a certificate and key that no connection could use.

    Raises:
        SettingError: not PEM, damaged, or the key is another certificate's.
    """
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
    except (ssl.SSLError, OSError) as error:
        reason = error.reason if isinstance(error, ssl.SSLError) and error.reason else str(error)
        raise SettingError(
            f"{certificate} and {key} are no certificate with its key: {reason}.",
            "Both must be PEM files, the key without a passphrase.",
        ) from error


def check_address(settings: Settings, *, safe: bool) -> None:
    """Refuse an address that is unsafe or taken, before anything is started.

    Raises:
        SettingError: not loopback without TLS or a proxy; or somebody listens there already.
    """
    try:
        loopback = settings.host == "localhost" or ip_address(settings.host).is_loopback
    except ValueError:
        loopback = False
    if not loopback and not safe:
        raise SettingError(
            f"{settings.host} is reached from other machines, and nothing would be encrypted.",
            "Add --tls-cert and --tls-key, or --public-url where a proxy does it.",
        )
    if settings.demo_account and not loopback:
        raise SettingError("The demo account is for loopback only.", "Unset SHAPAN_DEMO_ACCOUNT.")
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise SettingError(
                f"Port {settings.port} of {settings.host} cannot be used: {error.strerror}.",
                "Stop the program that uses it, or choose another with --port.",
            ) from error
