#!/usr/bin/env bats
# The options of wrap and unwrap. (Agents, signals and proxies: tests/wrap.)
# shellcheck disable=SC2154 # the helper sets status, output and error

load helper

# An agent that prints its arguments, and the variables of the proxy
agent() {
	# shellcheck disable=SC2016 # for the script
	printf '#!/bin/sh\necho "$*"\nenv | grep -E "^(ANTHROPIC|ENABLE|OPENAI|COPILOT)" | sort\n' >"$BATS_TEST_TMPDIR/bin/$1"
	chmod +x "$BATS_TEST_TMPDIR/bin/$1"
	export HEADROOM_PORT=0 HEADROOM_IDLE_EXIT=1s
}

@test "wrap: options are ours up to the first word that is none, then the agent's" {
	agent claude
	has "$(headroom wrap claude --private -p hi --private)" "-p hi --private"
	has "$(headroom wrap claude -q --tool-search false -- --dry-run)" "--dry-run"
	has "$(headroom wrap claude -h)" "-h"
	has "$(headroom wrap claude -v --help)" "-v --help"
	has "$(headroom wrap claude --help)" "Usage: headroom wrap"
	capture headroom wrap --no-such claude
	same "$status" 2
	capture headroom wrap
	same "$status" 2
	capture headroom wrap claud
	same "$status" 2
	has "$error" "did you mean 'claude'?"
}

@test "wrap --list, --json: every agent" {
	agent aider
	has "$(headroom wrap --list)" "aider      aider               $BATS_TEST_TMPDIR/bin/aider"
	same "$(headroom wrap --list --json | jq -r .schema)" headroom.wrap-list/1
	same "$(headroom wrap --list --json | jq -r '.agents[] | select(.name == "aider") | .executable')" true
	same "$(headroom wrap --list --json | jq -r '.agents | length')" 14
}

@test "wrap --dry-run, --json: what would be done; nothing is" {
	agent claude
	has "$(headroom wrap claude --dry-run)" "ENABLE_TOOL_SEARCH=true"
	same "$(headroom wrap claude --dry-run --json x | jq -r .args[-1])" x
	same "$(headroom wrap claude --dry-run --json | jq -r .schema)" headroom.wrap-plan/1
	same "$(ls -A "$HOME")" ""
}

@test "wrap --port: where the proxy is; --private, --no-proxy and --print-env" {
	agent claude
	same "$(headroom wrap claude --dry-run --json --port 4567 | jq -r .url)" http://127.0.0.1:4567
	same "$(HEADROOM_PORT=4568 headroom wrap claude --dry-run --json | jq -r .url)" http://127.0.0.1:4568
	capture headroom wrap claude --port 70000
	same "$status" 2
	has "$(headroom wrap claude --private)" "ANTHROPIC_BASE_URL=http://127.0.0.1:"
	capture headroom wrap claude --port 1 --no-proxy
	same "$status:$output" 69:
	capture headroom wrap claude --port 1 --print-env json
	same "$status:$output" 69:
}

@test "wrap --mode, --proxy-arg, --replace, --proxy-timeout and --idle-exit reach the proxy" {
	agent claude
	capture headroom wrap claude --private --proxy-arg=--no-such-option
	[[ $status != 0 ]]
	has "$error" "--no-such-option"
	capture headroom wrap claude --mode wrong
	same "$status" 2
	headroom wrap claude --mode cache --proxy-arg=--lossless --replace --proxy-timeout 20 --idle-exit 2s
	# shellcheck disable=SC2086 # one file
	same "$(jq -r .idle_exit_ms "$HOME"/.headroom/run/proxy-*.json)" 2000
	same "$(jq -r '[.settings.mode, .settings.lossless] | join(" ")' "$HOME"/.headroom/run/proxy-*.json)" "cache true"
}

