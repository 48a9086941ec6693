"""Every crate that the program is made of has a licence that this project may use."""

import re
import subprocess
import sys

ALLOWED = {
    "MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "ISC", "Zlib",
    "Unicode-3.0", "Unicode-DFS-2016", "MPL-2.0",
}


def usable(expression: str) -> bool:
    """Whether an SPDX expression can be met: AND needs all of its parts, OR one of them."""
    words = re.sub(r"\s+WITH\s+", "_WITH_", expression.replace("/", " OR "))
    tokens = re.findall(r"\(|\)|[^\s()]+", words)
    python = []
    for token in tokens:
        if token in ("AND", "OR"):
            python.append(token.lower())
        elif token in ("(", ")"):
            python.append(token)
        else:
            python.append(str(token.replace("_WITH_", " WITH ") in ALLOWED))
    return bool(eval(" ".join(python)))  # only True, False, and, or and parentheses are in it


def main() -> int:
    # What is built on this platform; crates that only other platforms need are not in the tree.
    command = ["cargo", "tree", "--workspace", "--locked", "--prefix", "none", "--no-dedupe", "--format", "{p}|{l}"]
    tree = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    packages = sorted({line for line in tree.splitlines() if "|" in line})
    bad = [package for package in packages if not package.split("|")[1] or not usable(package.split("|")[1])]
    for line in bad:
        print(f"licence not allowed: {line}", file=sys.stderr)
    print(f"{len(packages)} packages, {len(bad)} with a licence that is not allowed")
    return 1 if bad or not packages else 0


if __name__ == "__main__":
    sys.exit(main())
