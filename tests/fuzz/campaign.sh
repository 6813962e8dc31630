#!/bin/bash
# A campaign: every fuzz target for MINUTES in all, however often it is stopped and started again. `make campaign`.
#
#	campaign.sh DIR PROGRAM...      PROGRAMs are libFuzzer's; what is known of them is kept in DIR:
#	        corpus/NAME/            inputs that each reached something new
#	        found/NAME-*            inputs that crash, leak, hang or take too much memory: a target that has one waits until it is
#	                                mended. What does no harm any more goes to mended/, for tests/fuzz/corpus/NAME
#	        state/NAME              what it has had: seconds, processor seconds, runs; what it reached: coverage, units
#	        log/NAME                of its last turn
#
# MINUTES (60) of each target, JOBS (1) of them at once, in turns of SLICE seconds (300), so that all have had the same when it is stopped;
# a turn that ends early by SIGTERM or SIGINT counts. An input may take HANG seconds (60: an idle machine needs none of it). Prints a
# table; exit status 1 when there are findings, 2 when a target does not run, 3 when it was stopped.
set -eu
: "${MINUTES:=60}" "${JOBS:=1}" "${SLICE:=300}" "${HANG:=60}" "${MEMORY_MB:=2048}"
self=$(realpath "$0")
root=$(realpath "$(dirname "$0")/../..")
regressions=$root/tests/fuzz/corpus

# state NAME: seconds, processor seconds, runs, coverage, units at its start
state() {
	cat "$dir/state/$1" 2>/dev/null || echo 0 0 0 0 "$(units "$1")"
}

units() {
	find "$dir/corpus/$1" -type f 2>/dev/null | wc -l
}

findings() {
	find "$dir/found" -type f \( -name "$1-crash-*" -o -name "$1-leak-*" -o -name "$1-timeout-*" -o -name "$1-oom-*" \)
}

last() { # last REGEX FILE: the number after the last that matches, 0 for none
	{ grep -aoE "$1 *[0-9]+" "$2" || echo 0; } | tail -n 1 | grep -oE '[0-9]+$'
}

# What has been found before, once more: what does no harm now was mended.
look_again() {
	local program name file
	for program; do
		name=${program##*/fuzz_}
		while read -r file; do
			! "$program" -timeout="$HANG" -rss_limit_mb="$MEMORY_MB" "$file" >"$dir/log/$name.found" 2>&1 || mv "$file" "$dir/mended/"
		done < <(findings "$name")
	done
}

# One turn of one target.
turn() {
	local name seconds cpu runs cov first left begin now
	name=${1##*/fuzz_}
	mkdir -p "$dir/corpus/$name"
	read -r seconds cpu runs cov first < <(state "$name")
	left=$((MINUTES * 60 - seconds))
	[ "$left" -le "$SLICE" ] || left=$SLICE
	begin=$(date +%s%N)
	local -a places=("$dir/corpus/$name")
	[ ! -d "$regressions/$name" ] || places+=("$regressions/$name")
	"$1" -max_total_time="$left" -timeout="$HANG" -rss_limit_mb="$MEMORY_MB" -print_final_stats=1 -reload=0 \
		-artifact_prefix="$dir/found/$name-" "${places[@]}" >"$dir/log/$name" 2>&1 &
	child=$!
	# A signal ends the wait, and was sent to the target, too; its figures come when it has ended.
	while kill -0 $child 2>/dev/null; do wait $child || true; done
	child=
	# 255 ends xargs
	grep -aq '^stat::number_of_executed_units' "$dir/log/$name" || [ -n "$(findings "$name")" ] || {
		echo "campaign: $1 does not run: $(tail -n 1 "$dir/log/$name")" >&2
		exit 255
	}
	now=$(date +%s%N)
	seconds=$((seconds + (now - begin + 500000000) / 1000000000))
	runs=$((runs + $(last 'stat::number_of_executed_units:' "$dir/log/$name")))
	cov=$(last 'cov:' "$dir/log/$name")
	# of this shell's children, in its second line
	times >"$dir/state/$name.times"
	cpu=$(tail -n 1 "$dir/state/$name.times" | tr 'ms' '  ' | awk -v had="$cpu" '{ printf "%.0f", had + $1 * 60 + $2 + $3 * 60 + $4 }')
	echo "$seconds $cpu $runs $cov $first" >"$dir/state/$name.new"
	mv "$dir/state/$name.new" "$dir/state/$name"
	rm -f "$dir/state/$name.times"
}

# Targets that have time left, those that have had least first.
waiting() {
	local program name seconds
	for program; do
		name=${program##*/fuzz_}
		read -r seconds _ < <(state "$name")
		[ "$seconds" -ge $((MINUTES * 60)) ] || [ -n "$(findings "$name")" ] || echo "$seconds $program"
	done | sort -n -s -k 1,1 | cut -d ' ' -f 2-
}

table() {
	local program name seconds cpu runs cov first found all=0 done_n=0 bad=0 row='%-16s %8s %9s %12s %9s %7s %7s %8s\n'
	# shellcheck disable=SC2059 # the row is the format
	printf "$row" target seconds processor runs coverage units new findings
	for program; do
		name=${program##*/fuzz_}
		read -r seconds cpu runs cov first < <(state "$name")
		found=$(findings "$name" | wc -l)
		# shellcheck disable=SC2059
		printf "$row" "$name" "$seconds" "$cpu" "$runs" "$cov" "$(units "$name")" $(($(units "$name") - first)) "$found"
		all=$((all + 1)) bad=$((bad + found))
		[ "$seconds" -lt $((MINUTES * 60)) ] || done_n=$((done_n + 1))
	done
	echo "$done_n of $all targets have had $MINUTES minutes; $bad findings$([ $bad = 0 ] || echo " in $dir/found")"
	for program; do findings "${program##*/fuzz_}"; done
	[ $bad = 0 ]
}

if [ "$1" = --turn ]; then
	dir=$2
	child=
	trap '[ -z "$child" ] || kill -TERM $child 2>/dev/null || true' TERM INT
	turn "$3"
	exit
fi

mkdir -p "$1/corpus" "$1/found" "$1/mended" "$1/state" "$1/log"
dir=$(realpath "$1")
shift
export MINUTES SLICE HANG MEMORY_MB
running=
stopped=
look_again "$@"
trap 'stopped=1; [ -z "$running" ] || kill -TERM -- -$running 2>/dev/null || true' TERM INT
while [ -z "$stopped" ]; do
	programs=$(waiting "$@")
	[ -n "$programs" ] || break
	# a group of its own: all turns of it are ended together, and none by the terminal
	setsid xargs -P "$JOBS" -n 1 "$self" --turn "$dir" <<<"$programs" &
	running=$!
	while kill -0 $running 2>/dev/null; do wait $running && status=0 || status=$?; done
	while kill -0 -- -$running 2>/dev/null; do sleep 0.2; done # they write what they had
	running=
	[ "$status" = 0 ] || [ -n "$stopped" ] || exit 2
done
table "$@" || exit 1
[ -z "$stopped" ] || exit 3
