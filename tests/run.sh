#!/bin/sh
# Runs test programs and adds up their results; the last line is "N passed, M failed" and the exit status is 1
# when one failed. A program that dies, hangs or fails without a failed test counts as one.
#
#	run.sh [unit PROGRAM...] [fuzz PROGRAM...] [bats DIR...] [golden DIR...] [node FILE...]
#
# unit: cmocka programs. fuzz: targets, each run over tests/fuzz/corpus/NAME. bats: directories of *.bats. golden:
# directories of cases, see golden.sh. node: files for `node --test`. The last three find the program in $HEADROOM.
set -u
cd "$(dirname "$0")/.." || exit 1
: "${TEST_SECONDS:=600}" # of one program
passed=0 failed=0 skipped=0
out=$(mktemp) || exit 1
trap 'rm -f "$out"' EXIT

# add NAME STATUS: counts the TAP lines in $out.
add() {
	ok=$(grep -c '^ok ' "$out")
	skip=$(grep -ciE '^(not )?ok .*# skip' "$out")
	bad=$(grep '^not ok ' "$out" | grep -civ '# skip')
	ok=$((ok - $(grep -ciE '^ok .*# skip' "$out")))
	[ "$2" = 0 ] || [ "$bad" != 0 ] || bad=1
	passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + skip))
	if [ "$bad" = 0 ]; then
		printf '  PASS  %s (%d)\n' "$1" "$ok"
	else
		grep -v '^ok ' "$out"
		printf '  FAIL  %s (%d of %d, exit status %d)\n' "$1" "$bad" $((ok + bad)) "$2"
	fi
}

run_unit() {
	CMOCKA_MESSAGE_OUTPUT=TAP timeout "$TEST_SECONDS" "$1" >"$out" 2>&1
	add "${1##*/}" $?
}

# A corpus is one test.
run_fuzz() {
	name=${1##*/fuzz_}
	if [ -d "tests/fuzz/corpus/$name" ]; then
		timeout "$TEST_SECONDS" "$1" "tests/fuzz/corpus/$name" >"$out" 2>&1
	else
		timeout "$TEST_SECONDS" "$1" >"$out" 2>&1
	fi
	status=$?
	[ $status != 0 ] || echo "ok 1 - $name" >>"$out"
	add "fuzz_$name" $status
}

run_bats() {
	[ -d "$1" ] || return 0
	bats --tap --recursive "$1" >"$out" 2>&1
	add "$1" $?
}

run_golden() {
	[ -d "$1" ] || return 0
	tests/golden.sh "$1" >"$out" 2>&1
	add "$1" $?
}

# All files at once, two at a time: they wait for each other's processes more than they work.
run_all_node() {
	[ $# != 0 ] || return 0
	timeout $((TEST_SECONDS * 2)) node --test --test-concurrency=2 --test-reporter=tap "$@" >"$out" 2>&1
	add "node: $# files" $?
}

kind=
files=
for arg; do
	case $arg in
	unit | fuzz | bats | golden | node) kind=$arg ;;
	*)
		case $kind in
		node) files="$files $arg" ;;
		*) "run_$kind" "$arg" ;;
		esac
		;;
	esac
done
# shellcheck disable=SC2086 # a list of names
run_all_node $files
[ $skipped = 0 ] || printf '%d skipped\n' $skipped
printf '%d passed, %d failed\n' $passed $failed
[ $failed = 0 ]
