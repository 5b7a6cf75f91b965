#!/usr/bin/env python3
"""Writes every ```cpp block of Markdown files into a source file of its own, so that the tests compile it.

Usage: check_docs.py OUTPUT_DIR FILE.md...; prints the paths of the files it wrote.

A block with `int main` is a whole program and is taken as it stands. Any other is the inside of a function (a coroutine
if it awaits) that finds a `client` and a `request`; ```cpp file-scope is the inside of a namespace. Its own #include
lines are moved in front, after <okhttp/okhttp.hpp>.
"""

import re
import sys
from pathlib import Path

BLOCK = re.compile(r"^```cpp([^\n]*)\n(.*?)^```", re.M | re.S)


def source_of(document, line, info, code):
    where = f'#line {line} "{document}"\n'
    if re.search(r"\bint main\s*\(", code):
        return where + code
    includes = "".join(m.group(0) + "\n" for m in re.finditer(r"^#include[^\n]*", code, re.M))
    code = re.sub(r"^#include[^\n]*", "", code, flags=re.M)
    top = f"#include <okhttp/okhttp.hpp>\n{includes}"
    if "file-scope" in info:
        return f"{top}namespace block {{\n{where}{code}}}\n"
    given = "extern okhttp::Client client;\nextern okhttp::Request request;\n"
    awaits = re.search(r"\bco_(await|return)\b", code)
    result, end = ("okhttp::Task<void>", "co_return;\n") if awaits else ("void", "")
    return f"{top}namespace block {{\n{given}{result} body();\n{result} body() {{\n{where}{code}{end}}}\n}}\n"


def main():
    output = Path(sys.argv[1])
    output.mkdir(parents=True, exist_ok=True)
    written = set()
    for document in map(Path, sys.argv[2:]):
        text = document.read_text(encoding="utf-8")
        for match in BLOCK.finditer(text):
            line = text.count("\n", 0, match.start()) + 2
            path = output / f"{document.stem}_{line}.cpp"
            source = source_of(document, line, match[1], match[2])
            if not path.exists() or path.read_text() != source:
                path.write_text(source)
            written.add(path)
            print(path)
    for stale in set(output.glob("*.cpp")) - written:
        stale.unlink()


if __name__ == "__main__":
    main()
