"""Packages of our names also exist elsewhere: a mixed installation is refused at start."""

import base64
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from spatial import installation
from spatial.errors import InstallationError

CHECK = "import spatial.installation as i\ntry:\n    i.check()\nexcept i.InstallationError as e:\n    print(e)"


def packages(folder, names=installation.PACKAGES):
    for name in names:
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text(f'"""{name}."""\n')
    return folder


def test_this_checkout_is_whole():
    installation.check()


def test_a_foreign_package_found_first_is_named_with_its_place(tmp_path):
    ours, theirs = packages(tmp_path / "ours"), packages(tmp_path / "theirs", ["tiles"])
    with pytest.raises(InstallationError, match=f"the package tiles in {theirs / 'tiles'}"):
        installation.check(ours, [str(theirs), str(ours)])


def test_a_missing_package_is_named(tmp_path):
    ours = packages(tmp_path, ["spatial", "tiles", "importers", "webmap"])
    with pytest.raises(InstallationError, match="sample_gis of shapan is missing"):
        installation.check(ours, [str(ours)])


def test_a_package_that_another_distribution_overwrote_is_named(tmp_path):
    site = packages(tmp_path / "site")
    for name in ("installation.py", "errors.py"):
        shutil.copy(Path(installation.__file__).with_name(name), site / "spatial")
    information = site / "shapan-0.1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: shapan\nVersion: 0.1.0\n")
    lines = []
    for name in installation.PACKAGES:
        content = (site / name / "__init__.py").read_bytes()
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        lines.append(f"{name}/__init__.py,sha256={digest},{len(content)}")
    (information / "RECORD").write_text("\n".join(lines) + "\n")

    def said():
        return subprocess.run([sys.executable, "-c", CHECK], capture_output=True, text=True, check=True, cwd=tmp_path,
                              env=os.environ | {"PYTHONPATH": str(site)}).stdout

    assert said() == ""
    (site / "tiles" / "__init__.py").write_text("# another package called tiles\n")
    assert "The package tiles in" in said()
    assert "overwritten" in said()
