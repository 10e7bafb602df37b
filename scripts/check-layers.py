#!/usr/bin/env python3
"""Checks that every file of src/ includes only from layers below its own.

The layers are those of the README's picture. stash, plex and state stand side
by side and do not know each other; curl.h belongs to http alone, lmdb.h to
store.c and to verify.c, which reads the pages as they lie. Files must not
include each other in a circle, foo.c and foo.h counted as one.
"""

import pathlib
import re
import sys

BELOW = {
    "base": set(),
    "http": {"base"},
    "store": {"base"},
    "state": {"base", "store"},
    "stash": {"base", "http"},
    "plex": {"base", "http"},
    "run": {"base", "http", "store", "state", "stash", "plex"},
    "find": {"base", "http", "store", "state", "stash", "plex", "run"},
    "push": {"base", "http", "store", "state", "stash", "plex", "run", "find"},
    "work": {"base", "http", "store", "state", "stash", "plex", "run", "find", "push"},
    "cmd": {"base", "http", "store", "state", "stash", "plex", "run", "find", "push", "work"},
    "main": {"base", "http", "store", "state", "stash", "plex", "run", "find", "push", "work",
             "cmd"},
}
ONLY = {"curl/curl.h": ("src/http/",), "lmdb.h": ("src/store/store.c", "src/store/verify.c")}
INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)', re.M)


def layer(path):
    """The folder below src/, or "main"."""
    parts = path.parts
    return parts[1] if len(parts) > 2 else "main"


def check_file(path):
    """Complaints about one file's includes."""
    for own, system in INCLUDE.findall(path.read_text(encoding="utf-8")):
        if system in ONLY and not str(path).startswith(ONLY[system]):
            yield f"{path}: <{system}> belongs to {', '.join(ONLY[system])}"
        if not own:
            continue
        if not (pathlib.Path("src") / own).is_file():
            yield f'{path}: "{own}" is not below src/'
            continue
        theirs = own.split("/")[0]
        if theirs != layer(path) and theirs not in BELOW[layer(path)]:
            yield f'{path}: {layer(path)} must not include "{own}"'
    if path.suffix == ".c" and path.with_suffix(".h").is_file():
        first = INCLUDE.search(path.read_text(encoding="utf-8"))
        if first is None or first.group(1) != str(path.with_suffix(".h").relative_to("src")):
            yield f"{path}: its own header comes first"


def modules(files):
    """What each module includes of others: {name: set of names}; foo.c and foo.h are one."""
    graph = {}
    for path in files:
        name = str(path.with_suffix(""))
        others = {str(pathlib.Path("src", own).with_suffix(""))
                  for own, _ in INCLUDE.findall(path.read_text(encoding="utf-8")) if own}
        graph.setdefault(name, set()).update(others - {name})
    return graph


def circles(graph):
    """Complaints about modules that need each other in a circle."""
    done, path = set(), []

    def visit(name):
        if name in path:
            yield "circle: " + " -> ".join(path[path.index(name):] + [name])
            return
        if name in done or name not in graph:
            return
        path.append(name)
        for other in sorted(graph[name]):
            yield from visit(other)
        path.pop()
        done.add(name)

    for name in sorted(graph):
        yield from visit(name)


def main():
    """Prints what is wrong; the exit status says whether anything is."""
    files = sorted(p for p in pathlib.Path("src").rglob("*") if p.suffix in (".c", ".h"))
    found = [line for path in files for line in check_file(path)]
    found += circles(modules(files))
    print("\n".join(found) if found else f"layers: {len(files)} files are where they belong")
    return 1 if found or not files else 0


if __name__ == "__main__":
    sys.exit(main())
