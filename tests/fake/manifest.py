"""A plugin's manifest, read as strictly as Stash reads it.

Stash decodes every .yml below its plugins folder with a strict YAML decoder: a
key it does not know, or one given twice, and the plugin does not load at all.
The tests must see that too, so this is a parser of its own for the part of
YAML that manifests use: block maps and lists, plain, quoted and block scalars,
flow lists and maps, comments. Anything beyond that is an error here, which is
on the safe side. Every scalar stays text: Stash decodes into string fields, so
"5" and "true" arrive at a plugin as text.
"""

import os
import re
import shutil

KEY = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s\[\]{},#&*!|>'"%@`:-][^:]*?|[^\s:]+?)\s*:(?:\s+(.*)|$)""")
FLOW_TOKEN = re.compile(r"""
    "(?:[^"\\]|\\.)*" | '(?:[^']|'')*'                                      # quoted
    | \s\#.*                                                                # comment
    | [\[\]{},] | :(?=\s|$)                                                 # structure
    | [^\[\]{},\s:"'](?: [^\[\]{},\s:] | :(?=\S) | [ ]+(?=[^\[\]{},\s:\#]) )*   # plain, with spaces inside
    | \S""", re.VERBOSE)
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "\\": "\\", '"': '"', "/": "/", "e": "\x1b", " ": " "}


class ManifestError(Exception):
    """The file is not a manifest that Stash would load."""


