#!/usr/bin/env bash
# Runs clang-tidy (.clang-tidy, every finding an error) on the sources that differ from the last
# commit, or on all of them. Needs a configured build; the preset dev by default.
# usage: tests/tidy.sh [--all] [--build DIR]
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
build=$root/build/dev
all=
while (($#)); do
  case $1 in
    --all) all=yes ;;
    --build)
      build=$(cd "${2:?}" && pwd)
      shift
      ;;
    *)
      sed -n '4s/^# //p' "$0" >&2
      exit 2
      ;;
  esac
  shift
done
cd "$root"

sources() {
  if [[ $all ]] || ! git rev-parse --quiet --verify HEAD >/dev/null; then
    git ls-files --cached --others --exclude-standard -- plugin
  else
    git diff --name-only --diff-filter=d HEAD -- plugin
    git ls-files --others --exclude-standard -- plugin
  fi
}
mapfile -t changed < <(sources | grep '\.cc$' | sort -u || true)
if ! ((${#changed[@]})); then
  echo "tests/tidy.sh: nothing changed"
  exit 0
fi
printf '%s\0' "${changed[@]}" | xargs -0 -n 1 -P "$(nproc)" clang-tidy -quiet -p "$build" 2>&1 |
  sed '/warnings\? generated/d'
echo "tests/tidy.sh: ${#changed[@]} files are clean"
