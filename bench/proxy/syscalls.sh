#!/bin/bash
# How many system calls headroom proxy makes for one request, by kind: 600 requests on 16 kept-alive connections,
# passed through unchanged, counted by strace. Does not depend on a quiet machine, so that it can guard.
#
#	syscalls.sh BUILD BODY [LIMIT]        BODY: 2k, 100k or 1m
#
# Counts two runs, one without requests, and subtracts. Ends with 1 when all calls together are more than LIMIT per
# request. Where nothing may be traced it says so and ends with 0. HEADROOM_BENCH_ARGS: more options for the proxy.
set -eu
build=$1 body=$2 limit=${3:-}
requests=600 connections=16
dir=$(mktemp -d)
origin=
tracer=
cleanup() {
	[ -z "$tracer" ] || kill "$(cat "$dir/pid")" 2>/dev/null || true
	[ -z "$origin" ] || kill "$origin" 2>/dev/null || true
	rm -rf "$dir"
}
trap cleanup EXIT

if ! command -v strace >/dev/null || ! strace -qq -o /dev/null true 2>/dev/null; then
	echo "*** system calls are NOT counted: strace is missing or nothing may be traced here ***"
	exit 0
fi

mkdir "$dir/home" "$dir/bodies"
"$build/bench/proxy/bodies" "$dir/bodies"
mkfifo "$dir/origin" "$dir/ready"
"$build/bench/proxy/origin" >"$dir/origin" &
origin=$!
read -r target <"$dir/origin"

# count NAME REQUESTS: the calls of a whole life of the proxy to $dir/NAME, as strace -c writes them.
count() {
	# shellcheck disable=SC2016,SC2086 # $0 and $$ are those of the shell that becomes the proxy
	env -i PATH="$PATH" HOME="$dir/home" strace -f -qq -c -U calls,name -o "$dir/$1" \
		sh -c 'echo $$ >"$0/pid"; exec "$@"' "$dir" "$build/headroom" proxy --port 0 --ready-fd 9 --no-optimize \
		--no-rate-limit --no-cache --anthropic-api-url "$target" ${HEADROOM_BENCH_ARGS:-} \
		9>"$dir/ready" >"$dir/output" 2>&1 &
	tracer=$!
	url=
	read -r url <"$dir/ready" || true
	if [ -z "$url" ]; then
		echo "syscalls.sh: headroom proxy did not start: $(tail -n 1 "$dir/output")" >&2
		wait $tracer || true
		tracer=
		exit 1
	fi
	[ "$2" = 0 ] || "$build/bench/proxy/load" --url "$url" --body "$dir/bodies/anthropic-$body.json" \
		--connections $connections --requests "$2" >"$dir/load" || { cat "$dir/load" >&2; exit 1; }
	kill -TERM "$(cat "$dir/pid")"
	wait $tracer || true
	tracer=
}

count idle 0
count busy $requests
# Each connection makes one more request, before those that load counts.
awk -v n=$((requests + connections)) -v limit="$limit" -v body="$body" '
	$1 !~ /^[0-9]+$/ || $2 == "total" { next }
	FILENAME ~ /idle$/ { calls[$2] -= $1; next }
	{ calls[$2] += $1 }
	END {
		for (name in calls)
			if (calls[name] / n >= 0.05) {
				printf "%-16s %6.2f\n", name, calls[name] / n | "sort -k2,2nr"
			}
		for (name in calls)
			all += calls[name]
		close("sort -k2,2nr")
		printf "%-16s %6.2f per request of %s%s\n", "all", all / n, body, limit ? ", limit " limit : ""
		exit limit && all / n > limit
	}' "$dir/idle" "$dir/busy"
