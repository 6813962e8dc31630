#!/usr/bin/env bats
# headroom mcp: the server over standard input and output, and its entry in the settings of agents.
# shellcheck disable=SC2154,SC2030,SC2031 # the helper sets status, output and error

load helper

snapshot() {
	find "$HOME" . -name .headroom -prune -o -type f -printf '%p %m ' -exec sha256sum {} \; | grep -v '^\./\(out\|err\|in\) ' | sort
}

# Settings with all that an edit may break: comments, tabs, CRLF, no newline at the end.
settings() {
	mkdir -p "$HOME/.codex" "$HOME/.config/opencode" "$HOME/.config/goose" "$HOME/.gemini" "$HOME/.cursor"
	printf '{\n  "numStartups": 12,\n  "mcpServers": {\n    "other": {"command": "x"}\n  },\n  "projects": {}\n}' >"$HOME/.claude.json"
	chmod 600 "$HOME/.claude.json"
	printf '# mine\nmodel = "x"\n\n[mcp_servers.other]\ncommand = "x" # yes\n\n[profiles.a]\nb = 1\n' >"$HOME/.codex/config.toml"
	printf '{\r\n\t// mine\r\n\t"theme": "x",\r\n\t"mcp": {"other": {"type": "remote", "url": "http://x"},},\r\n}' >"$HOME/.config/opencode/opencode.jsonc"
	printf 'GOOSE_PROVIDER: openai\nextensions:\n  developer:\n    enabled: true # mine\n    type: builtin\n' >"$HOME/.config/goose/config.yaml"
	printf '{"security":{"auth":{"selectedType":"gemini-api-key"}}}\n' >"$HOME/.gemini/settings.json"
	printf '{}\n' >"$HOME/.cursor/mcp.json"
}

initialize='{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"bats","version":"1"}}}'

# serve LINE...: the lines into the server; $output has what it answers
serve() {
	printf '%s\n' "$initialize" "$@" >in
	status=0
	headroom mcp serve <in >out 2>err || status=$?
	output=$(sed 1d out)
	error=$(cat err)
}

@test "the server answers on standard output alone and ends with its input" {
	serve '{"jsonrpc":"2.0","id":1,"method":"ping"}' 'nonsense'
	same "$status" 0
	same "$error" ""
	same "$(head -1 out | jq -r '.result.serverInfo.name, .result.protocolVersion' | paste -sd ' ')" "headroom 2025-06-18"
	same "$(sed -n 2p out)" '{"jsonrpc":"2.0","id":1,"result":{}}'
	same "$(sed -n 3p out | jq .error.code)" -32700
	same "$(wc -l <out)" 3
	# nothing was asked for that needs the store
	[[ ! -e $HOME/.headroom ]]
}

@test "every description is short, and every schema is an object" {
	serve '{"jsonrpc":"2.0","id":1,"method":"tools/list"}'
	same "$(jq -r '.result.tools[].name' <<<"$output" | paste -sd ' ')" "headroom_retrieve headroom_compress headroom_stats"
	same "$(jq '[.result.tools[].inputSchema.type == "object"] | all' <<<"$output")" true
	same "$(jq '[.result.tools[].description | split(" ") | length <= 60] | all' <<<"$output")" true
}

@test "what headroom compress has kept is had back over MCP" {
	seq -f 'a line that is numbered %g' 400 >log
	headroom compress --ccr on -f log --report report.json log >smaller
	key=$(jq -r '[.blocks[].ccr_hash | values][0]' report.json)
	serve '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"headroom_retrieve","arguments":{"hash":"'"$key"'","query":"numbered 377"}}}'
	same "$(jq .result.isError <<<"$output")" false
	has "$(jq -r '.result.content[0].text' <<<"$output")" "a line that is numbered 377"
	# and what was kept over MCP by headroom retrieve
	jq -cRs '{jsonrpc:"2.0",id:1,method:"tools/call",params:{name:"headroom_compress",arguments:{text:.,keep:true}}}' log >call
	serve "$(cat call)"
	key=$(jq -r '.result.content[0].text | fromjson | .hash' <<<"$output")
	headroom retrieve "$key" | cmp - log
	# what was given is counted, and taken off what was saved
	serve '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"headroom_stats","arguments":{}}}'
	figures=$(jq .result.structuredContent <<<"$output")
	same "$(jq .requests <<<"$figures")" 0
	before=$(jq .tokens_before <<<"$figures") # of headroom_compress alone
	((before > 1000))
	after=$(jq .tokens_after <<<"$figures") # and of what was given
	((after > before))
}

