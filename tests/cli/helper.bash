# shellcheck shell=bash disable=SC2034 # the variables are for the tests
# Every test runs in an empty directory, with an empty home and no HEADROOM_ variable.

setup() {
	: "${HEADROOM:?the binary; make test-cli sets it}"
	while read -r name; do unset "$name"; done < <(compgen -e | grep '^HEADROOM_')
	unset NO_COLOR CLICOLOR_FORCE PAGER XDG_STATE_HOME XDG_CONFIG_HOME
	export HOME=$BATS_TEST_TMPDIR/home
	mkdir -p "$HOME" "$BATS_TEST_TMPDIR/work" "$BATS_TEST_TMPDIR/bin"
	ln -s "$HEADROOM" "$BATS_TEST_TMPDIR/bin/headroom"
	PATH=$BATS_TEST_TMPDIR/bin:$PATH
	cd "$BATS_TEST_TMPDIR/work" || return 1
}

root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)

# The standard output, the standard error and the status of a command, apart from each other.
capture() {
	status=0
	"$@" >out 2>err </dev/null || status=$?
	output=$(cat out)
	error=$(cat err)
}

# same GOT WANT
same() {
	[[ $1 == "$2" ]] || { printf 'got:  %s\nwant: %s\n' "$1" "$2"; return 1; }
}

# has TEXT PART
has() {
	[[ $1 == *"$2"* ]] || { printf 'no "%s" in:\n%s\n' "$2" "$1"; return 1; }
}

# list COMMAND...: the names that the help of a command lists under "Commands:"
list() {
	headroom "$@" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\)  .*/\1/p'
}

# Every command, one on a line, subcommands as "config set".
commands() {
	local command sub
	list | while read -r command; do
		echo "$command"
		list "$command" | while read -r sub; do echo "$command $sub"; done
	done
}

# The long options that the whole help of a command lists; --[no-]x as --x and --no-x.
long_options() {
	# shellcheck disable=SC2086 # a command is several words
	headroom $1 --help | sed -n '/^Options:/,/^[A-Z][a-z]* *[a-z]*:$/p;/^Global options:/,/^$/p' |
		sed -n 's/^  \(-., \)\{0,1\}--\([][a-z0-9-]*\).*/\2/p' |
		sed -n 's/^\[no-\]\(.*\)/\1\nno-\1/;p' | sort -u
}
