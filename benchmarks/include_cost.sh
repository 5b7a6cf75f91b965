#!/usr/bin/env bash
# What it costs to include <okhttp/okhttp.hpp> in an empty file, against Asio: the least user time of eleven compilations
# each at -O0, taken in turn so that both meet the same machine.
# Usage: benchmarks/include_cost.sh [COMPILER]
set -euo pipefail
cxx=${1:-g++}
root=$(cd "$(dirname "$0")/.." && pwd)
TIMEFORMAT=%3U

# User time in ms of compiling the line $1.
cost() {
  local seconds
  seconds=$({ time printf '%s\n' "$1" | "$cxx" -std=c++20 -O0 -I"$root/include" -x c++ -c -o /dev/null -; } 2>&1)
  echo $((10#${seconds/./}))
}

least() { echo $(($1 < $2 ? $1 : $2)); }

empty=999999 ours=999999 asio=999999
for _ in 1 2 3 4 5 6 7 8 9 10 11; do
  empty=$(least $empty "$(cost '')")
  ours=$(least $ours "$(cost '#include <okhttp/okhttp.hpp>')")
  asio=$(least $asio "$(cost '#include <boost/asio.hpp>')")
done
printf 'include_cost empty_ms=%d okhttp_ms=%d asio_ms=%d ratio=%d%%\n' \
  "$empty" "$ours" "$asio" $((100 * (ours - empty) / (asio - empty)))
