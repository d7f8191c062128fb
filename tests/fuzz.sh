#!/usr/bin/env bash
# Builds the fuzzers (clang, ASan and UBSan) and lets each of them run on its corpus; stops at the first finding, whose
# input it names. Memory and time count as findings, too: one block of more than 64 MiB, 1 GiB in all (most of which are
# the sanitizer's own), 5 s for one input.
# usage: tests/fuzz.sh [--runs N] [--seconds S] [NAME...]    (default: 10,000 runs or 5 s each, of all in tests/fuzz)
set -euo pipefail

usage() {
  sed -n '/^# usage/s/^# //p' "$0"
}

runs=10000
seconds=5
names=()
while (($#)); do
  case $1 in
    --runs | --seconds)
      [[ ${2:-} =~ ^[0-9]+$ ]] || { usage >&2; exit 2; }
      [[ $1 == --runs ]] && runs=$2 || seconds=$2
      shift
      ;;
    -h | --help)
      usage
      exit 0
      ;;
    -*)
      usage >&2
      exit 2
      ;;
    *) names+=("$1") ;;
  esac
  shift
done

cd "$(dirname "$0")/.."
deploy/install-dependencies.sh build fuzz
if ((${#names[@]} == 0)); then
  for file in tests/fuzz/*_fuzz.cc; do
    name=${file##*/}
    names+=("${name%_fuzz.cc}")
  done
fi

build=build/fuzz
cmake -B "$build" -G Ninja -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_BUILD_TYPE= -DPLOTBRIDGE_TESTS=ON \
  -DPLOTBRIDGE_FUZZ=ON -DCMAKE_UNITY_BUILD=ON >/dev/null
cmake --build "$build" --target "${names[@]/%/_fuzz}"
for name in "${names[@]}"; do
  # What is found on the way stays in the build directory; what is worth keeping goes to the corpus by hand.
  mkdir -p "$build/found/$name"
  log=$build/found/$name.log
  # Without -entropic=0 the choice of the next input takes longer than most inputs do.
  if ! "$build/tests/fuzz/${name}_fuzz" -runs="$runs" -max_total_time="$seconds" -timeout=5 -rss_limit_mb=1024 \
    -malloc_limit_mb=64 -entropic=0 -print_final_stats=1 -artifact_prefix="$build/found/$name-" "$build/found/$name" \
    "tests/fuzz/corpus/$name" \
    >"$log" 2>&1; then
    tail -n 60 "$log" >&2
    echo "tests/fuzz.sh: $name FAILED; the input is in $build/found" >&2
    exit 1
  fi
  echo "tests/fuzz.sh: $name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") runs"
done
echo "tests/fuzz.sh: nothing found"