@test "--store and --lossless are taken from the line and the configuration" {
	seq -f '2026-01-01T00:00:00Z INFO request %g' 400 | jq -cRs '{jsonrpc:"2.0",id:1,method:"tools/call",params:{name:"headroom_compress",arguments:{text:.,keep:true}}}' >call
	printf '%s\n' "$initialize" "$(cat call)" | headroom mcp serve --store here.db --lossless >out
	[[ -e here.db ]]
	has "$(sed -n 2p out)" "hash"
	[[ $(sed -n 2p out) != *"original: headroom_retrieve"* ]]
	mkdir -p "$HOME/.headroom/config"
	printf '[store]\nfile = "%s/there.db"\n' "$PWD" >"$HOME/.headroom/config/config.toml"
	printf '%s\n' "$initialize" "$(cat call)" | headroom mcp serve >out
	[[ -e there.db ]]
	has "$(sed -n 2p out)" "original: headroom_retrieve"
}

@test "install writes an entry for each agent and uninstall gives the files back byte for byte" {
	settings
	before=$(snapshot)
	capture headroom mcp install claude codex opencode goose gemini cursor copilot
	same "$status" 0
	same "$(jq -c .mcpServers.headroom "$HOME/.claude.json")" "{\"type\":\"stdio\",\"command\":\"$BATS_TEST_TMPDIR/bin/headroom\",\"args\":[\"mcp\",\"serve\"],\"env\":{}}"
	has "$(cat "$HOME/.codex/config.toml")" '[mcp_servers.headroom]'
	has "$(cat "$HOME/.codex/config.toml")" 'args = ["mcp", "serve"]'
	has "$(cat "$HOME/.config/opencode/opencode.jsonc")" '"enabled":true'
	[[ ! -e $HOME/.config/opencode/opencode.json ]]
	has "$(cat "$HOME/.config/goose/config.yaml")" '    args: ["mcp", "serve"]'
	same "$(jq -r .mcpServers.headroom.args[0] "$HOME/.gemini/settings.json" "$HOME/.cursor/mcp.json" "$HOME/.copilot/mcp-config.json" | paste -sd ' ')" "mcp mcp mcp"
	once=$(snapshot)
	capture headroom mcp install claude codex
	same "$status" 0
	has "$output" "there already"
	same "$(snapshot)" "$once"
	# headroom unwrap takes back what wrap wrote, and leaves this
	headroom unwrap --all
	same "$(snapshot)" "$once"
	capture headroom mcp uninstall
	same "$status" 0
	same "$(snapshot)" "$before"
	capture headroom mcp uninstall
	same "$status" 0
	same "$output" "nothing to take back"
}

@test "what the entry names is the server" {
	headroom mcp install claude
	jq -r '.mcpServers.headroom | .command, .args[]' "$HOME/.claude.json" >words
	mapfile -t words <words
	printf '%s\n' '{"jsonrpc":"2.0","id":1,"method":"ping"}' | "${words[@]}" >out
	same "$(cat out)" '{"jsonrpc":"2.0","id":1,"result":{}}'
}

@test "--dry-run shows the lines and changes nothing" {
	settings
	before=$(snapshot)
	capture headroom mcp install claude codex --dry-run
	same "$status" 0
	has "$output" '+[mcp_servers.headroom]'
	has "$output" '+    "headroom": {'
	same "$(snapshot)" "$before"
	headroom mcp install claude codex
	capture headroom mcp uninstall --dry-run codex
	has "$output" "mcp_servers.headroom.command"
	[[ $output != *claude* ]]
	capture headroom mcp status claude codex --json
	same "$(jq -r '.agents[].state' <<<"$output" | paste -sd ' ')" "registered registered"
}

@test "the user's own entry stays, unless --force, and then it comes back" {
	printf '{"mcpServers":{"headroom":{"command":"mine"}}}' >"$HOME/.claude.json"
	before=$(cat "$HOME/.claude.json")
	capture headroom mcp install claude
	same "$status" 1
	has "$output" "--force"
	same "$(cat "$HOME/.claude.json")" "$before"
	headroom mcp install claude --force
	same "$(jq -r '.mcpServers.headroom.args[1]' "$HOME/.claude.json")" serve
	headroom mcp uninstall claude
	same "$(cat "$HOME/.claude.json")" "$before"
}

@test "a file that cannot be read stays, and the others are written" {
	settings
	printf '{"mcpServers": [' >"$HOME/.claude.json"
	capture headroom mcp install claude codex
	same "$status" 0
	has "$output" "claude     failed"
	has "$output" "claude mcp add headroom -s user -- "
	has "$output" "codex      registered"
	same "$(cat "$HOME/.claude.json")" '{"mcpServers": ['
	capture headroom mcp status claude
	has "$output" "unreadable"
}

