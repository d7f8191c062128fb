#!/usr/bin/env bash
# Builds plotbridge and shows the whole way on this machine: an own mosquitto, a simulated plant, the
# bridge, the built-in endpoint and its live page, all on loopback. Stops with Ctrl-C.
# usage: deploy/demo.sh [--seconds N] [--port P]
#   --seconds N   stops by itself after N seconds of streaming, tells how many lines each stream
#                 delivered, and fails if any stream delivered none
#   --port P      where the page listens (default 8088)
set -euo pipefail

usage() {
  sed -n '4,7s/^# //p' "$0"
}

seconds=
port=8088
while (($#)); do
  case $1 in
    --seconds | --port)
      [[ ${2:-} =~ ^[0-9]+$ ]] || { usage >&2; exit 2; }
      [[ $1 == --port ]] && port=$2 || seconds=$2
      shift
      ;;
    -h | --help)
      usage
      exit 0
      ;;
    *)
      usage >&2
      exit 2
      ;;
  esac
  shift
done

cd "$(dirname "$0")/.."
PATH=$PATH:/usr/sbin
deploy/install-dependencies.sh build demo

# Prints as many free ports as asked; the first argument is a port to check, 0 for any.
free_ports() {
  python3 - "$@" <<'PYTHON'
import socket, sys
sockets = []
for port in map(int, sys.argv[1:]):
    sockets.append(socket.socket())
    sockets[-1].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sockets[-1].bind(("127.0.0.1", port))
print(*(s.getsockname()[1] for s in sockets))
PYTHON
}

if ! ports=$(free_ports "$port" 0 0 2>/dev/null); then
  echo "demo: port $port is taken, or none; choose another one with --port" >&2
  exit 1
fi
read -r port broker_port admin_port <<<"$ports"

cmake --workflow --preset release
plotbridge=$PWD/build/release/plotbridge

umask 077 # the configuration has tokens
work=$(mktemp -d)
declare -A children=() # pid -> name
order=()               # pids, the last started first

stop_all() {
  trap - EXIT INT TERM
  for pid in "${order[@]}"; do
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  rm -rf "$work"
}
trap stop_all EXIT
trap 'echo; echo "demo: stopped"; exit 0' INT TERM

start() { # NAME COMMAND...: output goes to the file NAME.log
  local name=$1
  shift
  "$@" >"$work/$name.log" 2>&1 &
  children[$!]=$name
  order=($! "${order[@]}")
}

fail() { # MESSAGE [NAME]: with the end of that child's output
  [[ ${2:-} ]] && tail -n 20 "$work/$2.log" >&2
  echo "demo: $1" >&2
  exit 1
}

check_children() {
  for pid in "${order[@]}"; do
    kill -0 "$pid" 2>/dev/null || fail "${children[$pid]} ended by itself" "${children[$pid]}"
  done
}

wait_for() { # SECONDS NAME COMMAND...: until COMMAND succeeds
  local until=$((SECONDS + $1)) name=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    check_children
    ((SECONDS < until)) || fail "$name was not ready in time" "$name"
    sleep 0.1
  done
}

sed -e "s/127\.0\.0\.1:1883/127.0.0.1:$broker_port/" -e "s/127\.0\.0\.1:8088/127.0.0.1:$port/" \
  -e "s/127\.0\.0\.1:9464/127.0.0.1:$admin_port/" -e "s#\.\./proto#$PWD/proto#" deploy/demo.yaml >"$work/demo.yaml"
cat >"$work/mosquitto.conf" <<EOT
listener $broker_port 127.0.0.1
allow_anonymous true
persistence false
log_dest stderr
EOT

start mosquitto mosquitto -c "$work/mosquitto.conf"
wait_for 10 mosquitto python3 -c "import socket; socket.create_connection(('127.0.0.1', $broker_port))"
start plotbridge "$plotbridge" run -c "$work/demo.yaml"
wait_for 30 plotbridge curl --silent --fail "http://127.0.0.1:$admin_port/readyz"
start simulate "$plotbridge" simulate --broker "mqtt://127.0.0.1:$broker_port"

echo "demo: the charts are at http://127.0.0.1:$port/"
echo "demo: state and metrics are at http://127.0.0.1:$admin_port/status and /metrics"
[[ $seconds ]] || echo "demo: Ctrl-C stops everything"

end=$((SECONDS + ${seconds:-0}))
while [[ ! $seconds ]] || ((SECONDS < end)); do
  check_children
  sleep 0.5
done

status=$(curl --silent --fail "http://127.0.0.1:$admin_port/status") || fail "no status" plotbridge
python3 - "$status" <<'PYTHON' || fail "not every stream delivered" plotbridge
import json, sys
streams = json.loads(sys.argv[1])["streams"]
for stream in streams:
    print(f"demo: {stream['name']:30} {stream['lines_sent']:8} lines")
sys.exit(0 if streams and all(stream["lines_sent"] for stream in streams) else 1)
PYTHON
echo "demo: every stream delivered"
