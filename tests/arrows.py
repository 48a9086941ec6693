"""Every folder of a crate imports only what lies below it: no arrow points up, and so none close a ring.

`ORDER` says what lies on what. A name is a folder of `src`, or a file there; it may import those before it. Names that
stand together in a tuple lie beside each other and import none of each other. Unit tests may import anything.

Within a folder there is no order, but the modules in it form no ring: its files, and its folders each with all that is in
them. A name that the folder hands on (`pub use`) counts as one of the module that it comes from. What `mod.rs` defines
itself does not count: it is what its modules share, or puts them together.
"""

import re
import sys
import tempfile
from pathlib import Path

ORDER = {
    "burstnet-core": [
        ("arrays", "math", "numbers", "room", "text"), "npy", "config", ("curves", "streams"),
        ("divergence", "measures", "plasticity", "timing", "weights"), "digest", "signals", "inputs",
        ("observer", "teaching"), "engine", ("checkpoint", "watch"), "run",
    ],
    "burstnet-sweep": [
        "growth", ("files", "limits", "streams"), "nearest", "objective", "search", "space", "plan", "spec", "results",
        "planning", "ask_tell", "run", "sweep", "prelude",
    ],
    "burstnet-report": [("error", "shell"), "statistics", "analysis", "tables", "difference", "page", "import", "publish"],
    "burstnet-cli": ["allocator", "text", "failure", "process", "terminal", "slurm", "arguments", "shared", "commands"],
    "burstnet-python": [("errors", "threads"), ("command", "search", "tables")],
}
# Where crates are, if not in crates/.
ELSEWHERE = {"burstnet-python": "python"}
# The files of these folders import nothing of each other.
WITHOUT_SIBLINGS = {("burstnet-cli", "commands")}

COMMENT_OR_TEXT = re.compile(r'//[^\n]*|/\*.*?\*/|r(#*)".*?"\1|"(?:\\.|[^"\\])*"|\'(?:\\[^\']+|[^\'\\])\'', re.DOTALL)
PATH = re.compile(r"\b(?:crate|super|self)(?:\s*::\s*(?:\w+|\{))+|\b(?:crate|super|self)\s*::\s*\{")


def without_texts(source: str) -> str:
    """The source with its comments, texts and characters blanked out; every line keeps its number."""
    return COMMENT_OR_TEXT.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), source)


def module_of(file: Path, src: Path) -> list[str]:
    """The names of the modules that lead to a file."""
    parts = list(file.relative_to(src).with_suffix("").parts)
    if parts[-1] in ("lib", "main", "mod"):
        parts.pop()
    return parts


def braces(source: str, start: int) -> tuple[str, int]:
    """What stands between the brace at `start` and the one that closes it, and where that is."""
    depth = 0
    for at in range(start, len(source)):
        depth += {"{": 1, "}": -1}.get(source[at], 0)
        if depth == 0:
            return source[start + 1 : at], at
    return source[start + 1 :], len(source)


