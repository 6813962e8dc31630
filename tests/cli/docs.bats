#!/usr/bin/env bats
# The guides: every block ```sh of a page is run as it stands there, in the order of the page, in one shell and an empty home, with a scripted
# provider behind the proxy and a stand-in for Claude Code. And what the examples say is what the program takes.
# shellcheck disable=SC2154 # the helper sets status, output and error

load helper

start_provider() {
	mkfifo "$BATS_TEST_TMPDIR/stdin"
	node "$root/tests/provider/main.mjs" <"$BATS_TEST_TMPDIR/stdin" >"$BATS_TEST_TMPDIR/provider" 3>&- &
	exec 9>"$BATS_TEST_TMPDIR/stdin" # it ends when this is closed
	while [[ ! -s $BATS_TEST_TMPDIR/provider ]]; do sleep 0.05; done
	ANTHROPIC_TARGET_API_URL=$(jq -r .url "$BATS_TEST_TMPDIR/provider")
	export ANTHROPIC_TARGET_API_URL
	HEADROOM_PORT=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
	export HEADROOM_PORT
}

teardown() {
	exec 9>&-
	headroom proxy stop --force >/dev/null 2>&1 || true
}

# A stand-in that asks as Claude Code does, and a session that it has recorded.
stand_in() {
	cat >"$BATS_TEST_TMPDIR/bin/claude" <<-'END'
		#!/bin/sh
		exec curl -sf -o /dev/null -H 'content-type: application/json' -H 'x-api-key: k' "$ANTHROPIC_BASE_URL/v1/messages" \
			-d '{"model":"claude-opus-4-8","max_tokens":8,"messages":[{"role":"user","content":"hello"}]}'
	END
	chmod +x "$BATS_TEST_TMPDIR/bin/claude"
	mkdir -p "$HOME/.claude/projects/-w"
	jq -cn --arg cwd "$PWD" '
		def line($type; $message): {$type, $cwd, sessionId: "s", uuid: "u", timestamp: "2026-01-01T00:00:00Z", $message};
		line("user"; {role: "user", content: "look"}),
		line("assistant"; {role: "assistant", id: "m1", model: "claude-opus-4-8", usage: {input_tokens: 10, output_tokens: 5},
			content: [{type: "tool_use", id: "t1", name: "Bash", input: {command: "ls"}}]}),
		line("user"; {role: "user", content: [{type: "tool_result", tool_use_id: "t1", content: "a.c\nb.c"}]}),
		line("assistant"; {role: "assistant", id: "m2", model: "claude-opus-4-8", usage: {input_tokens: 30, output_tokens: 5}, content: [{type: "text", text: "two files"}]})
	' >"$HOME/.claude/projects/-w/s.jsonl"
}

# run_page FILE: all of its blocks; the line that fails is the last that is shown.
run_page() {
	awk '/^```sh$/ { on = 1; next } /^```$/ { on = 0 } on' "$1" >blocks.sh
	[[ -s blocks.sh ]]
	start_provider
	stand_in
	status=0
	timeout 120 bash -euxo pipefail blocks.sh >blocks.out 2>&1 3>&- 9>&- || status=$?
	[[ $status == 0 ]] || { tail -n 15 blocks.out; return 1; }
}

@test "the user's guide" {
	run_page "$root/docs/user-guide.md"
	[[ ! -e $HOME/.headroom ]]
	has "$(<blocks.out)" "all is well"
	[[ $(find "$HOME" -name 'settings*.json' -size +2c | wc -l) == 0 ]] || { find "$HOME" -name 'settings*.json' -exec cat {} +; return 1; }
}

@test "the operator's guide" {
	command -v sqlite3 >/dev/null || skip "there is no sqlite3"
	run_page "$root/docs/operator-guide.md"
}

# What stands in args: [...] of the first container.
@test "the example for Kubernetes: its options are those of the program, its probes are answered" {
	args=$(sed -n '/^          args: \[/,/\]$/p' "$root/docs/examples/kubernetes.yaml" | tr -d '\n' | sed 's/.*args: \[//; s/\]$//; s/,  */ /g; s/"//g')
	# shellcheck disable=SC2086 # words
	capture headroom $args --print-config
	same "$status" 0
	has "$error" ""
	# shellcheck disable=SC2086
	capture headroom ${args/--store-fail/--no-such-option} --print-config
	same "$status" 2
	/usr/bin/python3 -c 'import yaml' 2>/dev/null || skip "there is no parser of YAML"
	for file in kubernetes.yaml prometheus-rules.yml; do
		/usr/bin/python3 -c 'import sys, yaml; assert all(yaml.safe_load_all(open(sys.argv[1])))' "$root/docs/examples/$file"
	done
}

@test "the example for Prometheus names figures that there are" {
	start_provider
	mkfifo ready
	headroom proxy --store-url redis://127.0.0.1:1/0 --ready-fd 8 8>ready 2>/dev/null 3>&- 9>&- &
	read -r url <ready
	curl -s "$url/metrics" >metrics
	while read -r name; do
		grep -q "^# TYPE ${name%_bucket} " metrics || { echo "no $name"; return 1; }
	done < <(grep -o 'headroom_[a-z_]*' "$root/docs/examples/prometheus-rules.yml" | sort -u)
}
