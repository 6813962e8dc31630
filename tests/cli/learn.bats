#!/usr/bin/env bats
# shellcheck disable=SC2154 # the helper sets status, output and error
# What recorded sessions teach, on the command line.

load helper

# session ID DIR: a recording in which python is not there, python3 is, and the user wants something.
session() {
	jq -nc --arg id "$1" --arg dir "$2" --arg day "$3" '
		def line(type; content): {type: type, sessionId: $id, cwd: $dir, uuid: "\($id)\(content | tojson | length)",
			timestamp: "2026-01-0\($day)T00:00:00Z", message: {role: type, content: content}};
		def use(id; command): line("assistant"; [{type: "tool_use", id: "\($id)\(id)", name: "Bash", input: {command: command}}]);
		def result(id; bad; text): line("user"; [{type: "tool_result", tool_use_id: "\($id)\(id)", is_error: bad, content: text}]);
		line("user"; "Never push to main without asking."),
		use("1"; "python a.py"), result("1"; true; "Exit code 127\nbash: python: command not found"),
		use("2"; "python3 a.py"), result("2"; false; "ok")'
}

sessions() {
	unset CLAUDE_CONFIG_DIR
	local dir=$HOME/.claude/projects/w
	mkdir -p "$dir" "$PWD/w/ui"
	session a "$PWD/w" 1 >"$dir/a.jsonl"
	session b "$PWD/w/ui" 2 >"$dir/b.jsonl"
	session c "$PWD/other" 3 >"$dir/c.jsonl"
}

teardown() {
	[ -z "${server:-}" ] || kill "$server"
}

@test "learn: nothing was recorded" {
	capture headroom learn
	same "$status" 3
	has "$error" "no recorded sessions were found"
	capture headroom learn --all --project .
	same "$status" 2
	capture headroom learn --agent nobody
	same "$status" 2
}

@test "learn: the rules of the directory that one is in, with those below it, and what they stand on" {
	sessions
	cd w
	capture headroom learn
	same "$status:$error" "0:"
	has "$output" "Claude Code"
	has "$output" "2 sessions, 4 calls, 2 failed"
	has "$output" "- \`python\` is not found here: use \`python3\`. (seen 2 times in 2 sessions, last 2026-01-02"
	has "$output" "- Never push to main without asking. (seen 2 times in 2 sessions"
	mkdir empty
	capture headroom learn --project empty --from "$HOME/.claude/projects"
	same "$status" 3
	has "$error" "--all takes all projects"
}

@test "learn: all projects as JSON, twice the same, limited" {
	sessions
	headroom learn --all --json >one
	headroom learn --all --json >two
	cmp one two
	same "$(jq -r '.schema, (.projects | length), .bad_lines, .files' one)" "headroom.learn/1
3
0
3"
	same "$(headroom learn --project w --json | jq -c '.projects[0].rules[0] | [.kind, .evidence, .sessions, .confidence]')" \
		'["environment",2,2,1]'
	same "$(headroom learn --project w --json --sessions 1 | jq '.projects[0].sessions')" 1
	same "$(headroom learn --project w --json --min-evidence 3 | jq '.projects[0].rules | length')" 0
	same "$(headroom learn --project w --json --agent claude | jq '.files')" 3
	capture headroom learn --project w --agent codex
	same "$status" 3
}

@test "learn --from: files that are named, those that are no recordings passed over, sub-agents left out" {
	sessions
	cp "$HOME"/.claude/projects/w/a.jsonl x.jsonl
	echo 'no recording' >y.jsonl
	same "$(headroom learn --from x.jsonl,y.jsonl --json | jq -c '[.files, .unread, .projects[0].sessions]')" '[2,1,1]'
	jq -c '.isSidechain = true | .agentId = "g"' x.jsonl >z.jsonl
	same "$(headroom learn --from z.jsonl --json | jq -c '.projects[0].calls')" 2
	capture headroom learn --from z.jsonl --main-only
	same "$status" 3
	capture headroom learn --from nowhere.jsonl
	same "$status" 3
}

