#!/usr/bin/env bash
# The dashboard in Debian's Chromium, driven by playwright-core.
# usage: HEADROOM=path/to/headroom tests/dashboard/run.sh [TEST FILE...]
# What cannot be had is skipped, one loud line each; exit status 0 then, for there is nothing to fail.
# HEADROOM_DASHBOARD_INSTALL=0 does not try to install. HEADROOM_DASHBOARD_SECONDS=N: all of it, with the installation, ends
# after that. CHROMIUM=PROGRAM is another one than Debian's.
set -u
cd "$(dirname "$0")" || exit 1

skip() {
	echo "SKIPPED: the dashboard in a browser: $*"
	exit 0
}

# within COMMAND...: what is left of the time; 124 when it is over
within() {
	if [ -z "${HEADROOM_DASHBOARD_SECONDS:-}" ]; then
		"$@"
	elif [ "$SECONDS" -ge "$HEADROOM_DASHBOARD_SECONDS" ]; then
		return 124
	else
		timeout -k 10 $((HEADROOM_DASHBOARD_SECONDS - SECONDS)) "$@"
	fi
}

command -v node >/dev/null || skip 'no node'
[ "$(node -p 'parseInt(process.versions.node)')" -ge 20 ] || skip "node $(node --version) is older than playwright-core wants (20)"

log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
if [ "${HEADROOM_DASHBOARD_INSTALL:-1}" != 0 ]; then
	if [ -z "${CHROMIUM:-}" ] && ! command -v chromium >/dev/null; then
		within ../../deps/install.sh browser >"$log" 2>&1 || tail -n 3 "$log"
	fi
	# npm leaves a copy of the lock file behind, newer or older than ours
	if ! [ node_modules/.package-lock.json -nt package-lock.json ]; then
		within npm ci --prefer-offline >"$log" 2>&1 || tail -n 3 "$log"
		# no want of a network, but a lock file that is not what package.json says
		! grep -q 'code EUSAGE' "$log" || exit 1
	fi
fi
[ -n "${CHROMIUM:-}" ] || command -v chromium >/dev/null || skip 'no chromium'
[ -d node_modules/playwright-core ] || skip 'no playwright-core'

[ $# -ne 0 ] || set -- ./*.test.mjs
within node --test "$@"
status=$?
if [ $status = 124 ] || [ $status = 137 ]; then
	skip "not done after $HEADROOM_DASHBOARD_SECONDS s: see above"
fi
exit $status
