#!/usr/bin/env python3
"""`make lint`: layers, texts that must not be there, links, formatting, clang-tidy. `--fix-format` formats instead.
`--without-analyzer` leaves out what takes most of the time, the static analyzer.

A file that clang-tidy passed is not looked at again until it, a header of ours that it reaches, the checks or its
compile command change; okhttp-cpp/lint in the user's cache folder remembers that, for every checkout.
"""

import concurrent.futures
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PASSED = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "okhttp-cpp" / "lint"
TIDY = "clang-tidy-19"
OWN_INCLUDE = re.compile(rb'^\s*#\s*include\s*(?:"([^"]+)"|<(okhttp/[^>]+)>)', re.M)
INCLUDE_ROOTS = [ROOT / "include", ROOT / "src", ROOT / "mockwebserver/include", ROOT / "mockwebserver/src",
                 *sorted((ROOT / "components").glob("*/include")), ROOT]

# (what it is, pattern, the paths it is looked for in)
UNWANTED = [
    ("a path of one machine", r"(^|[^A-Za-z0-9._:/-])/(root|work|Users|farm)/[A-Za-z]", ["."]),
    ("a path of one machine", r"/home/[a-z]+/", ["src", "include", "mockwebserver", "okcurl", "tools", "docs", "*.md"]),
    ("unfinished", r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b", ["*.hpp", "*.cpp", "*.sh", "*.py", "*.cmake", "CMakeLists.txt"]),
    ("a test that sleeps", r"sleep_for|usleep\(|sleep_until\(std", ["tests/*.cpp", "tests/*.hpp"]),
]


def run(command, **options):
    return subprocess.run(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)


def own_files():
    listed = run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.hpp", "*.cpp"]).stdout.split()
    return [name for name in listed if (ROOT / name).exists()]


def check_layers():
    result = run([sys.executable, "cmake/check_layers.py"])
    return result.returncode == 0, result.stdout


def check_format(fix=False):
    files = own_files()
    if not files:
        return True, ""
    result = run(["clang-format", *(["-i"] if fix else ["--dry-run", "-Werror"]), *files])
    return result.returncode == 0, result.stdout


def check_texts():
    found = ""
    for what, pattern, paths in UNWANTED:
        result = run(["git", "grep", "--untracked", "-nIP", pattern, "--", *paths])
        found += "".join(f"{line}  <- {what}\n" for line in result.stdout.splitlines())
    return not found, found


def check_links():
    """Every relative link of a Markdown file leads to a file of the repository."""
    broken = ""
    for name in run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"]).stdout.split():
        path = ROOT / name
        if not path.exists():
            continue
        text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
            if "://" not in target and not target.startswith("mailto:") and not (path.parent / target).exists():
                broken += f"{name}: no such file: {target}\n"
    return not broken, broken


class Fingerprints:
    """The content of files and of every header of ours that they reach."""

    def __init__(self):
        self.direct = {}

    def _read(self, path):
        if path not in self.direct:
            text = path.read_bytes()
            includes = set()
            for quoted, angled in OWN_INCLUDE.findall(text):
                name = (quoted or angled).decode()
                for base in [path.parent, *INCLUDE_ROOTS]:
                    if (base / name).is_file():
                        includes.add((base / name).resolve())
                        break
            self.direct[path] = (hashlib.sha256(text).hexdigest(), includes)
        return self.direct[path]

    def direct_of(self, path):
        return self._read(path)[1]

    def of(self, paths):
        reached, queue = set(), list(paths)
        while queue:
            current = queue.pop()
            if current not in reached:
                reached.add(current)
                queue.extend(self._read(current)[1])
        return sorted(self._read(p)[0] for p in reached)


class Tidy:
    """clang-tidy over the compile commands of one build folder."""

    def __init__(self, in_batches):
        self.build = ROOT / "build" / ("lint-batches" if in_batches else "lint")
        self.checks = []
        options = []
        if in_batches:
            # The analyzer looks at the main file only, which is no file of ours here.
            self.checks = ["--checks=-clang-analyzer-*,-bugprone-suspicious-include"]
            options = ["-DOKHTTP_BATCH_SIZE=8"]
        self.configured = run(["cmake", "--preset", "lint", "-B", str(self.build), *options])
        self.general = (ROOT / ".clang-tidy").read_text() + run([TIDY, "--version"]).stdout + str(self.checks)

    def work(self):
        """What has not passed yet: (path, key)."""
        fingerprints = Fingerprints()
        found = []
        for entry in json.loads((self.build / "compile_commands.json").read_text()):
            path = Path(entry["file"]).resolve()
            batch = path.is_relative_to(self.build) and "Unity" in path.parts
            if not path.is_relative_to(ROOT) or (path.is_relative_to(ROOT / "build") and not batch):
                continue
            # A batch's own text holds the paths of this checkout.
            sources = sorted(fingerprints.direct_of(path)) if batch else [path]
            command = entry["command"].replace(str(ROOT), ".")
            key = hashlib.sha256(json.dumps([self.general, command, fingerprints.of(sources)]).encode()).hexdigest()
            if not (PASSED / key).exists():
                found.append((path, key))
        return found

    def run(self):
        """What was found, or nothing."""
        if self.configured.returncode != 0:
            return self.configured.stdout

        def look(item):
            path, key = item
            result = subprocess.run([TIDY, "-p", str(self.build), "--quiet", *self.checks, str(path)], cwd=ROOT,
                                    text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            if result.returncode == 0:
                (PASSED / key).touch()
            return path, "" if result.returncode == 0 else result.stdout or result.stderr

        output, work = "", self.work()
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for done, (path, errors) in enumerate(pool.map(look, work), 1):
                print(f"  clang-tidy {done}/{len(work)} {path.relative_to(ROOT)}", flush=True)
                output += errors
        return output


def check_tidy(analyze=True):
    """Every check but the analyzer's, over batches of sources; then, unless left out, every check file by file."""
    if not shutil.which(TIDY):
        return False, f"{TIDY} is missing\n"
    PASSED.mkdir(parents=True, exist_ok=True)
    output = Tidy(in_batches=True).run()
    if analyze:
        output += Tidy(in_batches=False).run()
    return not output, output


def main():
    if "--fix-format" in sys.argv[1:]:
        ok, output = check_format(fix=True)
        print(output, end="")
        return 0 if ok else 1
    steps = [("layers", check_layers), ("texts", check_texts), ("links", check_links),
             ("clang-format", check_format), ("clang-tidy", check_tidy)]
    if "--quick" in sys.argv[1:]:
        steps.pop()
    elif "--without-analyzer" in sys.argv[1:]:
        steps[-1] = ("clang-tidy", lambda: check_tidy(analyze=False))
    failed = []
    for name, step in steps:
        start = time.monotonic()
        ok, output = step()
        if not ok:
            failed.append(name)
            print(output, end="")
        print(f"lint: {name}: {'ok' if ok else 'FAILED'} ({time.monotonic() - start:.1f} s)", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
