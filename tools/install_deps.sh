#!/usr/bin/env bash
# Installs the Debian packages that a part of the project needs and that are missing.
# Usage: tools/install_deps.sh GROUP...      GROUP: build test lint bench
set -euo pipefail

declare -A packages=(
  [build]="g++ make cmake ninja-build ccache pkg-config python3 ca-certificates libssl-dev zlib1g-dev libnghttp2-dev
           libidn2-dev libpsl-dev libboost1.81-dev libsqlite3-dev libbrotli-dev libzstd-dev"
  [test]="libgtest-dev libgmock-dev openssl curl nginx apache2 caddy nghttp2-server h2o perl
          libnginx-mod-http-brotli-filter haproxy squid dante-server"
  [lint]="git clang-19 clang-tidy-19 libclang-rt-19-dev llvm-19 clang-format"
  [bench]="libbenchmark-dev"
)

[ $# -gt 0 ] || { sed -n 2,3p "$0" >&2; exit 2; }
wanted=()
for group in "$@"; do
  [ -n "${packages[$group]:-}" ] || { echo "unknown group: $group (one of ${!packages[*]})" >&2; exit 2; }
  # shellcheck disable=SC2206  # the list is meant to split
  wanted+=(${packages[$group]})
  if [ "$group" = test ] && ! command -v node >/dev/null; then wanted+=(nodejs); fi
done

if ! command -v dpkg-query >/dev/null; then
  echo "Not a Debian system: nothing is installed. What a build needs is called, on Debian: ${wanted[*]}" >&2
  exit 0
fi

# dpkg-query fails when it does not know one of them, which is the very question.
installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null || true)
installed=" $(sed -n 's/^installed //p' <<<"$installed" | tr '\n' ' ') "
missing=()
for package in "${wanted[@]}"; do
  [[ $installed == *" $package "* ]] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    as_root=(sudo -n)
  else
    echo "Missing packages, and no right to install them. Please run:" >&2
    echo "  sudo apt-get install -y --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
fi

echo "Installing: ${missing[*]}"

# A server that is installed for the tests must not start as a service: the tests start their own.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
  trap '"${as_root[@]}" rm -f $policy' EXIT
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee $policy >/dev/null
  "${as_root[@]}" chmod 755 $policy
fi

apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 "$@"; }
if [ -z "$(find /var/lib/apt/lists -maxdepth 1 -name '*_Packages*' -mmin -600 2>/dev/null | head -n 1)" ]; then
  apt update
fi
apt install -y --no-install-recommends "${missing[@]}" ||
  { apt update && apt install -y --no-install-recommends "${missing[@]}"; }
