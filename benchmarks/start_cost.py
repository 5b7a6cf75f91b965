#!/usr/bin/env python3
"""What a program of one GET costs from process start to exit, against an empty program linked with the same libraries;
both dynamically and, where the static libraries are installed, statically linked. Each round runs all of them in turn,
so that they meet the same machine; the first round does not count.

Usage: benchmarks/start_cost.py BUILD_DIRECTORY URL [ROUNDS]

An https URL needs $PEER_CA, as for okhttp_client. $CXX and $LIBRARY_PATH are heeded."""

import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
CXX = os.environ.get("CXX", "g++")
STATIC = ["-static", "-no-pie"]
# In the order of their needs; libunistring is what libpsl and libidn2 stand on.
STATIC_LIBRARIES = ["-lnghttp2", "-lpsl", "-lidn2", "-lunistring", "-lssl", "-lcrypto", "-lz"]


def needed(program):
    """The libraries of a program in their order, without those that every program has."""
    text = subprocess.run(["readelf", "-dW", program], check=True, capture_output=True, text=True).stdout
    names = [line.split("[")[1].rstrip("]") for line in text.splitlines() if "(NEEDED)" in line]
    return [name for name in names if not name.startswith(("libc.", "ld-linux"))]


def compile_program(out, source, *options):
    """The path of the program, or None when it cannot be linked."""
    done = subprocess.run([CXX, "-std=c++20", "-O2", str(source), "-o", str(out), *options], capture_output=True)
    return str(out) if done.returncode == 0 else None


def run(command):
    """Milliseconds from start to exit, and page faults."""
    begin = time.perf_counter()
    null = [(os.POSIX_SPAWN_OPEN, fd, "/dev/null", os.O_WRONLY, 0) for fd in (1, 2)]
    process = os.posix_spawn(command[0], command, os.environ, file_actions=null)
    _, status, usage = os.wait4(process, 0)
    milliseconds = (time.perf_counter() - begin) * 1000
    if status != 0:
        sys.exit(f"failed: {' '.join(command)}")
    return milliseconds, usage.ru_minflt


def programs(build, folder):
    """Pairs of names and paths: an empty program and the client, in both ways of linking."""
    empty = folder / "empty.cpp"
    empty.write_text("int main() {}\n")
    client = str(build / "benchmarks" / "okhttp_client")
    libraries = [f"-l:{name}" for name in needed(client)]
    yield "dynamic", compile_program(folder / "empty", empty, "-Wl,--no-as-needed", *libraries), client
    static_client = compile_program(folder / "client_static", ROOT / "benchmarks" / "okhttp_client.cpp", *STATIC,
                                    f"-I{ROOT / 'include'}", "-DOKHTTP_STATIC", str(build / "libokhttp.a"),
                                    *STATIC_LIBRARIES)
    static_empty = compile_program(folder / "empty_static", empty, *STATIC)
    if static_client and static_empty:
        yield "static", static_empty, static_client
    else:
        print("static: not linked, as a static library is missing", file=sys.stderr)


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    build, url = pathlib.Path(sys.argv[1]), sys.argv[2]
    rounds = int(sys.argv[3]) if len(sys.argv) == 4 else 100
    with tempfile.TemporaryDirectory() as folder:
        pairs = list(programs(build, pathlib.Path(folder)))
        commands = [command for _, empty, client in pairs for command in ([empty], [client, "first", url, "1", "1"])]
        results = [[run(command) for command in commands] for _ in range(rounds + 1)][1:]
    for index, (linked, _, _) in enumerate(pairs):
        medians = []
        for name, column in (("empty", 2 * index), ("one GET", 2 * index + 1)):
            times = [round_[column][0] for round_ in results]
            faults = statistics.median(round_[column][1] for round_ in results)
            medians.append(statistics.median(times))
            print(f"{linked:8} {name:8} median {medians[-1]:6.2f} ms  least {min(times):6.2f} ms  "
                  f"page faults {faults:.0f}")
        print(f"{linked:8} ratio    {medians[1] / medians[0]:6.2f}")


if __name__ == "__main__":
    main()
