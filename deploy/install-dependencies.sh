#!/usr/bin/env bash
# Installs what building, the demo or the tests need on a bare Debian 12, as far as it is missing.
# usage: deploy/install-dependencies.sh [build] [demo] [test] [fuzz]     (default: build)
set -euo pipefail

build=(build-essential cmake ninja-build pkg-config ccache git ca-certificates python3 nodejs npm
  libpaho-mqttpp-dev libpaho-mqtt-dev libcurl4-openssl-dev libcli11-dev libyaml-cpp-dev libspdlog-dev
  nlohmann-json3-dev libsimdjson-dev libboost-dev prometheus-cpp-dev zlib1g-dev libzstd-dev libssl-dev libsqlite3-dev
  libexpected-dev libprotobuf-dev libprotoc-dev libhowardhinnant-date-dev tzdata)
demo=(mosquitto mosquitto-clients curl)
test=(libgtest-dev mosquitto mosquitto-clients nginx-light haproxy caddy chromium clang-format clang-tidy openssl
  curl faketime)
fuzz=(clang libclang-rt-14-dev)

wanted=()
for group in "${@:-build}"; do
  case $group in
    build) wanted+=("${build[@]}") ;;
    demo) wanted+=("${demo[@]}") ;;
    test) wanted+=("${test[@]}") ;;
    fuzz) wanted+=("${fuzz[@]}") ;;
    *)
      echo "usage: $0 [build] [demo] [test] [fuzz]" >&2
      exit 2
      ;;
  esac
done

installed() {
  case $1 in
    # Node from elsewhere serves as well, and Debian's packages could not stand beside it.
    nodejs) command -v node >/dev/null && return ;;
    npm) command -v npm >/dev/null && return ;;
  esac
  [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

missing=()
for package in "${wanted[@]}"; do
  installed "$package" || missing+=("$package")
done
((${#missing[@]})) || exit 0

as_root=()
if ((EUID != 0)); then
  if ! command -v sudo >/dev/null; then
    echo "$0: these packages are missing, and installing them needs root or sudo: ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi
apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300)
echo "installing: ${missing[*]}"
"${apt[@]}" update
"${apt[@]}" install --no-install-recommends "${missing[@]}"
