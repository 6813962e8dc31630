#!/bin/sh
# Records a session of an agent at work on a copy of this repository: every tool result is what the real tool
# printed just now. Used by bench/demo.sh.
#
#	demo_steps.sh SOURCE BUILD STEPS
#
# SOURCE: the repository. BUILD: where it is built, with some unit tests. STEPS: a new directory for the steps, in
# the form that bench/demo_session.c reads.
set -eu
source=$(cd "$1" && pwd)
build=$(cd "$2" && pwd)
mkdir -p "$3"
steps=$(cd "$3" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C
count=0

# step TOOL TEXT: begins a step; what follows are arg and result.
step() {
	count=$((count + 1))
	dir=$steps/$(printf '%03d' $count)
	mkdir "$dir"
	printf '%s' "$1" >"$dir/tool"
	printf '%s' "$2" >"$dir/text"
	echo 0 >"$dir/status"
}

arg() { printf '%s' "$2" >"$dir/input.$1"; }

# result COMMAND...: runs it and keeps what it prints and its exit status.
result() {
	set +e
	"$@" >"$dir/output" 2>&1
	echo $? >"$dir/status"
	set -e
}

bash_step() { # TEXT COMMAND
	step Bash "$1"
	arg command "$2"
	result sh -c "$2"
}

read_step() { # TEXT FILE
	step Read "$1"
	arg file_path "$work/$2"
	result cat -n "$2"
}

grep_step() { # TEXT PATTERN PATH
	step Grep "$1"
	arg pattern "$2"
	arg path "$3"
	result grep -rn "$2" "$3"
}

# edit_step TEXT FILE OLD NEW: replaces the line OLD by NEW; the result shows the lines around it, numbered.
edit_step() {
	step Edit "$1"
	arg file_path "$work/$2"
	arg old_string "$3"
	arg new_string "$4"
	at=$(grep -nxF -- "$3" "$2" | tail -n 1 | cut -d: -f1)
	{
		head -n $((at - 1)) "$2"
		printf '%s\n' "$4"
		tail -n +$((at + 1)) "$2"
	} >"$2.new"
	mv "$2.new" "$2"
	last=$((at + $(printf '%s\n' "$4" | wc -l) + 4))
	{
		echo "The file $work/$2 has been updated. Here's the result of running \`cat -n\` on a snippet of the edited file:"
		cat -n "$2" | sed -n "$((at > 5 ? at - 5 : 1)),${last}p"
	} >"$dir/output"
}

write_step() { # TEXT FILE, content on standard input
	step Write "$1"
	arg file_path "$work/$2"
	cat >"$2"
	cp "$2" "$dir/input.content"
	{
		echo "The file $work/$2 has been created. Here's the result of running \`cat -n\` on it:"
		cat -n "$2"
	} >"$dir/output"
}

# ---- the copy ----------------------------------------------------------------------------------------
cd "$source"
if git rev-parse --git-dir >/dev/null 2>&1; then
	git ls-files | tar -cf - -T - | tar -xf - -C "$work"
else
	tar -cf - --exclude=./build --exclude=node_modules . | tar -xf - -C "$work"
fi
cd "$work"
if command -v git >/dev/null; then
	git init -q .
	git add -A
	git -c user.name=demo -c user.email=demo@localhost commit -qm 'as it was'
fi

# ---- the session -------------------------------------------------------------------------------------
cat >"$steps/prompt" <<'EOF'
Add str_count_byte() to core/base/str: how often a byte stands in a slice. Check it with a small program.
EOF
cc='cc -std=c17 -Wall -Wextra -Wconversion -Wno-sign-conversion -I. -D_GNU_SOURCE'

bash_step "I look around first." "ls -la core/base && wc -l core/base/*.c core/base/*.h"
grep_step "Who uses the functions that look for bytes?" "str_find_byte" core
read_step "" core/base/str.h
read_step "" core/base/str.c
edit_step "I add the prototype." core/base/str.h "size_t str_rfind_byte(str s, char c) PURE;" \
	"size_t str_rfind_byte(str s, char c) PURE;
size_t str_count_byte(str s, char c) PURE; /* how often c stands in s */"
edit_step "And the function, above the one that finds a text." core/base/str.c "size_t str_find(str s, str needle)" \
	"size_t str_count_byte(str s, char c)
{
	size_t n = 0

	for (size_t i = 0; i + 1 < s.n; i++)
		n += s.p[i] == c;
	return n;
}

size_t str_find(str s, str needle)"
write_step "Now a program that checks it." check.c <<'EOF'
#include "core/base/str.h"

#include <stdio.h>

static const struct {
	const char *text;
	char byte;
	size_t n;
} rows[] = {
	{"", 'a', 0},
	{"a", 'a', 1},
	{"banana", 'a', 3},
	{"banana", 'b', 1},
	{"banana", 'n', 2},
	{"banana", 'x', 0},
	{"one two  three", ' ', 3},
	{"line\nline\n", '\n', 2},
};

int main(void)
{
	int failed = 0;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		size_t n = str_count_byte(str_from(rows[i].text), rows[i].byte);

		printf("%s: '%c' in \"%s\": expected %zu, got %zu\n", n == rows[i].n ? "ok" : "FAILED", rows[i].byte,
			rows[i].text, rows[i].n, n);
		failed += n != rows[i].n;
	}
	printf("%d of %zu failed\n", failed, sizeof rows / sizeof rows[0]);
	return failed != 0;
}
EOF
bash_step "" "$cc check.c core/base/str.c -o check && ./check"
read_step "The compiler does not like it; I look at the file again." core/base/str.c
edit_step "A semicolon is missing." core/base/str.c "	size_t n = 0" "	size_t n = 0;"
bash_step "" "$cc check.c core/base/str.c -o check && ./check"
edit_step "The last byte is never looked at." core/base/str.c "	for (size_t i = 0; i + 1 < s.n; i++)" \
	"	for (size_t i = 0; i < s.n; i++)"
bash_step "" "$cc check.c core/base/str.c -o check && ./check"
bash_step "All rows pass. What did I change?" "git diff && git status --short"
bash_step "Does everything in base still compile?" "make V=1 PROFILE=debug $(
	for f in str buf mem arena map hash; do printf 'build/debug/core/base/%s.o ' $f; done
)"
bash_step "And the tests of the modules that use it?" "cd $build/tests/unit && for t in file json_scan json_patch opt toml; do ./test_\$t; done"
read_step "I read the header once more for the wording." core/base/str.h
grep_step "Are there loops elsewhere that could use it?" "str_find_byte\|str_rfind_byte\|str_count_byte" core
bash_step "" "git -C $source log --stat -3 2>/dev/null || ls -R core/base"
bash_step "Which packages does the build take?" "cat deps/package.json"
read_step "A last look at the whole file." core/base/str.c
