#!/usr/bin/env bash
# Real clients (Claude Code, Codex, Gemini CLI, opencode and three SDKs, 1.2 GB from npm) through the proxy.
# usage: HEADROOM=path/to/headroom tests/e2e/run.sh [TEST FILE...]
# What cannot be had is skipped, one loud line each; exit status 0 then, for there is nothing to fail.
# HEADROOM_E2E_INSTALL=0 does not try to install.
# HEADROOM_E2E_SHORT=1: the SDKs, and one session of each of Claude Code, Codex and Gemini CLI, beside the direct one.
# HEADROOM_E2E_SECONDS=N: all of it, with the installation, ends after that; what has not been done then is skipped.
set -u
cd "$(dirname "$0")" || exit 1

if ! command -v node >/dev/null; then
	echo 'SKIPPED: all real clients: no node'
	exit 0
fi

# within COMMAND...: what is left of the time; 124 when it is over
within() {
	if [ -z "${HEADROOM_E2E_SECONDS:-}" ]; then
		"$@"
	elif [ "$SECONDS" -ge "$HEADROOM_E2E_SECONDS" ]; then
		return 124
	else
		timeout -k 10 $((HEADROOM_E2E_SECONDS - SECONDS)) "$@"
	fi
}

# npm leaves a copy of the lock file behind, newer or older than ours
if [ "${HEADROOM_E2E_INSTALL:-1}" != 0 ] && ! [ node_modules/.package-lock.json -nt package-lock.json ]; then
	log=$(mktemp)
	within npm ci --prefer-offline >"$log" 2>&1 || {
		echo "SKIPPED: real clients that npm could not install (status $?, after $SECONDS s); its last words:"
		tail -n 3 "$log"
		# no want of a network, but a lock file that is not what package.json says
		if grep -q 'code EUSAGE' "$log"; then
			grep 'Missing\|Invalid' "$log"
			exit 1
		fi
	}
	rm -f "$log"
fi

jobs=1
if [ "${HEADROOM_E2E_SHORT:-0}" = 1 ]; then
	jobs=2
	[ $# -ne 0 ] || set -- agents.test.mjs sdk.test.mjs
fi
[ $# -ne 0 ] || set -- ./*.test.mjs
within node --test --test-concurrency=$jobs "$@"
status=$?
if [ $status = 124 ] || [ $status = 137 ]; then
	echo "SKIPPED: real clients that were not done after $HEADROOM_E2E_SECONDS s: see above"
	exit 0
fi
exit $status
