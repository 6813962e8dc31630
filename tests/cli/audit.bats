#!/usr/bin/env bats
# shellcheck disable=SC2154 # the helper sets status, output and error
# What recorded sessions paid for in vain.

load helper

# A session of Claude Code in this directory that reads a file four times.
session() {
	jq -cn --arg cwd "$PWD" --arg text "$(seq 200)" '
		def line($role; $content): {type: $role, cwd: $cwd, sessionId: "s", message: {role: $role, content: [$content]}};
		line("user"; {type: "text", text: "go"}), (range(4) | tostring |
			line("assistant"; {type: "tool_use", id: ("t" + .), name: "Read", input: {file_path: ($cwd + "/a.txt")}}),
			line("user"; {type: "tool_result", tool_use_id: ("t" + .), content: $text})),
		line("assistant"; {type: "text", text: "done"})' >"$1"
}

@test "audit reads: a file that was read again is named, with a remedy" {
	session s.jsonl
	capture headroom audit reads --from s.jsonl
	same "$status" 0
	has "$output" "a.txt"
	has "$output" "do:   headroom wrap"
	has "$output" "undo: "
	same "$(headroom audit reads --project . --from s.jsonl --json | jq -c '[.schema, .findings[0].kind, .findings[0].times, .calls]')" \
		'["headroom.audit-reads/1","read-again",3,4]'
	capture headroom audit reads --project / --from s.jsonl --limit 1
	same "$status" 0
	mkdir other
	capture headroom audit reads --project other --from s.jsonl
	same "$status" 3
	capture headroom audit reads --all --project . --from s.jsonl
	same "$status" 2
	capture headroom audit reads --from s.jsonl --max-input 1k
	same "$status" 3
	has "$error" "--max-input"
}

@test "audit tools: servers that are set up and were never called" {
	mkdir -p "$HOME/.claude/projects/p" "$HOME/.codex"
	session "$HOME/.claude/projects/p/s.jsonl"
	echo '{"mcpServers": {"idle": {"command": "x"}}}' >.mcp.json
	printf '[mcp_servers.other]\ncommand = "x"\n' >"$HOME/.codex/config.toml"
	capture headroom audit tools
	same "$status" 0
	has "$output" "  idle"
	has "$output" "  other"
	has "$output" "take it out of $PWD/.mcp.json"
	same "$(headroom audit tools --json --limit 1 | jq -c '[.schema, .finding_n, (.findings | length)]')" '["headroom.audit-tools/1",2,1]'
	same "$(headroom audit tools --all --json --max-input 1M --from "$HOME/.claude" | jq .finding_n)" 0
	capture headroom audit
	same "$status" 2
}