@test "learn --model: an agent phrases the rules; what fails leaves them as they are, and says why" {
	sessions
	# An agent that says the first rule in other words, and another one that it makes up.
	cat >"$BATS_TEST_TMPDIR/bin/claude" <<'END'
#!/bin/sh
pwd >&2
[ -z "$ANTHROPIC_BASE_URL" ] || exit 9
key=$(sed -n 's/.*"key": "\([0-9a-f]*\)".*/\1/p' | head -n 1)
echo "Sure: {\"rules\":[{\"keys\":[\"$key\"],\"text\":\"Call \`python3\`, not \`python\`.\"},{\"keys\":[\"$key\"],\"text\":\"Do not \`rm -rf /\`.\"}]}"
END
	chmod +x "$BATS_TEST_TMPDIR/bin/claude"
	ANTHROPIC_BASE_URL=http://127.0.0.1:1 capture headroom -v learn --project w --model claude
	same "$status" 0
	has "$output" "- Call \`python3\`, not \`python\`. (seen 2 times"
	has "$error" "1 of the model's rules were taken, 1 were not"
	same "$(head -n 1 err)" /
	headroom learn --project w >plain
	for model in 'exit 3' 'cat' 'nobody-has-this-program'; do
		capture headroom learn --project w --model "$model"
		same "$status" 0
		has "$error" "the rules stand as they were found"
		cmp out plain
	done
}

@test "learn --model PROVIDER/MODEL: in both dialects, with the key and the address that the proxy would take" {
	local model limit want
	command -v node >/dev/null || skip "no node"
	sessions
	headroom learn --project w >plain
	node "$BATS_TEST_DIRNAME/models.mjs" >port 3>&- &
	server=$!
	for _ in $(seq 200); do
		[ -s port ] && break
		sleep 0.05
	done
	export ANTHROPIC_TARGET_API_URL OPENAI_TARGET_API_URL ANTHROPIC_API_KEY=k-a OPENAI_API_KEY=k-o
	ANTHROPIC_TARGET_API_URL=http://127.0.0.1:$(cat port)
	OPENAI_TARGET_API_URL=$ANTHROPIC_TARGET_API_URL/v1
	# What is asked of this machine is asked itself.
	for model in anthropic openai; do
		http_proxy=http://127.0.0.1:1 capture headroom -v learn --project w --model "$model/some/good:1"
		same "$status" 0
		has "$output" "- Call \`python3\`, not \`python\`. (seen 2 times"
		has "$error" "1 of the model's rules were taken, 0 were not"
	done
	while read -r model limit want; do
		capture headroom learn --project w --model "$model" --model-timeout "$limit"
		same "$status" 0
		has "$error" "$want; the rules stand as they were found"
		cmp out plain
	done <<'END'
anthropic/busy 1m anthropic answers with status 429: too much of busy
openai/busy 1m openai answers with status 429: too much of busy
anthropic/mute 1m the answer of anthropic has no text
openai/mute 1m the answer of openai has no text
openai/slow 300ms openai: no answer in time
END
	OPENAI_API_KEY=k-a capture headroom learn --project w --model openai/some/good:1
	has "$error" "openai answers with status 401: not /v1/chat/completions with this key; the"
	kill "$server"
	wait "$server" || :
	server=
	capture headroom learn --project w --model anthropic/some/good:1
	same "$status" 0
	has "$error" "anthropic: "
	cmp out plain
}

@test "learn --model PROVIDER/MODEL: what is wrong with it is said before anything is read" {
	unset GROQ_API_KEY
	capture headroom learn --model nobody/m
	same "$status" 2
	has "$error" "--model: no provider is called 'nobody'"
	capture headroom learn --model gemini/m
	same "$status" 2
	has "$error" "gemini is not asked by this command"
	capture headroom learn --model groq/m
	same "$status" 78
	has "$error" "groq needs a key: set GROQ_API_KEY"
	# A command, with a path.
	sessions
	capture headroom learn --project w --model ./nobody/m
	same "$status" 0
	has "$error" "ended with status 127"
	capture headroom learn --project w --model 'sleep 60' --model-timeout 100ms
	same "$status" 0
	has "$error" "the model has not answered in time; the rules stand as they were found"
}
