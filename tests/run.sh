#!/usr/bin/env bash
# Installs what is missing, builds, and runs the whole test suite.
# usage: tests/run.sh [--preset dev|asan|tsan] [--unit]
#   --unit   leaves out the integration and browser tests
set -euo pipefail

usage() {
  sed -n '3,4s/^# //p' "$0"
}

preset=dev
select=()
while (($#)); do
  case $1 in
    --preset=*) preset=${1#*=} ;;
    --preset)
      preset=${2:-}
      shift
      ;;
    --unit) select=(--label-exclude 'integration|browser') ;;
    -h | --help)
      usage
      exit 0
      ;;
    *)
      usage >&2
      exit 2
      ;;
  esac
  shift || break
done
case $preset in
  dev | asan | tsan) ;;
  *)
    usage >&2
    exit 2
    ;;
esac

cd "$(dirname "$0")/.."
deploy/install-dependencies.sh build test
cmake --preset "$preset"
cmake --build --preset "$preset"
if ctest --preset "$preset" "${select[@]}"; then
  echo "tests/run.sh: preset $preset passed"
else
  echo "tests/run.sh: preset $preset FAILED"
  exit 1
fi
