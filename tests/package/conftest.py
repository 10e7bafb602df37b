"""The package in build/dist (or in PLEXSYNC_DIST), and a house in which it can be installed.

scripts/dist makes it; a test that needs an executable of another processor is skipped if the
package was made without.
"""

import hashlib
import os
import pathlib
import platform
import shutil
import zipfile

import pytest

pytest.register_assert_rewrite("tests.e2e.conftest")

from tests.e2e.conftest import ROOT, World      # noqa: E402  pylint: disable=wrong-import-position
from tests.fake.manifest import parse_yaml      # noqa: E402  pylint: disable=wrong-import-position

DIST = pathlib.Path(os.environ.get("PLEXSYNC_DIST", ROOT / "build/dist"))
HERE = {"x86_64": "x86_64", "aarch64": "aarch64", "armv7l": "armv7", "armv6l": "armv6"}.get(platform.machine())


class Manager:
    """Stash's plugin manager, as far as it touches files: every entry of the zip is written with the mode
    that stands there, and a list of them, whose files go first at an update."""

    def __init__(self, dist, plugins):
        self.dist = dist
        self.folder = plugins / "plexsync"

    def install(self):
        """Installs the package of the index, or updates to it."""
        [entry] = parse_yaml((self.dist / "index.yaml").read_text(encoding="utf-8"))
        path = self.dist / entry["path"]
        assert hashlib.sha256(path.read_bytes()).hexdigest() == entry["sha256"]
        self.remove()
        with zipfile.ZipFile(path) as package:
            for item in package.infolist():
                self._write(item.filename, package.read(item), item.external_attr >> 16)
            self._write("manifest", "\n".join(package.namelist()).encode(), 0o644)

    def remove(self):
        """Removes what was installed, and the folder if nothing else is in it."""
        listed = self.folder / "manifest"
        if not listed.exists():
            return
        for name in [*listed.read_text(encoding="utf-8").splitlines(), "manifest"]:
            (self.folder / name).unlink()
        for folder in [*(path for path in self.folder.iterdir() if path.is_dir()), self.folder]:
            if not list(folder.iterdir()):
                folder.rmdir()

    def _write(self, name, data, mode):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "wb", opener=lambda file, flags: os.open(file, flags, mode & 0o777)) as file:
            file.write(data)


@pytest.fixture(name="dist", scope="session")
def a_dist():
    """The folder with the package."""
    if not (DIST / "plexsync.zip").exists():
        pytest.fail(f"there is no package in {DIST}: scripts/dist makes one")
    return DIST


@pytest.fixture
def unpacked(dist, tmp_path):
    """The package's files, with their modes."""
    manager = Manager(dist, tmp_path)
    manager.install()
    return manager.folder


@pytest.fixture
def world(dist, tmp_path, request):
    """A house in which the package was just installed; world.manager is Stash's."""
    if HERE is None or f"bin/plexsync-{HERE}" not in zipfile.ZipFile(dist / "plexsync.zip").namelist():
        pytest.skip("the package has no executable for this processor")
    house = World(tmp_path, executable="/dev/null", **getattr(request, "param", {}))
    shutil.rmtree(house.plugins / "plexsync")
    house.manager = Manager(dist, house.plugins)
    house.manager.install()
    house.stash.host.load(str(house.plugins))
    try:
        yield house
    finally:
        house.close()


@pytest.fixture
def film(world):
    """Scene 45, which both have."""
    item = world.film(45, "harbour")
    world.index()
    return item
