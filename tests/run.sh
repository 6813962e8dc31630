#!/bin/sh
# Runs test programs, as many at once as there are processors, and adds up their results; the last line is "N passed,
# M failed" and the exit status is 1 when one failed. A program that dies, hangs or fails without a failed test counts as one.
#
#	run.sh [unit PROGRAM...] [fuzz PROGRAM...] [bats DIR...] [golden DIR...] [node FILE...]
#
# unit: cmocka programs. fuzz: targets, each run over tests/fuzz/corpus/NAME. bats: directories of *.bats. golden:
# directories of cases, see golden.sh. node: files for `node --test`. The last three find the program in $HEADROOM.
set -u
cd "$(dirname "$0")/.." || exit 1
: "${TEST_SECONDS:=600}" # of one program
: "${TEST_JOBS:=$(nproc)}"

run_unit() {
	CMOCKA_MESSAGE_OUTPUT=TAP timeout "$TEST_SECONDS" "$1"
}

# A corpus is one test.
run_fuzz() {
	name=${1##*/fuzz_}
	corpus=tests/fuzz/corpus/$name
	[ -d "$corpus" ] || corpus=
	timeout "$TEST_SECONDS" "$1" ${corpus:+"$corpus"} || return
	echo "ok 1 - $name"
}

run_bats() {
	timeout "$TEST_SECONDS" bats --tap "$1"
}

run_golden() {
	timeout "$TEST_SECONDS" tests/golden.sh "$1"
}

# Of what failing tests printed, what tells why: node's report has some lines for each that passed, too.
shown() {
	if [ "$1" = node ]; then
		awk '/^ *(# Subtest|ok )/ { passed = 1 } /^ *not ok |^# [a-z]+ [0-9]/ { passed = 0 } !passed'
	else
		grep -v '^ok '
	fi
}

# run_one KIND PROGRAM LABEL COUNTS: what it printed is shown where it failed; its counts are added to a file.
run_one() {
	out=$(mktemp) || exit 1
	"run_$1" "$2" >"$out" 2>&1
	status=$?
	ok=$(grep -c '^ok ' "$out")
	skip=$(grep -ciE '^(not )?ok .*# skip' "$out")
	bad=$(grep '^not ok ' "$out" | grep -civ '# skip')
	ok=$((ok - $(grep -ciE '^ok .*# skip' "$out")))
	[ $status = 0 ] || [ "$bad" != 0 ] || bad=1
	echo "$ok $bad $skip" >>"$4"
	if [ "$bad" = 0 ]; then
		printf '  PASS  %s (%d)\n' "$3" "$ok"
	else
		shown "$1" <"$out"
		printf '  FAIL  %s (%d of %d, exit status %d)\n' "$3" "$bad" $((ok + bad)) $status
		grep -E '^ *not ok ' "$out" | grep -vi '# skip' | sed "s|^ *|$3: |" >>"$4.failed"
	fi
	rm -f "$out"
}

# All files in one go, two more at a time than there are processors: they wait for each other's processes more than they work.
run_node() {
	# shellcheck disable=SC2086 # a list of names
	timeout $((TEST_SECONDS * 2)) node --test --test-concurrency=$((TEST_JOBS + 2)) --test-reporter=tap $1
}

if [ "${1-}" = --one ]; then
	shown=$TEST_COUNTS.$$
	run_one "$2" "$3" "${3##*/}" "$TEST_COUNTS" >"$shown"
	cat "$shown" # in one piece, between those of other jobs
	exit
fi

counts=$(mktemp) || exit 1
trap 'rm -f "$counts" "$counts".*' EXIT
kind=
files=
for arg; do
	case $arg in
	unit | fuzz | bats | golden | node) kind=$arg ;;
	*)
		case $kind in
		node) files="$files $arg" ;;
		bats) [ ! -d "$arg" ] || find "$arg" -name '*.bats' | sort | sed 's/^/bats\n/' ;;
		golden) [ ! -d "$arg" ] || printf 'golden\n%s\n' "$arg" ;;
		*) printf '%s\n%s\n' "$kind" "$arg" ;;
		esac
		;;
	esac
done >"$counts.jobs"
# The counts' file is told by the environment: xargs adds what it reads at the end.
TEST_COUNTS=$counts xargs -r -n 2 -P "$TEST_JOBS" tests/run.sh --one <"$counts.jobs"
[ -z "$files" ] || run_one node "$files" "node: $(echo "$files" | wc -w) files" "$counts"
# Once more, where the end is all that is left of a log.
[ ! -f "$counts.failed" ] || cat "$counts.failed"
awk '{ ok += $1; bad += $2; skip += $3 }
	END { if (skip) print skip " skipped"; print ok + 0 " passed, " bad + 0 " failed"; exit bad > 0 }' "$counts"
