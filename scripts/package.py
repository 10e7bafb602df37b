#!/usr/bin/env python3
"""Puts the built executables, the plugin's files and the licences together: what scripts/dist makes.

build/dist/ then holds plexsync.zip, index.yaml (which Stash's plugin manager reads), plexsync.cdx.json
(a bill of materials in CycloneDX's format), THIRD-PARTY.txt, and SHA256SUMS of all these. Nothing in
them depends on the machine: names are sorted, and the only date is the one that is given.
"""

import argparse
import datetime
import hashlib
import json
import pathlib
import re
import shutil
import sys
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
LAUNCHER = "plexsync.sh"            # is called plexsync in the package
TESTS_ALONE = {"cmocka"}            # in the lock, and not in the executables


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(description="makes the package; scripts/dist calls it")
    parser.add_argument("--date", type=int, required=True, help="of the release, in seconds since 1970")
    parser.add_argument("--licences", type=pathlib.Path, required=True, help="a folder with a file for each source")
    parser.add_argument("--to", type=pathlib.Path, required=True, help="where the package goes")
    parser.add_argument("architectures", nargs="+")
    return parser.parse_args()


def manifest_value(key):
    """A text of the first level of plexsync.yml."""
    found = re.search(rf"^{key}: (.+)$", (ROOT / "plexsync.yml").read_text(encoding="utf-8"), re.MULTILINE)
    return found.group(1).strip("\"'")


def version():
    """The version; the Makefile and the manifest have to agree on it."""
    made = re.search(r"^VERSION\s*:= (\S+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE).group(1)
    if made != manifest_value("version"):
        sys.exit(f"package: the Makefile says {made}, and plexsync.yml {manifest_value('version')}")
    return made


def sources():
    """The lock: name -> version, origin, licence, and the files with their SHA-256."""
    found = {}
    for line in (ROOT / "scripts/third-party.lock").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, number, origin, licence, digest, file = line.split()
            entry = found.setdefault(name, {"version": number, "origin": origin, "licence": licence, "files": []})
            entry["files"].append((file, digest))
    return {name: entry for name, entry in found.items() if name not in TESTS_ALONE}


def sha256(path):
    """Of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def third_party(licences):
    """The text with the licences of all that is linked in."""
    parts = ["PlexSync's executables contain the following software.\n"]
    for name, entry in sorted(sources().items()):
        text = (licences / name).read_text(encoding="utf-8").strip()
        what = "compiler's run-time library" if name == "ziglang" else "library"
        parts.append(f"{'=' * 78}\n{name} {entry['version']} ({what}, {entry['licence']})\n{'=' * 78}\n\n{text}\n")
    return "\n".join(parts)


def component(name, entry):
    """One source in the bill of materials."""
    upstream = "pypi/" if entry["origin"] == "pypi" else "deb/debian/"
    where = "" if entry["origin"] == "pypi" else f"?arch=source&distro={entry['origin']}"
    number = entry["version"].replace("+", "%2B").replace("~", "%7E")
    return {
        "type": "library", "bom-ref": name, "name": name, "version": entry["version"],
        "licenses": [{"license": {"id": entry["licence"]}}],
        "purl": f"pkg:{upstream}{name}@{number}{where}",
        "externalReferences": [
            {"type": "source-distribution", "url": file, "hashes": [{"alg": "SHA-256", "content": digest}]}
            for file, digest in entry["files"]],
    }


def bill_of_materials(executables, date):
    """The whole document. It has no serial number: the same sources make the same bytes."""
    names = sorted(sources())
    return {
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": {
            "timestamp": date.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {
                "type": "application", "bom-ref": "plexsync", "name": "plexsync", "version": version(),
                "licenses": [{"license": {"id": "MIT"}}],
                "components": [
                    {"type": "file", "bom-ref": path.name, "name": f"bin/{path.name}",
                     "hashes": [{"alg": "SHA-256", "content": sha256(path)}]} for path in executables],
            },
        },
        "components": [component(name, entry) for name, entry in sorted(sources().items())],
        "dependencies": [{"ref": "plexsync", "dependsOn": names}],
    }


def contents(executables, licences):
    """Name, bytes and mode of each file of the package, in the order in which Stash unpacks them: the
    launcher comes last, because it needs the others."""
    yield "LICENSE", (ROOT / "LICENSE").read_bytes(), 0o644
    yield "THIRD-PARTY.txt", licences.encode(), 0o644
    for path in executables:
        yield f"bin/{path.name}", path.read_bytes(), 0o755
    for path in sorted((ROOT / "plugin").rglob("*")):
        if path.is_file() and path.name != LAUNCHER:
            yield str(path.relative_to(ROOT)), path.read_bytes(), 0o644
    yield "plexsync.yml", (ROOT / "plexsync.yml").read_bytes(), 0o644
    yield "plexsync", (ROOT / "plugin" / LAUNCHER).read_bytes(), 0o755


def write_zip(path, files, date):
    """Made as on Unix: Stash gives a file the mode that stands here."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as package:
        for name, data, mode in files:
            entry = zipfile.ZipInfo(name, date.timetuple()[:6])
            entry.create_system = 3
            entry.external_attr = (0o100000 | mode) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(entry, data, compresslevel=9)


def write_index(path, package, date):
    """The list of one package. JSON's texts are YAML's, too."""
    lines = {
        "id": "plexsync", "name": manifest_value("name"), "version": version(),
        "date": date.strftime("%Y-%m-%d %H:%M:%S"), "path": package.name, "sha256": sha256(package),
    }
    text = "".join(f"{'- ' if key == 'id' else '  '}{key}: {json.dumps(value)}\n" for key, value in lines.items())
    description = json.dumps(manifest_value("description"))
    path.write_text(f"{text}  requires: []\n  metadata:\n    description: {description}\n", encoding="utf-8")


def main():
    """Makes the folder from scratch."""
    options = arguments()
    date = datetime.datetime.fromtimestamp(options.date, datetime.timezone.utc)
    shutil.rmtree(options.to, ignore_errors=True)
    options.to.mkdir(parents=True)
    executables = []
    for name in sorted(options.architectures):
        executables.append(options.to / f"plexsync-{name}")
        shutil.copyfile(ROOT / "build" / name / "plexsync", executables[-1])
    licences = third_party(options.licences)
    (options.to / "THIRD-PARTY.txt").write_text(licences, encoding="utf-8")
    (options.to / "plexsync.cdx.json").write_text(json.dumps(bill_of_materials(executables, date), indent=2) + "\n",
                                                  encoding="utf-8")
    package = options.to / "plexsync.zip"
    write_zip(package, contents(executables, licences), date)
    write_index(options.to / "index.yaml", package, date)
    for path in executables:
        path.unlink()
    sums = "".join(f"{sha256(path)}  {path.name}\n" for path in sorted(options.to.iterdir()))
    (options.to / "SHA256SUMS").write_text(sums, encoding="utf-8")
    size = package.stat().st_size / 1e6
    print(f"package: {package} has {size:.1f} MB, version {version()} of {date:%Y-%m-%d %H:%M:%S}")


main()
