#!/bin/sh
# Runs the cases below a directory and prints TAP. A case is a directory with `args` (one argument a line), `in`
# (standard input), `out` (what standard output must be) and, where it is not 0, `status`.
#
#	golden.sh DIR               with $HEADROOM; UPDATE=1 writes out and status as they are now
set -u
cases=$(cd "$1" && pwd) || exit 1
: "${HEADROOM:=$(cd "$(dirname "$0")/.." && pwd)/build/release/headroom}"
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
export HOME="$tmp" HEADROOM_WORKSPACE_DIR="$tmp/headroom" LC_ALL=C TZ=UTC
cd "$tmp" || exit 1
n=0 failed=0

for args in $(find "$cases" -name args | sort); do
	case=${args%/args}
	n=$((n + 1))
	set --
	while IFS= read -r arg; do set -- "$@" "$arg"; done <"$args"
	"$HEADROOM" "$@" <"$case/in" >"$tmp/out" 2>"$tmp/err"
	status=$?
	if [ -n "${UPDATE:-}" ]; then
		cp "$tmp/out" "$case/out"
		rm -f "$case/status"
		[ $status = 0 ] || echo $status >"$case/status"
	fi
	want=0
	[ ! -f "$case/status" ] || want=$(cat "$case/status")
	if cmp -s "$tmp/out" "$case/out" && [ "$status" = "$want" ]; then
		echo "ok $n - ${case#"$cases"/}"
	else
		echo "not ok $n - ${case#"$cases"/}: exit status $status, expected $want"
		diff -u "$case/out" "$tmp/out" | head -n 40
		cat "$tmp/err"
		failed=1
	fi
done
echo "1..$n"
exit $failed
