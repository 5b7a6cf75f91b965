#!/usr/bin/env bash
# What it costs to include <okhttp/okhttp.hpp> in an empty file, against Asio: the best of seven compilations at -O0.
# Usage: benchmarks/include_cost.sh [COMPILER]
set -euo pipefail
cxx=${1:-g++}
root=$(cd "$(dirname "$0")/.." && pwd)

best() {
  local least=999999 start end
  for _ in 1 2 3 4 5 6 7; do
    start=$(date +%s%N)
    printf '%s\n' "$1" | "$cxx" -std=c++20 -O0 -I"$root/include" -x c++ -c -o /dev/null -
    end=$(date +%s%N)
    [ $(((end - start) / 1000000)) -ge $least ] || least=$(((end - start) / 1000000))
  done
  echo $least
}

empty=$(best '')
ours=$(best '#include <okhttp/okhttp.hpp>')
asio=$(best '#include <boost/asio.hpp>')
printf 'include_cost empty_ms=%d okhttp_ms=%d asio_ms=%d ratio=%d%%\n' \
  "$empty" "$ours" "$asio" $((100 * (ours - empty) / (asio - empty)))
