"""What the private cluster's configuration files say, and why."""

import os
from pathlib import Path

from spatial.settings import Settings

MEGABYTE = 1024 * 1024
CGROUP_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
CONNECTIONS_BESIDE_POOL = 60

WAL_COMPRESSION = ("lz4", "pglz")
"""Methods, the fastest first; not every build of PostgreSQL has lz4 (``--with-lz4``, from version 15 on).

A load writes every page of its new indexes to the log: with lz4 they were built in two thirds of the time.
"""

# `trust` is safe here, and only here: the server listens on no network, and its one socket lies in
# a folder of mode 0700, so whoever can reach it already is the cluster's account or root and could
# read the files themselves. A password would have to lie in a file beside them.
# Replication stands on a line of its own because `all` does not include it; base backups need it.
HBA = """\
# Written by shapan at every start.
local all all trust
local replication postgres trust
"""


def memory_mb() -> int:
    """Return the memory, in megabytes, that this machine or container may use."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for limit in CGROUP_LIMITS:
        try:
            total = min(total, int(limit.read_text()))
        except (OSError, ValueError):  # absent, or "max"
            continue
    return total // MEGABYTE


def server_conf(settings: Settings, socket_dir: Path, log_dir: Path, memory: int, wal_compression: str) -> str:
    """Return the text of ``shapan.conf``, which postgresql.conf includes.

    Args:
        settings: gives the pool size.
        socket_dir: folder of the one Unix socket.
        log_dir: folder of the logs.
        memory: memory to plan with, in megabytes.
        wal_compression: method, from ``WAL_COMPRESSION``.
    """
    values = {
        "listen_addresses": "",
        "unix_socket_directories": str(socket_dir),
        "max_connections": max(100, settings.pool_size + CONNECTIONS_BESIDE_POOL),
        # An eighth of memory: the service, the import and the page cache of the tiles live beside it.
        "shared_buffers": f"{min(max(memory // 8, 64), 2048)}MB",
        "effective_cache_size": f"{max(memory // 2, 256)}MB",
        "work_mem": f"{min(max(memory // 256, 4), 64)}MB",
        "maintenance_work_mem": f"{min(max(memory // 32, 64), 1024)}MB",
        # Compiling a query takes longer than any of our queries runs.
        "jit": "off",
        # Solid-state disks: a random page costs little more than the next one.
        "random_page_cost": "1.1",
        # Enough for base backups and standbys, so that switching them on needs no restart.
        "wal_level": "replica",
        "wal_compression": wal_compression,
        # A bulk import otherwise checkpoints every few seconds.
        "max_wal_size": "2GB",
        "checkpoint_timeout": "15min",
        "max_locks_per_transaction": 256,  # partitions by month, all of them locked by one plan
        "timezone": "UTC",
        "log_timezone": "UTC",
        "logging_collector": "on",
        "log_directory": str(log_dir),
        "log_filename": "postgresql-%a.log",  # seven files, overwritten week by week
        "log_truncate_on_rotation": "on",
        "log_rotation_age": "1d",
        # Neither statements nor the DETAIL of a refused row go to the log: both may carry a resident's data.
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
    }
    lines = ["# Written by shapan at every start; own changes go to postgresql.conf below the include."]
    for name, value in values.items():
        text = str(value).replace("'", "''")
        lines.append(f"{name} = '{text}'")
    return "\n".join(lines) + "\n"