class _Parser:
    """Lines to values by recursive descent; 'at' is the line to read next."""

    def __init__(self, text):
        self.lines = text.lstrip("\ufeff").replace("\r\n", "\n").split("\n")
        self.at = 0

    def fail(self, why):
        raise ManifestError(f"yaml: line {self.at + 1}: {why}")

    def document(self):
        """The one value of the file."""
        if (line := self.peek()) and line[1].rstrip() == "---":
            self.at += 1
        line = self.peek()
        value = self.block(line[0]) if line else None
        if self.peek():
            self.fail("did not find expected key")
        return value

    def peek(self):
        """(indentation, text) of the next line that holds anything."""
        while self.at < len(self.lines):
            line = self.lines[self.at]
            text = line.lstrip(" ")
            if text.strip() and not text.startswith("#"):
                if text.startswith("\t"):
                    self.fail("found character that cannot start any token")
                return len(line) - len(text), text.rstrip()
            self.at += 1
        return None

    def block(self, indent):
        """A map or a list whose entries start in column 'indent'."""
        text = self.peek()[1]
        if text == "-" or text.startswith("- "):
            return self.list(indent)
        if KEY.match(text):
            return self.map(indent)
        self.at += 1
        return self.value(text, indent - 1)

    def map(self, indent):
        """key: value, one per line."""
        result = {}
        while (line := self.peek()) and line[0] == indent:
            match = KEY.match(line[1])
            if not match or line[1].startswith("- "):
                self.fail("could not find expected ':'")
            key = self.scalar(match.group(1))
            if key in result:
                self.fail(f'key "{key}" already set in map')
            self.at += 1
            result[key] = self.value(match.group(2) or "", indent, in_map=True)
        if line and line[0] > indent:
            self.fail("mapping values are not allowed in this context")
        return result

    def list(self, indent):
        """- value, one per line; a map may begin behind the dash."""
        result = []
        while (line := self.peek()) and line[0] == indent and (line[1] + " ").startswith("- "):
            rest = line[1][1:].lstrip(" ")
            if rest and KEY.match(rest) and rest[0] not in "[{":
                column = indent + len(line[1]) - len(rest)
                self.lines[self.at] = " " * column + rest
                result.append(self.map(column))
            else:
                self.at += 1
                result.append(self.value(rest, indent))
        if line and line[0] > indent:
            self.fail("did not find expected '-' indicator")
        return result

    def value(self, rest, indent, in_map=False):
        """What stands behind a colon or a dash, and the lines below that belong to it."""
        if not rest or rest.startswith("#"):
            line = self.peek()
            if line and (line[0] > indent or (in_map and line[0] == indent and (line[1] + " ").startswith("- "))):
                return self.block(line[0])
            return None
        if rest[0] in "|>":
            return self.block_scalar(rest, indent)
        if rest[0] in "[{":
            return self.flow(rest)
        if rest[0] in "\"'":
            return self.scalar(rest)
        return self.plain(rest, indent)

    def block_scalar(self, rest, indent):
        """'|' keeps line ends, '>' folds them; '-' and '+' say what becomes of the last one."""
        match = re.fullmatch(r"([|>])([-+]?)\s*(#.*)?", rest)
        if not match:
            self.fail("unsupported block scalar header")
        lines = []
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if line.strip() and len(line) - len(line.lstrip(" ")) <= indent:
                break
            lines.append(line)
            self.at += 1
        margin = min((len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), default=0)
        text = "\n".join(line[margin:] for line in lines).rstrip("\n")
        if match.group(1) == ">":
            text = re.sub(r"(?<!\n)\n(?!\n)", " ", text)
            text = re.sub(r"\n(\n+)", r"\1", text)
        return text if match.group(2) == "-" or not text else text + "\n"

    def plain(self, rest, indent):
        """A bare scalar; deeper lines below it continue it."""
        text = self.bare(rest)
        while text == rest and (line := self.peek()) and line[0] > indent:
            self.at += 1
            rest = self.bare(line[1])
            text += " " + rest
        return None if text in ("~", "null", "Null", "NULL") else text

    def bare(self, text):
        """A plain scalar's text without the comment behind it."""
        if text[0] in "&*!%@`,":
            self.fail(f"found character {text[0]!r} that cannot start any token")
        text = re.split(r"\s#", text)[0].rstrip()
        if ": " in text or text.endswith(":"):
            self.fail("mapping values are not allowed in this context")
        return text

    def scalar(self, text):
        """A quoted scalar on one line, or a key."""
        if text[0] not in "\"'":
            return text
        pattern = r'"((?:[^"\\]|\\.)*)"' if text[0] == '"' else r"'((?:[^']|'')*)'"
        match = re.match(pattern + r"\s*(#.*)?$", text)
        if not match:
            self.fail("quoted scalar does not end on its line")
        return self.unquote(match.group(1), text[0])

    def unquote(self, text, quote):
        """The text between the quotes."""
        if quote == "'":
            return text.replace("''", "'")

        def one(match):
            if match.group(1):
                return chr(int(match.group(1)[1:], 16))
            if match.group(2) not in ESCAPES:
                self.fail("found unknown escape character")
            return ESCAPES[match.group(2)]
        return re.sub(r"\\(?:(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2})|(.))", one, text)

    def flow(self, rest):
        """[a, b] or {a: b}, also over several lines."""
        tokens, depth = [], 0
        while True:
            for token in FLOW_TOKEN.findall(rest):
                if token.strip().startswith("#"):
                    continue
                depth += (token in "[{") - (token in "]}")
                tokens.append(token)
            if depth <= 0:
                break
            if not (line := self.peek()):
                self.fail("did not find expected ',' or ']'")
            self.at += 1
            rest = line[1]
        value = self.flow_value(tokens)
        if tokens:
            self.fail("unexpected text after a flow collection")
        return value

    def flow_value(self, tokens):
        """Consumes one value from the list of tokens."""
        token = tokens.pop(0)
        if token in "]},:":
            self.fail(f"unexpected {token!r}")
        if token not in "[{":
            return self.scalar(token)
        closing = "]" if token == "[" else "}"
        result = [] if token == "[" else {}
        while tokens and tokens[0] != closing:
            item = self.flow_value(tokens)
            if token == "[":
                result.append(item)
            elif not tokens or tokens.pop(0) != ":":
                self.fail("did not find expected ':'")
            else:
                result[item] = self.flow_value(tokens)
            if tokens and tokens[0] == ",":
                tokens.pop(0)
        if not tokens:
            self.fail(f"did not find expected {closing!r}")
        tokens.pop(0)
        return result


def parse_yaml(text):
    """The value of a document in the subset above."""
    return _Parser(text).document()


# What Stash knows: a type is "text", [type] for a list, {"*": type} for a map
# with free keys, or a map of the keys that are allowed.
OPERATION = {"name": "text", "description": "text", "execArgs": ["text"], "defaultArgs": {"*": "text"}}
MANIFEST = {
    "name": "text", "description": "text", "url": "text", "version": "text", "interface": "text",
    "exec": ["text"], "errLog": "text",
    "tasks": [OPERATION],
    "hooks": [{**OPERATION, "triggeredBy": ["text"]}],
    "settings": {"*": {"type": "text", "displayName": "text", "description": "text"}},
    "ui": {"requires": ["text"], "javascript": ["text"], "css": ["text"], "assets": {"*": "text"},
           "csp": {"script-src": ["text"], "style-src": ["text"], "connect-src": ["text"]}},
}