@test "without names it is the agents on PATH; in a project it is its file" {
	capture env PATH="$BATS_TEST_TMPDIR/bin:/usr/bin:/bin" headroom mcp install
	same "$status" 1
	has "$error" "none of the agents is on PATH"
	printf '#!/bin/sh\n' >"$BATS_TEST_TMPDIR/bin/claude"
	chmod +x "$BATS_TEST_TMPDIR/bin/claude"
	PATH="$BATS_TEST_TMPDIR/bin:/usr/bin:/bin" headroom mcp install --scope project
	same "$(jq -r .mcpServers.headroom.command .mcp.json)" "$BATS_TEST_TMPDIR/bin/headroom"
	[[ ! -e $HOME/.claude.json ]]
	capture headroom mcp install codex --scope project
	same "$status" 1
	has "$output" "it has no file of its own in a project"
	headroom mcp uninstall claude
	[[ ! -e .mcp.json ]]
}

@test "agents that are unknown, or start no servers, are refused; others are told by hand" {
	capture headroom mcp install cluade
	same "$status" 2
	has "$error" "claude"
	capture headroom mcp install aider
	same "$status" 69
	capture headroom mcp install vibe
	has "$output" '[[mcp_servers]]'
	has "$output" "command = \"$BATS_TEST_TMPDIR/bin/headroom\""
}

@test "status and doctor say when the program of an entry is gone" {
	capture headroom doctor mcp
	same "$status" 0
	has "$output" "headroom mcp install"
	printf '{"mcpServers":{"headroom":{"command":"/none/headroom","args":["mcp","serve"]}}}' >"$HOME/.claude.json"
	capture headroom mcp status
	same "$status" 1
	has "$output" "its program is not there: /none/headroom"
	capture headroom doctor mcp
	same "$status" 2
	has "$output" "headroom mcp install claude --force"
	headroom mcp install claude --force
	capture headroom doctor mcp
	same "$status" 0
	capture headroom mcp status --json
	same "$status" 0
	same "$(jq -c '.agents[] | select(.agent == "claude") | [.state, .command_ok, .detected]' <<<"$output")" '["registered",true,false]'
}

@test "serve --code-graph tells where code is defined, called and imported, and follows changes" {
	mkdir -p work
	printf 'import os\n\ndef one():\n    two()\n' >work/a.py
	ask() {
		printf '%s\n' "$initialize" '{"jsonrpc":"2.0","id":1,"method":"tools/list"}' \
			"{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/call\",\"params\":{\"name\":\"headroom_graph\",\"arguments\":$1}}" |
			(cd work && headroom mcp serve "${@:2}") >out 2>err
		output=$(jq -r 'select(.id == 2) | .result.content[0].text' out)
	}
	ask '{"callers":"two"}' --code-graph
	same "$output" "$(printf 'a.py\n4 one')"
	same "$(jq 'select(.id == 1) | .result.tools | any(.name == "headroom_graph")' out)" true
	printf 'def three():\n    two()\n' >work/b.py
	HEADROOM_MCP_CODE_GRAPH=1 ask '{"callers":"two"}'
	same "$output" "$(printf 'a.py\n4 one\nb.py\n2 three')"
	ask '{"callers":"two","offset":1}' --code-graph
	same "$output" "$(printf 'b.py\n2 three\n(rows 2 to 2 of 2)')"
	ask '{"importers":"os"}' --code-graph
	same "$output" "$(printf 'import os\na.py:1')"
	ask '{"outline":"a.py"}' --code-graph
	same "$output" "$(printf 'a.py\n3-4 one')"
	ask '{"imports":"a.py"}' --code-graph
	same "$output" "$(printf 'a.py\n1 import os')"
	ask '{"defined":"nobody"}' --code-graph
	same "$output" "Nothing in 2 source files."
	ask '{"defined":"one","callers":"two"}' --code-graph
	has "$output" "one of defined, callers"
	for options in "" --no-code-graph; do
		# shellcheck disable=SC2086 # none at all
		HEADROOM_MCP_CODE_GRAPH=${options:+1} ask '{"defined":"one"}' $options
		same "$(jq 'select(.id == 1) | .result.tools | any(.name == "headroom_graph")' out)" false
	done
	same "$(ls work)" "$(printf 'a.py\nb.py')"
	[ -n "$(find "$HOME/.headroom/graph" -name '*.db')" ]
}
