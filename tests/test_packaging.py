"""What an installation from a wheel has: a checkout installed in place would hide a file that was forgotten."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.fixtures.homes import REPOSITORY

ROOMS = ("spatial", "importers", "tiles", "webmap", "sample_gis")


def test_a_wheel_holds_every_file_that_is_read_at_run_time(tmp_path: Path) -> None:
    source = tmp_path / "source"
    for room in ROOMS:
        shutil.copytree(REPOSITORY / room, source / room,
                        ignore=shutil.ignore_patterns("__pycache__", "frontend", "node_modules", "*.egg-info"))
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(REPOSITORY / name, source)
    # The bundle is built, not committed.
    (source / "webmap/static/dist").mkdir(parents=True, exist_ok=True)
    (source / "webmap/static/dist/sandbox-1.js").write_text("")
    code = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=source, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        inside = {name for name in packed.namelist() if ".dist-info/" not in name}
    wanted = {path.relative_to(source).as_posix() for room in ROOMS for path in (source / room).rglob("*")
              if path.is_file()}
    assert inside == wanted
    assert {"webmap/styles/base.json", "webmap/templates/ogc/base.html", "webmap/static/dist/sandbox-1.js"} <= inside
