#!/bin/sh
# Gets what the build, the tests and the checks need: the Debian packages of debian.lock that are missing, then
# the npm packages of package-lock.json. Downloads nothing when everything is there. Ends with 1 when
# something could not be had, and says what.
#
#	install.sh [SECTION...]       of debian.lock: build, test, check (these three without arguments), browser
set -eu
cd "$(dirname "$0")"
[ $# -ne 0 ] || set -- build test check

note() {
	printf '%s\n' "deps: $*"
}

# Prints the name=version lines of the sections asked for.
wanted() {
	awk -v sections=" $* " '
		/^# \[/ { section = $2; gsub(/[][]/, "", section) }
		/^[a-z]/ && index(sections, " " section " ") { print }' debian.lock
}

installed_version() {
	dpkg-query -W -f='${db:Status-Status} ${Version}\n' "$1" 2>/dev/null | sed -n 's/^installed //p'
}

# node and npm are often there from elsewhere than Debian; any will do.
is_there() {
	case $1 in
	nodejs) command -v node >/dev/null ;;
	npm) command -v npm >/dev/null ;;
	*) [ -n "$(installed_version "$1")" ] ;;
	esac
}

missing_of() {
	for line in $(wanted "$@"); do
		is_there "${line%%=*}" || printf '%s ' "${line%%=*}"
	done
}

as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		note "neither root nor sudo: cannot run $*"
		return 1
	fi
}

install_debian() {
	missing=$(missing_of "$@")
	[ -n "$missing" ] || return 0
	note "installing $missing"
	# shellcheck disable=SC2086 # a list of names
	as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing ||
		{ as_root apt-get update -qq &&
			as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing; } ||
		true
	missing=$(missing_of "$@")
	[ -z "$missing" ] || note "could not get from Debian: $missing"
	[ -z "$missing" ]
}

tell_versions() {
	for line in $(wanted "$@"); do
		have=$(installed_version "${line%%=*}")
		[ -z "$have" ] || [ "$have" = "${line#*=}" ] ||
			note "${line%%=*} is $have; tested with ${line#*=}"
	done
}

# node_modules keeps a copy of the lock that it was made from. The npm of Debian 12 takes the optional peers of the
# grammars for demands that contradict each other, unless it is told not to look at peers.
install_npm() {
	cmp -s "$1/package-lock.json" "$1/node_modules/.headroom-lock" && return 0
	if ! command -v npm >/dev/null; then
		note "could not get the npm packages of $2: there is no npm"
		return 1
	fi
	note "npm ci in $2"
	if (cd "$1" && npm ci --legacy-peer-deps --ignore-scripts --no-audit --no-fund --loglevel=error); then
		cp "$1/package-lock.json" "$1/node_modules/.headroom-lock"
	else
		note "could not get the npm packages of $2/package-lock.json: see above"
		return 1
	fi
}

status=0
if command -v dpkg-query >/dev/null; then
	install_debian "$@" || status=1
	tell_versions "$@"
else
	note "this is no Debian; please see that these are there: $(wanted "$@" | sed 's/=.*//' | tr '\n' ' ')"
fi
install_npm . deps || status=1
# The tests that want them are skipped without them.
case " $* " in
*" test "*)
	install_npm ../tests/mcp tests/mcp || note "the MCP server is not tested with the official client"
	install_npm ../tests/bindings tests/bindings || note "the library is not tested from Node"
	;;
esac
[ $status = 0 ] && note "all there"
exit $status
