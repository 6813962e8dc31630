#!/usr/bin/env bats
# shellcheck disable=SC2154 # the helper sets status, output and error
# Where the tokens of recorded sessions are.

load helper

# A session of Claude Code: two reads of a real file, and a real listing.
session() {
	local file=$root/cli/cmd_tokens.c
	jq -nc --arg text "$(cat -n "$file")" --arg list "$(ls -la "$root/core/base")" '
		def row($i): {sessionId: "s", uuid: "u\($i)", parentUuid: (if $i then "u\($i - 1)" else null end),
			timestamp: "2026-01-02T03:04:1\($i)Z"};
		def ask($i; $id; $name; $input): row($i) + {type: "assistant", message: {id: "m\($i)", role: "assistant",
			model: "claude-sonnet-4-5", content: [{type: "tool_use", id: $id, name: $name, input: $input}],
			usage: {input_tokens: 9, output_tokens: 3}}};
		def answer($i; $id; $text): row($i) + {type: "user", message: {role: "user",
			content: [{type: "tool_result", tool_use_id: $id, content: $text}]}};
		row(0) + {type: "user", message: {role: "user", content: "Read it twice."}},
		ask(1; "a"; "Read"; {file_path: "/x/cmd_tokens.c"}), answer(2; "a"; $text),
		ask(3; "b"; "Read"; {file_path: "/x/cmd_tokens.c"}), answer(4; "b"; $text),
		ask(5; "c"; "Bash"; {command: "ls -la core/base"}), answer(6; "c"; $list),
		row(7) + {type: "assistant", message: {id: "m7", role: "assistant", model: "claude-sonnet-4-5",
			content: [{type: "text", text: "Done."}], usage: {input_tokens: 9, output_tokens: 3}}}'
}

@test "tokens --by tool: what was sent, what would be, and what is new" {
	mkdir log && session >log/s.jsonl && echo '{"a":1}' >log/other.json && echo text >log/notes.txt
	capture headroom tokens --by tool log
	same "$status" 0
	has "$output" "1 file  1 session  4 requests"
	headroom tokens --by tool --json log >by.json
	same "$(jq -r '.schema, .requests' by.json)" "headroom.tokens-by/1
4"
	# The second read is a reference to the first.
	jq -e '.rows[] | select(.tool == "result Read") | .blocks == 2 and .sent_after < .sent * 0.7' by.json
	jq -e '.rows[] | select(.tool == "call Read") | .sent_after == .sent' by.json
	jq -e '.rows[0].tool == "result Read" and ([.rows[].sent] | add) == .all.sent' by.json
	# The share in JSON is rounded already.
	has "$output" "$(jq -r '.rows[0].sent / .all.sent * 1000 | round / 10' by.json) %"
	same "$(jq -r .all.sent <(headroom tokens --by kind,age,size --json log))" "$(jq .all.sent by.json)"
	same "$(headroom tokens --by tool --csv - log | awk -F, 'NR > 1 { n += $4 } END { print n }')" "$(jq .all.sent by.json)"
}

@test "tokens --by age and size are in their order, --arm says how requests are made smaller" {
	session >s.jsonl
	same "$(headroom tokens --by age --json s.jsonl | jq -c '[.rows[].age]')" '["0","1","2-4"]'
	same "$(headroom tokens --by size --json - <s.jsonl | jq -r '.rows[0].size')" 0-99
	same "$(headroom tokens --by tool --arm none --json s.jsonl | jq .all.saved_percent)" 0
	has "$(headroom tokens --by tool --arm 'x:lossless=on' --json s.jsonl)" '"arm":"x:lossless=on"'
	headroom tokens --by kind --csv out.csv s.jsonl | grep -q '^all '
	head -n 1 out.csv | grep -q '^kind,blocks,tokens,sent,sent_after$'
}

@test "tokens --by says what it cannot do" {
	session >s.jsonl
	capture headroom tokens --by colour s.jsonl
	same "$status" 2
	has "$error" "no table by 'colour'"
	capture headroom tokens --csv - s.jsonl
	same "$status" 2
	capture headroom tokens --by tool --blocks s.jsonl
	same "$status" 2
	capture headroom tokens --by tool --arm logged s.jsonl
	same "$status" 2
	capture headroom tokens --by tool --arm a:speed=1 s.jsonl
	has "$error" "no setting 'speed'"
	echo hello >text
	capture headroom tokens --by tool text
	same "$status" 65
	mkdir empty
	capture headroom tokens --by tool empty
	same "$status" 3
	capture headroom tokens --by tool text s.jsonl
	same "$status" 0
	has "$error" "text: "
}

@test "tokens --by says once which file it cannot read" {
	capture headroom tokens --by tool missing.jsonl
	same "$status" 3
	same "$error" "headroom: tokens: cannot open missing.jsonl: No such file or directory"
	echo 'hello there' >notes.txt
	capture headroom tokens --by tool notes.txt
	same "$status" 65
	same "$error" "headroom: tokens: notes.txt: no recorded session of a known kind"
}