@test "wrap --agent-bin names the program" {
	agent other
	has "$(headroom wrap claude --agent-bin "$BATS_TEST_TMPDIR/bin/other" x)" " x"
	capture headroom wrap claude --agent-bin /no/such
	same "$status" 127
}

@test "wrap --1m, --tool-search, --provider-type and --wire-api" {
	agent claude
	same "$(headroom wrap claude --1m --dry-run --json | jq -r .env.ANTHROPIC_MODEL)" "opus[1m]"
	same "$(headroom wrap claude --tool-search auto:5 --dry-run --json | jq -r .env.ENABLE_TOOL_SEARCH)" auto:5
	capture headroom wrap claude --tool-search auto:101
	same "$status" 2
	same "$(OPENAI_API_KEY=k headroom wrap copilot --provider-type openai --wire-api responses --dry-run --json |
		jq -r '[.env.COPILOT_PROVIDER_TYPE, .env.COPILOT_PROVIDER_WIRE_API] | join(" ")')" "openai responses"
}

@test "wrap --persist and --scope write settings; unwrap --dry-run, --json and --all take them back" {
	agent claude
	headroom wrap --persist --scope project claude
	has "$(cat .claude/settings.local.json)" ANTHROPIC_BASE_URL
	headroom wrap --persist --scope user claude
	has "$(cat "$HOME/.claude/settings.json")" ANTHROPIC_BASE_URL
	has "$(headroom unwrap --all --dry-run)" "restored"
	same "$(headroom unwrap claude --json | jq -r .schema)" headroom.unwrap/1
	[[ ! -e .claude && ! -e $HOME/.claude ]]
	same "$(headroom unwrap --all)" "nothing to undo"
	capture headroom unwrap
	same "$status" 2
	capture headroom unwrap --all claude
	same "$status" 2
}

@test "what wrap cannot do yet says so; to ask for none of it is fine" {
	agent claude
	for option in --mcp --subscription --rtk; do
		capture headroom wrap claude "$option"
		same "$status" 69
	done
	capture headroom wrap claude --no-mcp --no-rtk --no-serena --dry-run
	same "$status" 0
}

@test "wrap --code-graph is of the directory that it is called in" {
	agent claude
	mkdir -p one two
	echo 'def one(): pass' >one/a.py
	(cd one && headroom wrap claude --private --code-graph -p hi)
	same "$(find "$HOME/.headroom/graph" -name '*.db' | wc -l)" 1
	(cd two && headroom wrap claude --private --code-graph -p hi)
	same "$(find "$HOME/.headroom/graph" -name '*.db' | wc -l)" 2
	(cd one && headroom wrap claude --private --proxy-arg=--code-graph "--proxy-arg=--code-graph-dir=$OLDPWD/two" -p hi)
	same "$(find "$HOME/.headroom/graph" -name '*.db' | wc -l)" 2
	# of no code at all: what a proxy is told that the wrap does not know of
	rm -r "$HOME/.headroom/graph"
	(cd one && HEADROOM_CODE_GRAPH=1 headroom wrap claude --private -p hi)
	[[ ! -e $HOME/.headroom/graph ]]
	# one that cannot be
	capture headroom proxy --port 0 --code-graph --code-graph-dir nowhere
	same "$status" 78
	has "$error" "--code-graph-dir: nowhere: "
}

@test "wrap: what the proxy is to do is said to it, and what it refuses is told" {
	agent claude
	has "$(headroom wrap claude --private --memory --learn -p hi)" "-p hi"
	has "$(headroom wrap claude --private --no-memory --no-learn -p hi)" "-p hi"
	capture headroom wrap claude --private --backend anyllm --anyllm-provider nonesuch --region r-1
	same "$status" 2
	has "$error" "no provider is called 'nonesuch'"
	capture headroom wrap claude --private --memory --memory-embedder ollama --memory-embedder-model tiny
	same "$status" 2
	has "$error" "the http or https URL of an endpoint"
}
