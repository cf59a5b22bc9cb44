"""Every setting as data: name, environment variable, default, help.

Nothing is read at import. ``load()`` reads an environment once and returns a frozen
:class:`Settings`; the command line and the web application each call it at start and
hand it down. ``tests/test_docs.py`` checks the manual against :data:`SETTINGS`.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from spatial.errors import SettingError
from spatial.rules import base_tiles, layer_freshness, public_url, shifts
from spatial.rules.base_tiles import BaseTiles


def default_home() -> Path:
    """Return the data directory used when ``SHAPAN_HOME`` is not set.

    As root it lies under /var/lib, because the unprivileged account that runs
    PostgreSQL cannot enter /root.
    """
    if os.geteuid() == 0:
        return Path("/var/lib/shapan")
    return Path.home() / ".local" / "share" / "shapan"


def _path(text: str) -> Path:
    return Path(text).expanduser().absolute()


def _flag(text: str) -> bool:
    lowered = text.strip().lower()
    if lowered in {"1", "true", "yes", "on"}:
        return True
    if lowered in {"", "0", "false", "no", "off"}:
        return False
    raise ValueError("write 1 or 0")


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        value = int(text) if text.isascii() and text.isdigit() else None
        if value is None or not low <= value <= high:
            raise ValueError(f"write a whole number from {low} to {high}")
        return value

    return parse


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError("write an IANA time zone such as Asia/Shanghai") from error
    return text


def _language(text: str) -> str:
    if text not in {"zh-CN", "en"}:
        raise ValueError("write zh-CN or en")
    return text


@dataclass(frozen=True)
class Setting:
    """One setting.

    Attributes:
        name: attribute of :class:`Settings`.
        variable: environment variable.
        parse: turns the variable's text into the value; raises ValueError with the cure.
        default: text that is parsed when the variable is absent; None leaves the value None.
        help: one sentence for the manual.
        secret: its value may hold a key, and is in no message.
    """

    name: str
    variable: str
    parse: Callable[[str], object]
    default: str | None
    help: str
    secret: bool = False


SETTINGS: tuple[Setting, ...] = (
    Setting("home", "SHAPAN_HOME", _path, None,
            "Data directory: private database, keys, stored files. "
            "Default /var/lib/shapan as root, else ~/.local/share/shapan."),
    Setting("database_url", "SHAPAN_DATABASE_URL", str, None,
            "PostgreSQL address of the application role on a managed server. "
            "Unset: the private cluster in SHAPAN_HOME."),
    Setting("admin_database_url", "SHAPAN_ADMIN_DATABASE_URL", str, None,
            "PostgreSQL address of the owner role, for migrations, together with SHAPAN_DATABASE_URL."),
    Setting("host", "SHAPAN_HOST", str, "127.0.0.1", "Address that the service binds."),
    Setting("port", "SHAPAN_PORT", _whole(1, 65535), "8700", "Port that the service binds."),
    Setting("public_url", "SHAPAN_PUBLIC_URL", public_url.read, None,
            "Address at which a proxy with TLS before the service is reached, such as https://sandbox.example: links "
            "carry it, no other name is answered but this machine's own, and every cookie is an encrypted one."),
    Setting("streams", "SHAPAN_STREAMS", _whole(1, 5000), "200",
            "Live streams allowed at once; the next one is answered 503 with Retry-After."),
    Setting("threads", "SHAPAN_THREADS", _whole(4, 1000), "32",
            "Threads for requests, beside one for each allowed live stream."),
    Setting("pool_size", "SHAPAN_POOL_SIZE", _whole(2, 200), "12",
            "Database connections that the service keeps at most."),
    Setting("tile_pool_size", "SHAPAN_TILE_POOL_SIZE", _whole(1, 200), "4",
            "Database connections that building tiles keeps at most, beside the others."),
    Setting("tile_cache_mb", "SHAPAN_TILE_CACHE_MB", _whole(0, 100_000), "256",
            "Memory for encoded tiles, in megabytes; 0 builds each tile anew."),
    Setting("statement_timeout_ms", "SHAPAN_STATEMENT_TIMEOUT_MS", _whole(100, 600_000), "3000",
            "Longest time of one SQL statement of the service, in milliseconds."),
    Setting("feed_days", "SHAPAN_FEED_DAYS", _whole(1, 3650), "7",
            "Days that the change feed is kept: who comes back later begins anew."),
    Setting("min_free_mb", "SHAPAN_MIN_FREE_MB", _whole(0, 1_000_000), "1024",
            "Below this much free disk space, in megabytes, nothing is imported or migrated."),
    Setting("upload_mb", "SHAPAN_UPLOAD_MB", _whole(1, 100_000), "2048",
            "Largest upload of files to import, in megabytes."),
    Setting("upload_days", "SHAPAN_UPLOAD_DAYS", _whole(0, 365), "7",
            "Days that an uploaded file is kept when its import did not succeed, and the reject file of any; "
            "other files are deleted at once."),
    Setting("reading_months", "SHAPAN_READING_MONTHS", _whole(1, 1200), "13",
            "Months for which readings of devices are kept; older months are dropped whole."),
    Setting("time_zone", "SHAPAN_TIME_ZONE", _zone, "Asia/Shanghai",
            "The command centre's time zone, in which pages show times, and days of figures, of declared totals and of "
            "`/ogc` begin."),
    Setting("shifts", "SHAPAN_SHIFTS", shifts.read, "08:00,20:00",
            "Times of day at which shifts of the command centre change, in its time zone."),
    Setting("keeper_fresh_s", "SHAPAN_KEEPER_FRESH_S", _whole(10, 86_400), "600",
            "Seconds after which a keeper's position is late; after three times as long it is where the keeper was "
            "last seen."),
    Setting("track_days", "SHAPAN_TRACK_DAYS", _whole(31, 36_500), "183",
            "Days that keepers' positions are kept; tracks go by whole months, so up to a month later."),
    Setting("reveals_per_hour", "SHAPAN_REVEALS_PER_HOUR", _whole(0, 1000), "20",
            "Residents of whom one account may see name, telephone or identity number within an hour; 0 for nobody."),
    Setting("photos_per_hour", "SHAPAN_PHOTOS_PER_HOUR", _whole(0, 10_000), "60",
            "Photographs of surveys that one account may look at within an hour; 0 for nobody."),
    Setting("survey_forms_per_hour", "SHAPAN_SURVEY_FORMS_PER_HOUR", _whole(1, 100_000), "600",
            "Forms of surveys that one keeper may send within an hour; what is more waits on the device."),
    Setting("survey_photo_mb_per_day", "SHAPAN_SURVEY_PHOTO_MB_PER_DAY", _whole(1, 100_000), "500",
            "Photographs of surveys that one keeper may send within a day, in megabytes; what is more waits on the "
            "device."),
    Setting("survey_days", "SHAPAN_SURVEY_DAYS", _whole(31, 36_500), "1095",
            "Days that forms of surveys are kept once nothing is left to decide about them; the rooms stay."),
    Setting("survey_photo_days", "SHAPAN_SURVEY_PHOTO_DAYS", _whole(1, 36_500), "183",
            "Days that photographs of surveys are kept; those of a conflict until somebody has settled it."),
    Setting("layer_days", "SHAPAN_LAYER_DAYS", layer_freshness.read, "buildings=90,events=1,devices=1",
            "Days within which a layer is expected to get new data; after half as much again it is late, after three "
            "times as much lost. Layers that are not named keep what the data page shows."),
    Setting("language", "SHAPAN_LANGUAGE", _language, "zh-CN",
            "Language of pages when the browser names none: zh-CN or en."),
    Setting("base_tiles", "SHAPAN_BASE_TILES", base_tiles.read, None,
            "Raster base map of another host, off when unset: addresses of tiles with {z}, {x} and {y}, from below.",
            secret=True),
    Setting("base_tiles_name", "SHAPAN_BASE_TILES_NAME", base_tiles.words, "栅格底图",
            "What the layer tree calls it."),
    Setting("base_tiles_attribution", "SHAPAN_BASE_TILES_ATTRIBUTION", base_tiles.words, None,
            "Who is named on the map for it, with the map's approval number (审图号); needed with it."),
    Setting("base_tiles_maxzoom", "SHAPAN_BASE_TILES_MAXZOOM", _whole(1, 24), "18",
            "Its last zoom; nearer, these tiles are enlarged."),
    Setting("base_tiles_datum", "SHAPAN_BASE_TILES_DATUM", base_tiles.datum, "cgcs2000",
            "Where its tiles lie: cgcs2000 (also for WGS 84) or gcj02, which pages move back."),
    Setting("demo_account", "SHAPAN_DEMO_ACCOUNT", _flag, "0",
            "1 logs every loopback visitor in as the demo account. scripts/demo sets it; never set it behind a proxy."),
    Setting("key_file", "SHAPAN_KEY_FILE", _path, None,
            "File with the key that seals residents' names, numbers and telephones. "
            "Default: keys/residents.key in SHAPAN_HOME, made at first use."),
)


@dataclass(frozen=True)
class Settings:
    """The values of :data:`SETTINGS` in force, one attribute for each."""

    home: Path
    database_url: str | None
    admin_database_url: str | None
    host: str
    port: int
    public_url: str | None
    streams: int
    threads: int
    pool_size: int
    tile_pool_size: int
    tile_cache_mb: int
    statement_timeout_ms: int
    feed_days: int
    min_free_mb: int
    upload_mb: int
    upload_days: int
    reading_months: int
    time_zone: str
    shifts: tuple[time, ...]
    keeper_fresh_s: int
    track_days: int
    reveals_per_hour: int
    photos_per_hour: int
    survey_forms_per_hour: int
    survey_photo_mb_per_day: int
    survey_days: int
    survey_photo_days: int
    layer_days: dict[str, float]
    language: str
    base_tiles: BaseTiles | None
    base_tiles_name: str
    base_tiles_attribution: str | None
    base_tiles_maxzoom: int
    base_tiles_datum: str
    demo_account: bool
    key_file: Path

    @property
    def embedded(self) -> bool:
        """True when the private cluster in ``home`` is used, not a managed server."""
        return self.database_url is None


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read all settings from an environment.

    Args:
        environ: variables; the process's own when None.

    Returns:
        The frozen settings.

    Raises:
        SettingError: one for all faults found: unreadable values, unknown ``SHAPAN_``
            variables, one database address without the other, a base map that names nobody, or the demo account
            behind a proxy.
    """
    environ = os.environ if environ is None else environ
    faults: list[str] = []
    values: dict[str, object] = {}
    for setting in SETTINGS:
        text = environ.get(setting.variable) or setting.default
        if text is None:
            values[setting.name] = None
            continue
        try:
            values[setting.name] = setting.parse(text)
        except ValueError as error:
            shown = "…" if setting.secret else repr(text)
            faults.append(f"{setting.variable}={shown}: {error}.")
    known = {setting.variable for setting in SETTINGS}
    strangers = sorted(name for name in set(environ) - known if name.startswith("SHAPAN_"))
    faults.extend(f"{name} is not a setting." for name in strangers)
    if bool(values.get("database_url")) != bool(values.get("admin_database_url")):
        faults.append("SHAPAN_DATABASE_URL and SHAPAN_ADMIN_DATABASE_URL go together; only one is set.")
    if values.get("base_tiles") and not values.get("base_tiles_attribution"):
        faults.append("SHAPAN_BASE_TILES needs SHAPAN_BASE_TILES_ATTRIBUTION: whose map, and its approval number.")
    if values.get("demo_account") and values.get("public_url"):
        faults.append("SHAPAN_DEMO_ACCOUNT and SHAPAN_PUBLIC_URL do not go together: behind a proxy every visitor "
                      "comes from loopback and would be the demo account.")
    if faults:
        raise SettingError(" ".join(faults), "See docs/settings.md for every setting and its values.")
    values["home"] = values["home"] or default_home()
    values["key_file"] = values["key_file"] or values["home"] / "keys" / "residents.key"
    return Settings(**{field.name: values[field.name] for field in fields(Settings)})
