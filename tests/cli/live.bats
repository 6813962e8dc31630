#!/usr/bin/env bats
# stats and dashboard: a proxy that runs, one that does not, one that wants a token; a terminal and a pipe. The figures themselves:
# tests/proxy/dashboard.test.mjs.
# shellcheck disable=SC2154,SC2030,SC2031,SC2016 # the helper sets status, output and error

load helper

teardown() {
	for pid in ${proxy:-} ${stranger:-}; do
		kill -9 "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
}

# start_proxy: one at a free port; its process in $proxy, its port in $port.
start_proxy() {
	mkfifo ready
	headroom proxy --port 0 --ready-fd 7 --stateless 7>ready 2>proxy.err 3>&- &
	proxy=$!
	read -r url <ready
	port=${url##*:}
	rm ready
}

# terminal COMMAND: its output on a terminal of its own
terminal() {
	script -qec "$1" /dev/null </dev/null
}

# A browser that tells what it was to open.
stub_browser() {
	printf '#!/bin/sh\necho noise\necho "$1" >"%s"\n' "$PWD/opened" >"$BATS_TEST_TMPDIR/bin/xdg-open"
	chmod +x "$BATS_TEST_TMPDIR/bin/xdg-open"
}

@test "stats and dashboard: no proxy is status 69, with what to do" {
	for command in stats "stats --watch" "stats --json" dashboard "dashboard --no-open"; do
		# shellcheck disable=SC2086
		capture headroom $command --port 1
		same "$status:$output" "69:"
		has "$error" "nothing listens at port 1; start 'headroom proxy'"
	done
	HEADROOM_PORT=1 capture headroom dashboard --json
	same "$status" 69
	same "$output" '{"schema":"headroom.dashboard/1","url":"http://127.0.0.1:1/dashboard","alive":false}'
}

@test "stats: a table, an object, and the token" {
	HEADROOM_PROXY_TOKEN=sesame start_proxy
	for how in "" --json --watch; do
		# shellcheck disable=SC2086
		capture headroom stats -p "$port" $how
		same "$status:$output" "77:"
		has "$error" "set HEADROOM_PROXY_TOKEN"
	done
	(umask 077 && echo sesame >token)
	capture headroom stats -p "$port" --proxy-token-file token
	same "$status:$error" "0:"
	has "$output" "http://127.0.0.1:$port, mode token, ready"
	has "$output" "this run          all runs"
	[[ $output =~ requests\ +0\ +0 ]]
	[[ $output =~ under\ way\ +1\ of\ 1,000 ]]
	HEADROOM_PROXY_TOKEN=sesame capture headroom stats -p "$port" --json
	same "$(echo "$output" | wc -l)" 1
	same "$(echo "$output" | jq -r '[.schema, .url, .stats.requests.total, .limits.concurrency, .health.ready] | join(" ")')" \
		"headroom.stats/1 http://127.0.0.1:$port 0 1000 true"
}

@test "stats --watch: a line each time in a pipe, the same place on a terminal, and 69 at the end" {
	start_proxy
	mkfifo lines pause
	(status=0; headroom stats -p "$port" --watch >lines 2>err || status=$?; echo $status >status) &
	exec 8<lines
	read -r line <&8
	[[ $line =~ ^2[0-9T:.-]+Z\ requests\ 0\ failed\ 0\ saved\ 0\ \(0\.0%\ of\ input\)\ USD\ 0\.0000 ]]
	curl -s -o /dev/null -X POST "$url/stats/reset"
	read -r line <&8
	[[ $line =~ requests\ 0 ]]
	kill "$proxy"
	wait "$proxy"
	cat <&8 >/dev/null
	exec 8<&-
	wait
	same "$(cat status)" 69
	has "$(cat err)" "the proxy has ended"
	start_proxy
	(terminal "headroom stats -p $port -w" >drawn || true) &
	until grep -qs "all runs" drawn; do read -rt 0.05 <>pause || true; done
	curl -s -o /dev/null -X POST "$url/stats/reset"
	until grep -q $'\e\\[[0-9]*A\e\\[J' drawn; do read -rt 0.05 <>pause || true; done
	kill "$proxy"
	wait
}

@test "dashboard: the address, and a browser on a terminal only" {
	stub_browser
	start_proxy
	mkfifo pause
	capture headroom dashboard -p "$port"
	same "$status:$output:$error" "0:http://127.0.0.1:$port/dashboard:"
	same "$(terminal "headroom dashboard -p $port --no-open" | tr -d '\r')" "$output"
	same "$(terminal "headroom dashboard -p $port --json" | tr -d '\r' | jq -r .alive)" true
	[[ ! -e opened ]]
	same "$(terminal "headroom dashboard -p $port --open" | tr -d '\r')" "$output"
	until [[ -s opened ]]; do read -rt 0.05 <>pause || true; done
	same "$(cat opened)" "$output"
	rm "$BATS_TEST_TMPDIR/bin/xdg-open"
	has "$(PATH=$BATS_TEST_TMPDIR/bin:/usr/bin:/bin terminal "PATH=$BATS_TEST_TMPDIR/bin headroom dashboard -p $port")" "open the address yourself"
}
