#!/usr/bin/env bats
# shellcheck disable=SC2154 # the helper sets status, output and error
# What was learned, in the memory files of agents; and how long answers may be.

load helper

# say SESSION MINUTE ROLE TEXT: a line of Claude Code in this directory
say() {
	jq -cn --arg s "$1" --arg at "2026-01-02T03:$2:00Z" --arg role "$3" --arg text "$4" --arg cwd "$PWD" '
		{type: $role, cwd: $cwd, sessionId: $s, uuid: ($s + $at), timestamp: $at,
		message: {role: $role, content: [{type: "text", text: $text}]}}'
}

# Two sessions in which the user wants the same.
sessions() {
	for s in a b; do
		say $s "1$((16#$s - 9))" user "Never push to main without asking." >$s.jsonl
		say $s 20 assistant "Fine." >>$s.jsonl
	done
}

@test "learn: a dry run is a diff, --apply writes it, a second time nothing changes, --remove takes it away" {
	sessions
	capture headroom learn --from .
	same "$status" 0
	has "$output" "+++ $PWD/CLAUDE.local.md"
	has "$output" "+- "
	has "$output" "--apply writes it"
	[[ ! -e CLAUDE.local.md ]]
	printf '# Mine\r\n' >CLAUDE.local.md
	cp CLAUDE.local.md before
	headroom learn --from . | sed -n '/^---/,/^$/p' >change.diff
	capture headroom learn --from . --apply
	same "$status" 0
	has "$output" "CLAUDE.local.md: 1 line, 1 new"
	grep -q 'push to main.*(2x in 2 sessions, last 2026-01-02)' CLAUDE.local.md
	cp before patched
	patch -s --binary patched change.diff
	cmp patched CLAUDE.local.md
	inode=$(stat -c %i CLAUDE.local.md)
	capture headroom learn --from . --apply
	has "$output" "CLAUDE.local.md: nothing new"
	same "$(stat -c %i CLAUDE.local.md)" "$inode"
	capture headroom learn --remove --project .
	has "$output" "-<!-- headroom:learn:start -->"
	headroom learn --remove --apply
	cmp before CLAUDE.local.md
	capture headroom learn --remove --apply
	has "$output" "nothing that was learned"
}

@test "learn: an old block in CLAUDE.md moves, but not when it is said where to write" {
	sessions
	printf '# Mine\n<!-- headroom:learn:start -->\n### Learned: old\n- Use uv.\n<!-- headroom:learn:end -->\n' >CLAUDE.md
	cp CLAUDE.md before
	headroom learn --from . --apply --target claude-local
	cmp before CLAUDE.md
	rm CLAUDE.local.md
	headroom learn --from . --apply
	same "$(cat CLAUDE.md)" "# Mine"
	grep -q 'Use uv' CLAUDE.local.md
}

@test "learn --target: by name and path, a word that is none, memory takes the habits" {
	sessions
	capture headroom learn --from . --apply --target agents,docs/rules.md
	same "$status" 0
	grep -q 'push to main' AGENTS.md
	grep -q 'push to main' docs/rules.md
	[[ ! -e CLAUDE.local.md ]]
	capture headroom learn --from /none --target agent # before anything is read
	same "$status" 2
	capture headroom learn --from . --target agent
	same "$status" 2
	has "$error" "did you mean 'agents'"
	headroom learn --from . --apply --target claude,memory >/dev/null
	[[ ! -e CLAUDE.md ]]
	grep -q 'push to main' "$HOME"/.claude/projects/*/memory/MEMORY.md
	same "$(headroom learn --from . --json --target agents | jq -c '.memory_files[] | [.target, .changes, .written]')" \
		'["agents",false,false]'
}

@test "learn status and reset: a deleted line stays away until then, a damaged block is named and left" {
	sessions
	headroom learn --from . --apply >/dev/null
	capture headroom learn status
	has "$output" "$PWD/CLAUDE.local.md"
	has "$output" "1 line, 0 of yours, 0 deleted"
	sed -i '/push to main/d' CLAUDE.local.md
	capture headroom learn --from . --apply
	has "$output" "its line was deleted or changed"
	same "$(headroom learn status --json --project . --target claude-local | jq -c '.files[] | [.lines, .deleted]')" '[0,1]'
	capture headroom learn reset
	has "$output" "--apply writes it"
	headroom learn reset --apply
	headroom learn --from . --apply >/dev/null
	grep -q 'push to main' CLAUDE.local.md
	echo '<!-- headroom:learn:start -->' >>CLAUDE.local.md
	cp CLAUDE.local.md damaged
	capture headroom learn --from . --apply
	same "$status" 78
	has "$error" 'CLAUDE.local.md: line'
	has "$error" 'delete one of the two blocks'
	cmp damaged CLAUDE.local.md
	capture headroom learn status
	same "$status" 78
}

@test "learn status: what the proxy has seen of the directory and those below it" {
	export HEADROOM_WORKSPACE_DIR=$PWD/workspace
	mkdir -p workspace/learn w/ui
	local live=$HEADROOM_WORKSPACE_DIR/learn/live.jsonl dir
	for dir in "$PWD/w" "$PWD/w/ui" "$PWD/w2"; do
		jq -nc --arg dir "$dir" '{project: $dir, key: "0123456789abcdef", kind: "environment", text: "Use \($dir).", first_ms: 0,
			last_ms: 1767225600000, seen: {"00000000000000a1": "00000000000000c1", "00000000000000a2": "00000000000000c1",
			"00000000000000a3": "00000000000000c2"}, seen_before_refuted: {"00000000000000a4": "00000000000000c3"}}'
	done >"$live"
	capture headroom learn status --project w
	same "$status" 0
	has "$output" "seen by headroom proxy --learn
  - Use $PWD/w. (seen 3 times)
  - Use $PWD/w/ui. (seen 3 times)"
	same "$(headroom learn status --project w --json | jq -c '.live | [length, (.[0] | .kind, .evidence, .conversations)]')" '[2,"environment",3,2]'
	same "$(headroom learn status --project w --json --target claude | jq '.live')" null
	# As earlier versions wrote it.
	jq -c 'del(.seen, .seen_before_refuted) + {older: 1, sessions: {"7": 2}}' <"$live" >"$live.new" && mv "$live.new" "$live"
	has "$(headroom learn status --project w)" "/w. (seen 2 times)"
	echo no >>"$live"
	capture headroom learn status --project w
	same "$status" 78
	has "$error" "$live: line 4"
}

@test "learn verbosity: --apply sets the level that people's answers ask for" {
	for i in $(seq -w 0 20); do
		say a "$i" assistant "A long answer." && say a "$i" user "too long"
	done >a.jsonl
	same "$(headroom learn verbosity --all --from . --json | jq -c '[.turns, .shorter, .level, .written]')" '[21,21,3,false]'
	capture headroom learn verbosity --project . --from . --apply
	same "$status" 0
	has "$output" "asked for fewer words"
	same "$(headroom config get proxy.verbosity_level)" 3
	same "$(headroom proxy --print-config --output-shaper | jq -r '.settings["verbosity-level"]')" 3
}
