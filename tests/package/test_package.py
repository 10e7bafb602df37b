"""What is in build/dist/: the zip, the index, the bill of materials, the licences, the checksums."""

import hashlib
import json
import os
import pathlib
import re
import struct
import subprocess
import zipfile

import pytest

from tests.e2e.conftest import ROOT
from tests.fake.manifest import parse_yaml

LARGEST = 2 * 1024 * 1024
MACHINES = {"x86_64": (2, 62), "aarch64": (2, 183), "armv7": (1, 40), "armv6": (1, 40)}     # ELF class and e_machine


def text(path):
    """Of a file."""
    return path.read_text(encoding="utf-8")


def locked():
    """The lines of the lock: name, version, origin, licence, SHA-256, file."""
    lines = text(ROOT / "scripts/third-party.lock").splitlines()
    return [line.split() for line in lines if line and not line.startswith("#")]


@pytest.fixture(name="package")
def a_package(dist):
    """The zip."""
    with zipfile.ZipFile(dist / "plexsync.zip") as package:
        yield package


@pytest.fixture(name="bill")
def a_bill(dist):
    """The bill of materials."""
    return json.loads(text(dist / "plexsync.cdx.json"))


def executables(package):
    """Processor -> bytes."""
    return {name.removeprefix("bin/plexsync-"): package.read(name) for name in package.namelist()
            if name.startswith("bin/")}


def test_every_file_has_its_checksum(dist):
    sums = dict(reversed(line.split("  ")) for line in text(dist / "SHA256SUMS").splitlines())

    assert set(sums) == {path.name for path in dist.iterdir()} - {"SHA256SUMS"}
    assert set(sums) == {"plexsync.zip", "index.yaml", "plexsync.cdx.json", "THIRD-PARTY.txt"}
    for name, digest in sums.items():
        assert hashlib.sha256((dist / name).read_bytes()).hexdigest() == digest


def test_stash_reads_the_index(dist):
    [entry] = parse_yaml(text(dist / "index.yaml"))
    manifest = parse_yaml(text(ROOT / "plexsync.yml"))

    assert entry["id"] == "plexsync" and entry["path"] == "plexsync.zip"
    assert (entry["name"], entry["version"]) == (manifest["name"], manifest["version"])
    assert entry["metadata"]["description"] == manifest["description"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", entry["date"])       # in no other form
    assert entry["sha256"] == hashlib.sha256((dist / "plexsync.zip").read_bytes()).hexdigest()
    assert entry["requires"] == []


def test_the_zip_holds_the_plugins_folder_and_nothing_of_this_machine(package):
    names = package.namelist()
    plugin = {f"plugin/{path.relative_to(ROOT / 'plugin')}" for path in (ROOT / "plugin").rglob("*") if path.is_file()}

    assert set(names) == {"LICENSE", "THIRD-PARTY.txt", "plexsync", "plexsync.yml",
                          *(f"bin/plexsync-{name}" for name in executables(package)),
                          *(plugin - {"plugin/plexsync.sh"})}
    assert [name for name in names if name.endswith((".yml", ".yaml"))] == ["plexsync.yml"]
    assert names[-1] == "plexsync"      # Stash may start it as soon as it is there
    ours = {str(ROOT), str(pathlib.Path.home() / ".cache"), os.environ.get("PLEXSYNC_DIST_CACHE", str(ROOT))}
    for name in names:
        for path in ours:
            assert path.encode() not in package.read(name), name


def test_modes_are_those_that_stash_gives_to_the_files(package):
    for entry in package.infolist():
        may_run = entry.filename == "plexsync" or entry.filename.startswith("bin/")
        assert entry.create_system == 3
        assert entry.external_attr >> 16 == (0o100755 if may_run else 0o100644), entry.filename


def test_all_files_are_of_one_moment(package, bill):
    [moment] = {entry.date_time for entry in package.infolist()}

    year, month, day, hour, minute, second = moment
    when = f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second // 2 * 2:02}"
    assert bill["metadata"]["timestamp"][:18] == when[:18]      # a zip counts in steps of two seconds


def test_each_executable_is_for_its_processor_and_small(package):
    found = executables(package)

    assert found
    for name, data in found.items():
        assert data[:4] == b"\x7fELF"
        assert (data[4], struct.unpack_from("<H", data, 18)[0]) == MACHINES[name]
        assert len(data) <= LARGEST, name


def test_those_for_arm_need_no_more_than_the_oldest_of_their_kind(package, tmp_path):
    found = executables(package)
    if not {"armv6", "armv7"} <= set(found):
        pytest.skip("the package was made without them")
    wanted = {"armv6": ("v6", "VFPv2"), "armv7": ("v7", "VFPv3-D16")}

    for name, (architecture, floating) in wanted.items():
        path = tmp_path / name
        path.write_bytes(found[name])
        attributes = subprocess.run(["readelf", "-A", str(path)], capture_output=True, text=True, check=True).stdout
        assert f"Tag_CPU_arch: {architecture}\n" in attributes
        assert f"Tag_FP_arch: {floating}\n" in attributes
        assert "Advanced_SIMD" not in attributes


def test_the_bill_of_materials_names_every_source_that_is_linked_in(bill, package):
    wanted = {}
    for name, version, _, licence, digest, file in locked():
        if name != "cmocka":        # of the unit tests
            wanted.setdefault((name, version, licence), set()).add((file, digest))
    found = {}
    for part in bill["components"]:
        files = {(each["url"], each["hashes"][0]["content"]) for each in part["externalReferences"]}
        found[part["name"], part["version"], part["licenses"][0]["license"]["id"]] = files

    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.5")
    assert found == wanted
    parts = bill["metadata"]["component"]["components"]
    assert {part["name"]: part["hashes"][0]["content"] for part in parts} == {
        f"bin/plexsync-{name}": hashlib.sha256(data).hexdigest() for name, data in executables(package).items()}


def test_the_licence_of_every_source_is_there(dist, package):
    words = {"curl": "Permission to use, copy, modify, and distribute", "mbedtls": "Apache License",
             "lmdb": "OpenLDAP Public License", "cjson": "Dave Gamble", "utf8proc": "Unicode",
             "musl": "Rich Felker", "ziglang": "Zig contributors"}
    licences = text(dist / "THIRD-PARTY.txt")

    assert set(words) == {name for name, *_ in locked()} - {"cmocka"}
    for name, word in words.items():
        assert f"\n{name} " in licences and word in licences, name
    assert package.read("THIRD-PARTY.txt") == licences.encode()
