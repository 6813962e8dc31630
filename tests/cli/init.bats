#!/usr/bin/env bats
# headroom init: settings of agents led to a proxy for good, and given back byte for byte.
# shellcheck disable=SC2154,SC2030,SC2031 # the helper sets status, output and error

load helper

# What is below the home and here, with modes and sums, but for the workspace.
snapshot() {
	find "$HOME" . -name .headroom -prune -o -type f -printf '%p %m ' -exec sha256sum {} \; | grep -v '^\./\(out\|err\) ' | sort
}

# Settings with all that an edit may break: comments, tabs, CRLF, no newline at the end.
settings() {
	mkdir -p "$HOME/.claude" "$HOME/.codex" "$HOME/.config/opencode" .claude
	printf '{\r\n\t// mine\r\n\t"model": "opus",\r\n\t"env": {"A": "1",},\r\n}' >"$HOME/.claude/settings.json"
	chmod 600 "$HOME/.claude/settings.json"
	printf '# mine\nmodel = "x"\n\n[profiles.a]\nmodel_provider = "kept" # yes\n' >"$HOME/.codex/config.toml"
	printf '{"theme":"x","provider":{"anthropic":{}}}\n' >"$HOME/.config/opencode/opencode.json"
	printf '{"permissions": {}}' >.claude/settings.local.json
}

@test "claude, codex and opencode are led to the proxy and given back byte for byte" {
	settings
	before=$(snapshot)
	capture headroom init claude codex opencode -g -p 1
	same "$status" 0
	has "$error" "nothing listens at port 1"
	has "$(cat "$HOME/.claude/settings.json")" '"ANTHROPIC_BASE_URL": "http://127.0.0.1:1"'
	has "$(cat "$HOME/.claude/settings.json")" '// mine'
	# a root key stands before the first table
	same "$(sed -n '/openai_base_url/,$p' "$HOME/.codex/config.toml" | grep -c '^\[')" 1
	has "$(cat "$HOME/.codex/config.toml")" 'openai_base_url = "http://127.0.0.1:1/v1"'
	has "$(jq -c .provider.anthropic.options "$HOME/.config/opencode/opencode.json")" "127.0.0.1:1"
	[[ $(snapshot) != "$before" ]]
	capture headroom init --remove
	same "$status" 0
	same "$(snapshot)" "$before"
	capture headroom init --remove
	same "$status" 0
	same "$output" "nothing to take back"
}

@test "without -g it is the project's file of claude; files that were not there go again" {
	before=$(snapshot)
	headroom init claude
	has "$(cat .claude/settings.local.json)" "ANTHROPIC_BASE_URL"
	[[ ! -e $HOME/.claude ]]
	# not one of the user's
	headroom init --remove --global claude
	[[ -e .claude/settings.local.json ]]
	headroom init --remove claude
	same "$(snapshot)" "$before"
	[[ ! -e .claude ]]
}

@test "twice is once" {
	settings
	before=$(snapshot)
	headroom init claude -g
	once=$(snapshot)
	capture headroom init claude -g
	same "$status" 0
	same "$(snapshot)" "$once"
	headroom init --remove claude
	same "$(snapshot)" "$before"
}

@test "what the user changed since stays" {
	settings
	headroom init claude -g
	sed -i 's/"opus"/"sonnet"/; s/"ENABLE_TOOL_SEARCH": "true"/"ENABLE_TOOL_SEARCH": "auto"/' "$HOME/.claude/settings.json"
	capture headroom init --remove claude
	same "$status" 0
	has "$output" "changed by you"
	has "$(cat "$HOME/.claude/settings.json")" '"sonnet"'
	has "$(cat "$HOME/.claude/settings.json")" '"ENABLE_TOOL_SEARCH": "auto"'
	[[ $(cat "$HOME/.claude/settings.json") != *ANTHROPIC_BASE_URL* ]]
}

@test "a gateway of the user's is not lost: the proxy has to ask it first" {
	mkdir -p "$HOME/.claude"
	echo '{"env":{"ANTHROPIC_BASE_URL":"https://gateway.example/llm"}}' >"$HOME/.claude/settings.json"
	before=$(snapshot)
	capture headroom init claude -g
	same "$status" 78
	has "$error" "headroom config set proxy.anthropic_api_url https://gateway.example/llm"
	same "$(snapshot)" "$before"
	headroom config set proxy.anthropic_api_url https://gateway.example/llm
	capture headroom init claude -g
	same "$status" 0
	headroom init --remove
	same "$(snapshot)" "$before"
}

@test "--dry-run shows the lines, and writes nothing" {
	settings
	before=$(snapshot)
	capture headroom init claude codex -g --dry-run
	same "$status" 0
	has "$output" "openai_base_url"
	same "$(snapshot)" "$before"
	[[ ! -e $HOME/.headroom ]]
	headroom init claude -g
	within=$(snapshot)
	has "$(headroom init --remove --dry-run)" "ANTHROPIC_BASE_URL"
	same "$(snapshot)" "$within"
}

@test "a file that cannot be read is left alone: 78" {
	mkdir -p "$HOME/.claude" && echo '{"env": ' >"$HOME/.claude/settings.json"
	capture headroom init claude -g
	same "$status" 78
	has "$error" "settings.json"
	same "$(cat "$HOME/.claude/settings.json")" '{"env": '
}

@test "agents that have no such file, agents that do not exist, no agent at all" {
	capture headroom init gemini
	same "$status" 69
	has "$error" "headroom wrap gemini"
	capture headroom init opencode
	same "$status" 69
	has "$error" "none of its providers"
	capture headroom init cloude
	same "$status" 2
	has "$error" "did you mean 'claude'?"
	ln -s "$(command -v cat)" "$BATS_TEST_TMPDIR/bin/cat"
	PATH=$BATS_TEST_TMPDIR/bin capture headroom init
	same "$status" 1
	has "$error" "neither claude, codex nor opencode"
	printf '#!/bin/sh\n' >"$BATS_TEST_TMPDIR/bin/codex" && chmod +x "$BATS_TEST_TMPDIR/bin/codex"
	PATH=$BATS_TEST_TMPDIR/bin capture headroom init
	same "$status" 0
	[[ -e $HOME/.codex/config.toml && ! -e .claude ]]
}

@test "doctor sees settings that lead to no proxy, and --fix gives them back by the journal" {
	settings
	before=$(snapshot)
	mkfifo ready
	headroom proxy --port 0 --stateless --ready-fd 7 7>ready 2>/dev/null 3>&- &
	proxy=$!
	read -r url <ready
	rm ready
	headroom init claude codex -g -p "${url##*:}"
	capture headroom doctor routing -p "${url##*:}"
	same "$status" 0
	has "$output" "claude asks headroom by"
	kill "$proxy" && wait "$proxy"
	capture headroom doctor routing -p "${url##*:}"
	same "$status" 2
	has "$output" "headroom init --remove claude"
	capture headroom doctor routing -p "${url##*:}" --fix
	same "$status" 0
	same "$(snapshot)" "$before"
}
