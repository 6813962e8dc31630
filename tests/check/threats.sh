#!/bin/sh
# Each test that docs/threat-model.md names is there: functions in tests/unit, targets in tests/fuzz, sentences in tests/proxy (an ellipsis stands for the rest).
set -eu
cd "$(dirname "$0")/../.."
tests=$(sed -n '/^## What could be tried/,/^## What is not/p' docs/threat-model.md | awk -F ' [|] ' '$1 ~ /^[|]/ { print $3 }')
missing=$(
	echo "$tests" | grep -oE "\`[a-z_0-9]+\`" | tr -d "\`" | sort -u | while read -r name; do
		[ -e "tests/fuzz/$name.c" ] || grep -qw "$name" tests/unit/*.c || echo "$name"
	done
	echo "$tests" | grep -oE '\*[^*]+\*' | sed 's/^\*//; s/\*$//; s/…$//' | sort -u | while read -r sentence; do
		cat tests/proxy/*.test.mjs | sed "s/\\\\'/'/g" | grep -qF -e "test('$sentence" -e "test(\`$sentence" || echo "$sentence"
	done
)
[ -z "$missing" ] || {
	echo "docs/threat-model.md names tests that are not there:" >&2
	echo "$missing" >&2
	exit 1
}
