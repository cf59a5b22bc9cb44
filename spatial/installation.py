"""Make sure that the packages in use are ours.

Packages named ``spatial``, ``tiles`` and ``importers`` also exist elsewhere; one installed later
into the same environment overwrites ours without a word, and strange things happen far away.
"""

import base64
import hashlib
from importlib.machinery import PathFinder
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from spatial.errors import InstallationError

DISTRIBUTION = "shapan"
PACKAGES = ("spatial", "tiles", "importers", "webmap", "sample_gis")
CURE = "Install shapan into an environment of its own: run scripts/bootstrap in a fresh checkout."


def version() -> str:
    """Return the installed version of the product.

    Raises:
        InstallationError: it is not installed.
    """
    return _installed().version


def check(root: Path | None = None, search_path: list[str] | None = None) -> None:
    """Refuse to run when one of our packages is somebody else's.

    Args:
        root: folder that holds our packages; where this module lies when None.
        search_path: folders to look for packages in; Python's own when None.

    Raises:
        InstallationError: a package is missing, lies elsewhere, or was overwritten.
    """
    installed = _installed()
    root = Path(__file__).resolve().parent.parent if root is None else root.resolve()
    for name in PACKAGES:
        # Editable installs are found by a finder of their own, which the paths do not show.
        found = (root / name) if (root / name / "__init__.py").is_file() else None
        first = PathFinder.find_spec(name, search_path)
        if first is not None and first.origin is not None:
            found = Path(first.origin).resolve().parent
        if found is None:
            raise InstallationError(f"The package {name} of {DISTRIBUTION} is missing from {root}.", CURE)
        if found != root / name:
            raise InstallationError(f"Python finds the package {name} in {found}, "
                                    f"which is not part of {DISTRIBUTION} ({root}).", CURE)
        _check_recorded(installed, root, name)


def _installed() -> Distribution:
    try:
        return distribution(DISTRIBUTION)
    except PackageNotFoundError as error:
        raise InstallationError(f"The distribution {DISTRIBUTION} is not installed here.", CURE) from error


def _check_recorded(installed: Distribution, root: Path, name: str) -> None:
    """Compare a package's first file with what the installation recorded; a checkout records nothing."""
    for file in installed.files or ():
        if file.as_posix() != f"{name}/__init__.py" or file.hash is None:
            continue
        content = (root / name / "__init__.py").read_bytes()
        digest = base64.urlsafe_b64encode(hashlib.new(file.hash.mode, content).digest())
        if digest.rstrip(b"=").decode() != file.hash.value:
            raise InstallationError(f"The package {name} in {root} was overwritten by another one.", CURE)
