#!/usr/bin/env bash
# Real clients (Claude Code, Codex, Gemini CLI, opencode and three SDKs, 1.2 GB from npm) through the proxy.
# usage: HEADROOM=path/to/headroom tests/e2e/run.sh [TEST FILE...]
# What cannot be had is skipped, one loud line each; exit status 0 then, for there is nothing to fail.
# HEADROOM_E2E_INSTALL=0 does not try to install.
set -u
cd "$(dirname "$0")" || exit 1

if ! command -v node >/dev/null; then
	echo 'SKIPPED: all real clients: no node'
	exit 0
fi

# npm leaves a copy of the lock file behind, newer or older than ours
if [ "${HEADROOM_E2E_INSTALL:-1}" != 0 ] && ! [ node_modules/.package-lock.json -nt package-lock.json ]; then
	log=$(mktemp)
	npm ci >"$log" 2>&1 || {
		echo 'SKIPPED: real clients that npm could not install; its last words:'
		tail -n 3 "$log"
	}
	rm -f "$log"
fi

if [ $# -eq 0 ]; then
	set -- ./*.test.mjs
fi
exec node --test --test-concurrency=1 "$@"
