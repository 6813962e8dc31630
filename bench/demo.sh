#!/bin/sh
# Compresses a session that real tools have just made, proves that nothing is lost, and sends the same session
# through the proxy: make demo.
#
#	demo.sh BUILD     where headroom, demo_session, demo_proof and the unit tests of the session are built
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
build=$(cd "$1" && pwd)
headroom=$build/headroom
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

say() { printf '\n%s\n' "$*"; }

say "An agent adds a function to a copy of this repository: reads, searches, edits, builds, tests, diffs."
"$root/bench/demo_steps.sh" "$root" "$build" "$dir/steps"
"$build/bench/demo_session" "$dir/steps" >"$dir/request.json"
for step in "$dir"/steps/[0-9]*; do
	subject=
	for input in command pattern file_path; do
		[ ! -f "$step/input.$input" ] || subject=$(head -n 1 "$step/input.$input" | sed 's,/tmp/tmp\.[^/]*/,,' | cut -c 1-70)
	done
	printf '  %-5s %6d bytes  %s\n' "$(cat "$step/tool")" "$(wc -c <"$step/output")" "$subject"
done

say "headroom compress --ccr on --verify --explain request.json"
"$headroom" compress --ccr on --store "$dir/store.db" --verify --explain --verbose --report "$dir/report.json" \
	--output "$dir/small.json" "$dir/request.json"

say "Proof, by a program that knows nothing of the compressor:"
"$build/bench/demo_proof" "$headroom" "$dir/store.db" "$dir/request.json" "$dir/small.json" "$dir/report.json"

say "The same session turn by turn through headroom proxy, to a scripted provider on this machine:"
"${NODE:-node}" "$root/bench/demo_proxy.mjs" "$headroom" "$dir/request.json"
