#!/usr/bin/env python3
"""Checks that includes point down the layer list of cmake/layers.txt, and the rules that go with it.

Usage: check_layers.py [SOURCE_DIR]; prints each violation as file:line and exits 1 if there is one.
"""

import re
import sys
from pathlib import Path

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
FOREIGN = re.compile(
    r"^(boost/|openssl/|nghttp2/|asio|zlib\.h|idn2\.h|libpsl\.h|brotli/|zstd|sqlite3|sys/|netinet/|arpa/|linux/|net/if"
    r"|netdb\.h|poll\.h|unistd\.h|fcntl\.h|pthread\.h|signal\.h|windows\.h|winsock)"
)
ASIO_NAME = re.compile(r"\bboost\s*::\s*asio\b|\bBOOST_ASIO_\w+")
ASIO_HEADER = re.compile(r"^(boost/asio|asio)\b")


def read_layers(path):
    """Returns {folder: (number, folders of the same number it may include)}."""
    layers = {}
    for line in path.read_text().splitlines():
        line = line.split("#", 1)[0].strip()
        if not line:
            continue
        head, _, siblings = line.partition(">")
        number, folder = head.split()
        layers[folder] = (int(number), set(siblings.split()))
    for folder, (number, siblings) in layers.items():
        for sibling in siblings:
            if layers[sibling][0] != number:
                raise SystemExit(f"{path}: {folder} > {sibling}: not of one number")
            if folder in layers[sibling][1]:
                raise SystemExit(f"{path}: {folder} and {sibling} name each other")
    return layers


def lines_of(path):
    """The lines of a file without comments, numbered."""
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"/\*.*?\*/", lambda m: "\n" * m.group(0).count("\n"), text, flags=re.S)
    for number, line in enumerate(text.splitlines(), 1):
        yield number, re.sub(r"//.*", "", line)


def check(root):
    layers = read_layers(root / "cmake" / "layers.txt")
    problems = []

    def problem(path, line, text):
        problems.append(f"{path.relative_to(root)}:{line}: {text}")

    roots = [root / "include", root / "mockwebserver" / "include", *sorted((root / "components").glob("*/include"))]
    headers = [path for one in roots for path in sorted(one.rglob("*.hpp"))]
    for path in headers:
        if path.name == "asio.hpp":
            continue
        for number, line in lines_of(path):
            include = INCLUDE.match(line)
            if include and FOREIGN.match(include[2]):
                problem(path, number, f"a public header includes {include[2]}")
            if include and include[2] == "okhttp/asio.hpp":
                problem(path, number, "only a program includes okhttp/asio.hpp")
            if include and include[1] == '"':
                problem(path, number, "a public header includes another as <okhttp/...>")
            if ASIO_NAME.search(line):
                problem(path, number, "a public header names Asio")

    src = root / "src"
    for path in sorted(p for p in src.rglob("*") if p.suffix in (".hpp", ".cpp")):
        parts = path.relative_to(src).parts
        folder = parts[0]
        if len(parts) == 1 or folder not in layers:
            problem(path, 1, f"src/{folder} is not in cmake/layers.txt")
            continue
        own, siblings = layers[folder]
        for number, line in lines_of(path):
            if folder != "runtime" and ASIO_NAME.search(line):
                problem(path, number, "only src/runtime names Asio")
            include = INCLUDE.match(line)
            if not include:
                continue
            kind, name = include[1], include[2]
            if folder != "runtime" and ASIO_HEADER.match(name):
                problem(path, number, "only src/runtime includes Asio")
            if name == "okhttp/asio.hpp" and folder != "runtime":
                problem(path, number, "only src/runtime includes okhttp/asio.hpp")
            if name == "okhttp/okhttp.hpp":
                problem(path, number, "the library includes the headers it needs, not the umbrella")
            target = name.split("/")[0]
            if kind != '"' or target == folder:
                continue
            if "/" not in name or target not in layers:
                problem(path, number, f'"{name}": own headers are included as "layer/file.hpp"')
            elif layers[target][0] < own or (layers[target][0] == own and target not in siblings):
                problem(path, number, f"{folder} ({own}) includes {name} ({layers[target][0]}): not down the layer list")
    return problems


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent).resolve()
    problems = check(root)
    for text in problems:
        print(text)
    print(f"layers: {len(problems)} problem(s)" if problems else "layers: ok")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
