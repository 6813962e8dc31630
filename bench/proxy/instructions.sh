#!/bin/bash
# How many instructions headroom proxy executes in user mode for one request that passes through unchanged, counted by
# valgrind (callgrind): no noise of the machine changes it. What the kernel does is not in it.
#
#	instructions.sh BUILD BODY [REQUESTS [CONNECTIONS]]        BODY: 2k, 100k or 1m
#
# Counts two runs, one of only a few requests, and subtracts. PROFILE_OUT=FILE: keeps the profile of the longer run for
# callgrind_annotate. HEADROOM_BENCH_ARGS: more options for the proxy.
set -eu
build=$1 body=$2 requests=${3:-1000} connections=${4:-16}
dir=$(mktemp -d)
origin=
proxy=
cleanup() {
	[ -z "$proxy" ] || kill "$proxy" 2>/dev/null || true
	[ -z "$origin" ] || kill "$origin" 2>/dev/null || true
	rm -rf "$dir"
}
trap cleanup EXIT

if ! command -v valgrind >/dev/null; then
	echo "*** instructions are NOT counted: valgrind is missing ***"
	exit 0
fi

mkdir "$dir/bodies"
"$build/bench/proxy/bodies" "$dir/bodies"
mkfifo "$dir/origin" "$dir/ready"
"$build/bench/proxy/origin" >"$dir/origin" &
origin=$!
read -r target <"$dir/origin"

# count NAME REQUESTS: the instructions of a whole life of the proxy to standard output.
count() {
	mkdir "$dir/home-$1"
	# shellcheck disable=SC2086 # several options
	env -i PATH="$PATH" HOME="$dir/home-$1" valgrind --tool=callgrind --fair-sched=yes --callgrind-out-file="$dir/$1" "$build/headroom" \
		proxy --port 0 --ready-fd 9 --no-optimize --no-rate-limit --no-cache --limit-concurrency 4096 \
		--max-connections 4096 --max-keepalive 4096 --anthropic-api-url "$target" ${HEADROOM_BENCH_ARGS:-} \
		9>"$dir/ready" >"$dir/output" 2>&1 &
	proxy=$!
	url=
	read -r url <"$dir/ready" || true
	[ -n "$url" ] || { echo "instructions.sh: headroom proxy did not start: $(tail -n 1 "$dir/output")" >&2; exit 1; }
	"$build/bench/proxy/load" --url "$url" --path /v1/messages --body "$dir/bodies/anthropic-$body.json" \
		--header 'authorization: Bearer bench' --header 'anthropic-version: 2023-06-01' \
		--connections "$connections" --requests "$2" --patience 300 >"$dir/load" || { cat "$dir/load" >&2; exit 1; }
	kill -TERM "$proxy"
	wait "$proxy" || true
	proxy=
	awk '$1 == "summary:" || $1 == "totals:" { n = $2 } END { print n }' "$dir/$1"
}

few=$(count few "$connections")
many=$(count many $((requests + connections)))
[ -z "${PROFILE_OUT:-}" ] || cp "$dir/many" "$PROFILE_OUT"
echo "$(((many - few) / requests)) instructions in user mode per request of $body"