def split(group: str) -> list[str]:
    """The parts of a group of imports, without those of groups within it."""
    parts, depth, part = [], 0, ""
    for character in group:
        depth += {"{": 1, "}": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append(part)
            part = ""
        else:
            part += character
    return [part.strip() for part in [*parts, part] if part.strip()]


def paths(tree: str) -> list[list[str]]:
    """The paths of an import such as `crate::{a::B, c}`, as lists of names."""
    head, brace, rest = tree.partition("{")
    names = re.findall(r"\w+", re.sub(r"\bas\s+\w+", "", head))
    if not brace:
        return [names]
    return [names + path for part in split(braces("{" + rest, 0)[0]) for path in paths(part)]


def inline_modules(source: str) -> list[tuple[int, int]]:
    """Where modules are that stand in a file itself."""
    found = []
    for module in re.finditer(r"\bmod\s+\w+\s*\{", source):
        found.append((module.start(), braces(source, module.end() - 1)[1]))
    return found


def without_unit_tests(source: str) -> str:
    """The source with its modules of tests blanked out; every line keeps its number."""
    for found in reversed(list(re.finditer(r"#\[cfg\(test\)\]\s*mod\s+\w+\s*\{", source))):
        close = braces(source, found.end() - 1)[1]
        source = source[: found.end()] + re.sub(r"[^\n]", " ", source[found.end() : close]) + source[close:]
    return source


def imports(source: str, module: list[str]) -> list[tuple[int, list[str]]]:
    """Line and path from the crate's root of everything that a file takes from its crate."""
    found, end = [], 0
    inline = inline_modules(source)
    for match in PATH.finditer(source):
        if match.start() < end:
            continue  # part of a group that was read already
        text, end = match.group(), match.end()
        if text.endswith("{"):
            group, close = braces(source, match.end() - 1)
            text, end = text + group + "}", close
        inside = sum(first < match.start() < last for first, last in inline)
        line = source.count("\n", 0, match.start()) + 1
        for path in paths(text):
            here = module + ["inline"] * inside
            if path[0] == "crate":
                here = []
            while path and path[0] in ("crate", "self", "super"):
                here = here[:-1] if path[0] == "super" else here
                path = path[1:]
            found.append((line, here + path))
    return found


def exported(src: Path) -> dict[str, str]:
    """What the crate's root hands on of its modules, by name."""
    names = {}
    for root in ("lib.rs", "main.rs"):
        if (src / root).exists():
            for use in re.findall(r"\buse\s+([^;]+);", without_texts((src / root).read_text())):
                names |= {path[-1]: path[0] for path in paths(use) if len(path) > 1}
    return names


def wrong(crate: str, src: Path, order: list, siblings: set) -> list[str]:
    """All arrows of a crate that point up or sideways."""
    levels = {}
    for level, names in enumerate(order):
        levels |= dict.fromkeys([names] if isinstance(names, str) else names, level)
    handed_on = exported(src)
    problems = []
    for file in sorted(src.rglob("*.rs")):
        module = module_of(file, src)
        if not module or module[-1] == "tests":
            continue  # the root sees everything, and so do unit tests
        own = module[0]
        if own not in levels:
            problems.append(f"{file}: '{own}' is not in the order of {crate}, at the top of tests/arrows.py")
            continue
        for line, path in imports(without_unit_tests(without_texts(file.read_text())), module):
            if not path:
                continue
            other = handed_on.get(path[0], path[0])
            if other in levels and other != own and levels[other] >= levels[own]:
                problems.append(f"{file}:{line}: {own} imports {'::'.join(path)}, which does not lie below it")
            beside = len(module) > 1 and len(path) > 1 and path[0] == own and path[1] != module[1]
            if beside and (crate, own) in siblings and (src / own / path[1]).with_suffix(".rs").exists():
                problems.append(f"{file}:{line}: {own}/{module[1]} imports {own}/{path[1]}, which lies beside it")
    return problems


def sources(src: Path) -> dict[tuple, str]:
    """The source of each module without comments, texts and unit tests, by the names that lead to it."""
    files = {tuple(module_of(file, src)): file for file in sorted(src.rglob("*.rs")) if file.stem != "tests"}
    return {module: without_unit_tests(without_texts(file.read_text())) for module, file in files.items()}


def handed_on_by(source: str, module: tuple) -> dict[str, tuple]:
    """Where the names come from that a module takes from modules within itself and hands on."""
    names = {}
    for tree in re.findall(r"\bpub(?:\([^)]*\))?\s+use\s+([^;]+);", source):
        for path in paths(tree):
            path = path[1:] if path[0] == "self" else path
            if path[0] not in ("crate", "super"):
                names[path[-1]] = module + tuple(path)
    return names


def arrows(src: Path) -> dict[tuple, dict[tuple, str]]:
    """What each module within a folder imports of the modules beside it, with one such import."""
    texts = sources(src)
    hands_on = {module: handed_on_by(source, module) for module, source in texts.items()}

    def origin(path: tuple) -> tuple:
        """The module that the thing at `path` is in."""
        while True:
            known = max((path[:n] for n in range(len(path) + 1) if path[:n] in texts), key=len)
            name = path[len(known)] if len(path) > len(known) else None
            further = hands_on[known].get(name)
            if further is None or further == path:
                return known
            path = further

    found = {}
    for module, source in texts.items():
        for line, path in imports(source, list(module)):
            other = origin(tuple(path))
            level = next((n for n, (a, b) in enumerate(zip(module, other)) if a != b), 0)
            if level > 0:
                one, another = module[: level + 1], other[: level + 1]
                found.setdefault(one, {}).setdefault(another, f"{'/'.join(module)}:{line} {'::'.join(path)}")
    return found


def rings(src: Path) -> list[tuple[tuple, str]]:
    """The rings that modules of one folder form, each once and with its folder."""
    found, over = arrows(src), set()
    problems = []

    def follow(module: tuple, way: list) -> None:
        if module in way:
            ring = way[way.index(module) :]
            text = "a ring: " + ", ".join(found[a][b] for a, b in zip(ring, [*ring[1:], module]))
            problems.append((module[:-1], text))
        elif module not in over:
            over.add(module)
            for other in sorted(found.get(module, {})):
                follow(other, [*way, module])

    for module in sorted(found):
        follow(module, [])
    return problems


def self_check() -> None:
    """Arrows that point up are found, however they are written, and no others."""
    files = {
        "lib.rs": "mod low; mod high; mod other;\npub use high::{Thing, deep::Other};\n",
        "low/mod.rs": "mod part;\nuse self::part::X; // use crate::high::Comment;\n",
        "low/part.rs": '\nuse crate::{\n    low::Y,\n    high::{self, deep},\n};\nconst TEXT: &str = "crate::high";\n',
        "low/up.rs": "use super::super::high::Thing;\nmod tests { use super::part; use super::super::super::high; }\n",
        "low/handed.rs": "fn f<'a>(x: &'a crate::Thing) -> crate::high::deep::Z<'a> { x }\n",
        "low/tested.rs": "use crate::low::X;\n#[cfg(test)]\nmod tests {\n    use crate::high::{Thing};\n}\n",
        "low/part/tests.rs": "use crate::high::Thing;\n",
        "high/mod.rs": "use crate::low::{X, part::X as Z};\nuse super::low;\npub mod deep;\nmod beside;\n",
        "high/beside.rs": "use super::deep::Z;\n",
        "high/deep.rs": "use crate::low::part;\n",
        "other.rs": "\n",
    }
    with tempfile.TemporaryDirectory() as folder:
        src = Path(folder)
        for name, text in files.items():
            (src / name).parent.mkdir(exist_ok=True, parents=True)
            (src / name).write_text(text)
        problems = wrong("made-up", src, ["low", "high"], {("made-up", "high")})
        no_ring = rings(src)
        for name, text in {
            "low/mod.rs": "mod part;\nmod up;\nmod deep;\npub use part::X;\npub(crate) use self::deep::{one::Y};\n",
            "low/part.rs": "use super::Y;\n",
            "low/up.rs": "use crate::low::X;\nuse super::Shared;\n#[cfg(test)]\nmod tests { use super::super::deep; }\n",
            "low/deep/mod.rs": "pub mod one;\nmod two;\n",
            "low/deep/one.rs": "use super::super::up::Z;\nuse crate::low::deep::two;\n",
            "low/deep/two.rs": "use super::one;\n",
        }.items():
            (src / name).parent.mkdir(exist_ok=True)
            (src / name).write_text(text)
        two_rings = rings(src)
    found = [re.sub(rf"^{re.escape(folder)}/", "", problem).split(" ")[0].rstrip(":") for problem in problems]
    expected = [
        "high/beside.rs:1", "low/handed.rs:1", "low/handed.rs:1", "low/part.rs:2", "low/part.rs:2", "low/up.rs:1",
        "low/up.rs:2", "other.rs",
    ]
    assert found == expected, f"the check itself fails: {found}, expected {expected}"
    assert no_ring == [], f"the check itself finds rings: {no_ring}"
    assert two_rings == [
        (("low",), "a ring: low/deep/one:1 low::up::Z, low/up:1 low::X, low/part:1 low::Y"),
        (("low", "deep"), "a ring: low/deep/one:2 low::deep::two, low/deep/two:1 low::deep::one"),
    ], f"the check itself fails: {two_rings}"


def main() -> int:
    self_check()
    root = Path(__file__).resolve().parent.parent
    problems = []
    for crate, order in ORDER.items():
        src = root / ELSEWHERE.get(crate, f"crates/{crate}") / "src"
        problems += wrong(crate, src, order, WITHOUT_SIBLINGS)
        problems += [f"{crate}: {ring}" for _, ring in rings(src)]
    for problem in problems:
        print(problem.replace(f"{root}/", ""), file=sys.stderr)
    print(f"{len(ORDER)} crates, {len(problems)} imports that do not point down")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
