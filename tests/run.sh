#!/usr/bin/env bash
# Installs what is missing, builds, and runs the whole test suite.
# usage: tests/run.sh [--preset dev|asan|tsan] [--unit] [--once]
#   --unit   leaves out the integration and browser tests
#   --once   compiles the tests eight files at a time: a third of the time, unless a file changes afterwards
set -euo pipefail

usage() {
  sed -n '3,5s/^# //p' "$0"
}

preset=dev
select=()
once=OFF
while (($#)); do
  case $1 in
    --preset=*) preset=${1#*=} ;;
    --preset)
      preset=${2:-}
      shift
      ;;
    --unit) select=(--label-exclude 'integration|browser') ;;
    --once) once=ON ;;
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
cmake --preset "$preset" -DPLOTBRIDGE_TESTS_AT_ONCE="$once"
cmake --build --preset "$preset"
if ctest --preset "$preset" "${select[@]}"; then
  echo "tests/run.sh: preset $preset passed"
else
  echo "tests/run.sh: preset $preset FAILED"
  exit 1
fi