def _check(value, kind, where):
    """The value in the wanted type; None becomes that type's empty value."""
    if kind == "text":
        if isinstance(value, (dict, list)):
            raise ManifestError(f"{where}: cannot unmarshal {type(value).__name__} into string")
        return value or ""
    if isinstance(kind, list):
        if value is not None and not isinstance(value, list):
            raise ManifestError(f"{where}: cannot unmarshal {value!r} into a list")
        return [_check(item, kind[0], where) for item in value or []]
    if value is not None and not isinstance(value, dict):
        raise ManifestError(f"{where}: cannot unmarshal {value!r} into a map")
    for key in value or {}:
        if key not in kind and "*" not in kind:
            raise ManifestError(f"field {key} not found in {where}")
    return {key: _check(item, kind.get(key) or kind.get("*"), f"{where}.{key}") for key, item in (value or {}).items()}


class Plugin:
    """One loaded manifest. Its id is the file's name without '.yml'."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.manifest = _check(parse_yaml(file.read()), MANIFEST, "plugin")
        self.path = str(path)
        self.dir = os.path.dirname(self.path)
        self.id = os.path.basename(self.path).rpartition(".")[0]
        self.name = self.manifest.get("name", "")
        self.exec = self.manifest.get("exec", [])
        self.err_log = self.manifest.get("errLog", "")
        self.tasks = self.manifest.get("tasks", [])
        self.hooks = self.manifest.get("hooks", [])
        self.settings = self.manifest.get("settings", {})
        self._validate()

    def _validate(self):
        if self.manifest.get("interface", "raw") not in ("raw", "rpc", "js"):
            raise ManifestError(f"invalid interface type {self.manifest['interface']}")
        for key, setting in self.settings.items():
            if setting.get("type", "") not in ("", "STRING", "NUMBER", "BOOLEAN"):
                raise ManifestError(f"invalid type {key} for setting {setting['type']}")

    def task(self, name):
        """The task of that name, or None."""
        return next((task for task in self.tasks if task.get("name") == name), None)

    def hooks_for(self, trigger):
        """A hook that lists a trigger twice runs twice; unknown triggers load silently."""
        return [hook for hook in self.hooks for wanted in hook.get("triggeredBy", []) if wanted == trigger]

    def command(self, operation=None, cwd=None):
        """The argument list: PATH, or Stash's working directory for a path, is searched before the
        plugin's own folder, and {pluginDir} means something in the arguments only."""
        command = list(self.exec) + list((operation or {}).get("execArgs", []))
        if command and not shutil.which(os.path.join(cwd or "", command[0]) if "/" in command[0] else command[0]):
            command[0] = os.path.normpath(os.path.join(self.dir, command[0]))
        return command[:1] + [argument.replace("{pluginDir}", self.dir) for argument in command[1:]]

    def describe(self, disabled=False):
        """As the 'plugins' query shows it."""
        tasks = [{"name": task.get("name", ""), "description": task.get("description", "")} for task in self.tasks]
        hooks = [{"name": hook.get("name", ""), "description": hook.get("description", ""),
                  "hooks": hook.get("triggeredBy", [])} for hook in self.hooks]
        settings = [{"name": key, "display_name": setting.get("displayName", ""),
                     "description": setting.get("description", ""), "type": setting.get("type") or "STRING"}
                    for key, setting in sorted(self.settings.items())]
        return {"id": self.id, "name": self.name or self.id, "description": self.manifest.get("description"),
                "url": self.manifest.get("url"), "version": self.manifest.get("version"), "enabled": not disabled,
                "tasks": tasks, "hooks": hooks, "settings": settings, "requires": []}


def _walk(folder):
    """Every .yml below a folder in lexical order, through symbolic links."""
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if os.path.isdir(path):
            yield from _walk(path)
        elif name.endswith(".yml"):
            yield path


def load_plugins(folder, log):
    """All plugins below a folder. What does not load, or has the id of another
    one (without regard to case), is logged as an error and left out."""
    plugins = []
    for path in _walk(folder) if folder else ():
        try:
            plugin = Plugin(path)
        except (ManifestError, OSError, UnicodeDecodeError) as error:
            log("error", f"Error loading plugin {path}: {error}")
            continue
        if plugin.id.lower() in (other.id.lower() for other in plugins):
            log("error", f"Error loading plugin {path}: plugin ID {plugin.id} already exists")
            continue
        plugins.append(plugin)
    return plugins
