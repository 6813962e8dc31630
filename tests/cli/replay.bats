#!/usr/bin/env bats
# shellcheck disable=SC2154 # the helper sets status, output and error
# What recorded sessions would have cost.

load helper

# session NAME TURNS: lines of requests, each with one more result than the one before; all results say the same.
session() {
	jq -nc --arg name "$1" --argjson turns "$2" '
		def text: [range(60) | "\(. * 7919) is what line \(.) says"] | join("\n");
		def turn($k): [{role: "user", content: "go on"}] + [range($k) | (
			{role: "assistant", content: null, tool_calls: [{id: "c\(.)", type: "function",
				function: {name: "run", arguments: "{}"}}]},
			{role: "tool", tool_call_id: "c\(.)", content: text})];
		range($turns) | {ts: "2026-01-02T03:0\(.):00Z", session: $name,
			request: {model: "gpt-4o", messages: turn(.)}}'
}

@test "replay prints a table, the best arm and where the tokens went" {
	session one 4 >log.jsonl
	capture headroom replay log.jsonl --by model,encoder,day,session
	same "$status:$error" "0:"
	has "$output" "1 file  1 session  4 turns  2026-01-02 .. 2026-01-02"
	has "$output" "Best: token (-"
	has "$output" "by encoder"
	has "$output" "reference"
	has "$output" "Calibration: none"
}

@test "replay --json: the arms, and sums that agree with those by model and by turn" {
	session one 4 >log.jsonl
	headroom replay --json log.jsonl >all.json
	same "$(jq -r '.schema, .inputs.turns, (.arms | keys | join(" "))' all.json)" "headroom.replay/1
4
cache none token"
	same "$(jq '.arms.token | .raw_input_tokens - .sent_input_tokens == .saved_tokens and .saved_tokens > 0' all.json)" true
	same "$(jq '[.by_model[].arms.token.sent_input_tokens] | add' all.json)" "$(jq .arms.token.sent_input_tokens all.json)"
	same "$(headroom replay --per-turn log.jsonl | jq -s 'map(select(.arm == "token").sent) | add')" "$(jq .arms.token.sent_input_tokens all.json)"
	same "$(headroom replay --csv - log.jsonl | awk -F, '$5 == "token" { n += $8 } END { print n }')" "$(jq .arms.token.sent_input_tokens all.json)"
}

@test "replay gives the same bytes for the same input, with any number of jobs" {
	mkdir logs
	for i in 1 2 3 4 5; do session "s$i" "$i" >"logs/$i.jsonl"; done
	headroom replay --no-timing --json -j 1 logs >one
	headroom replay --no-timing --json -j 4 logs >four
	cmp one four
	same "$(jq .inputs.files one)" 5
	headroom replay --no-timing --json - <logs/3.jsonl >piped
	same "$(jq .inputs.turns piped)" 3
}

@test "replay --mode and --baseline choose the arms, --arm adds some" {
	session one 3 >log.jsonl
	arms() { headroom replay --json log.jsonl "$@" | jq -r '.arms | keys_unsorted | join(" ")'; }
	same "$(arms --mode token)" "none token"
	same "$(arms --mode none --baseline token)" token
	same "$(arms --mode cache --baseline token)" "token cache"
	same "$(arms --mode none --arm a:lossless=on,mode=cache,b:ccr=on --arm c:protect-recent=2)" "none a b c"
	capture headroom replay log.jsonl --arm a:speed=1
	same "$status" 2
	has "$error" "no setting 'speed'"
	capture headroom replay log.jsonl --arm token:lossless=on
	same "$status" 2
	has "$error" "two arms are named token"
	capture headroom replay log.jsonl --by colour
	same "$status" 2
	has "$error" "no table by 'colour'"
}

@test "replay: only some sessions, times and turns" {
	{ session one 4; session two 2; } >log.jsonl
	turns() { headroom replay --json log.jsonl "$@" | jq .inputs.turns; }
	same "$(turns)" 6
	same "$(turns --session tw)" 2
	same "$(turns --since 2026-01-02T03:02:00Z)" 2
	same "$(turns --until 2026-01-02T03:02:00Z)" 4
	same "$(turns --limit 1)" 2
	capture headroom replay --since 1h log.jsonl
	same "$status" 3
	capture headroom replay --since yesterday log.jsonl
	same "$status" 2
	has "$error" "is no date"
}

@test "replay: the rules of the cache and the prices can be said" {
	session one 4 >log.jsonl
	usd() { headroom replay --json --no-output-cost log.jsonl "$@" | jq .arms.none.cost.total; }
	before=$(usd)
	printf '["gpt-4o"]\ninput = 0\noutput = 0\ncache_read = 0\n' >prices.toml
	same "$(usd --price-file prices.toml)" 0
	[[ $(usd --cache-min 100000) != "$before" ]]
	[[ $(usd --cache-ttl 1s) != "$before" ]]
	printf 'nonsense' >prices.toml
	capture headroom replay --price-file prices.toml log.jsonl
	same "$status" 78
}

@test "replay fails when it should" {
	session one 4 >log.jsonl
	capture headroom replay --min-savings 90 log.jsonl
	same "$status" 4
	has "$error" "less than --min-savings 90"
	capture headroom replay --min-savings 1 --verify log.jsonl
	same "$status" 0
	has "$output" "requests not."
	# Every text that is left out is asked for three times.
	jq -nc '{session: "x", request: {model: "gpt-4o", tools: [{type: "function", function: {name: "run"}}],
		messages: [{role: "user", content: "go on"}]}}, {session: "x", request: {model: "gpt-4o",
		tools: [{type: "function", function: {name: "run"}}], messages: [{role: "user", content: "go on"},
		{role: "assistant", content: null, tool_calls: [{id: "c", type: "function",
		function: {name: "run", arguments: "{}"}}]}, {role: "tool", tool_call_id: "c", content:
		([range(3000) | "2026-01-02 03:04:05 INFO worker \(. % 7) took job \(. * 7919) in \(. * 31 % 977) ms"] | join("\n"))}]}}' >elided.jsonl
	capture headroom replay --mode none --arm ccr:ccr=on --retrieve-rate 3 --fail-if-worse elided.jsonl
	same "$status" 4
	has "$error" "costs"
	capture headroom replay --mode none --arm ccr:ccr=on --retrieve-rate 0 --fail-if-worse elided.jsonl
	same "$status" 0
}

@test "replay: what is no recording is said" {
	echo 'hello there' >notes.txt
	capture headroom replay notes.txt
	same "$status" 65
	same "$error" "headroom: replay: notes.txt: no recorded session of a known kind"
	capture headroom replay missing.jsonl
	same "$status" 3
	same "$error" "headroom: replay: cannot open missing.jsonl: No such file or directory"
	echo 'no gzip' >bad.jsonl.gz
	capture headroom replay bad.jsonl.gz
	same "$status" 65
	same "$(grep -o bad.jsonl.gz <<<"$error")" bad.jsonl.gz
	session one 2 >log.jsonl
	capture headroom replay log.jsonl notes.txt
	same "$status" 0
	has "$error" "notes.txt"
	printf '{"timestamp":"2026-01-02T03:04:05.000Z","request_id":"r","tokens_before":1,"tokens_after":1,"latency_ms":1}\n' >bare.jsonl
	capture headroom replay -f proxy-jsonl bare.jsonl
	same "$status" 3
	has "$error" "--log-messages"
	capture headroom replay log.jsonl --baseline logged
	has "$error" "no recording says what was sent on"
	capture headroom replay -f text log.jsonl
	same "$status" 2
	session one 4 >long.jsonl
	capture headroom replay --max-input 1k long.jsonl
	same "$status" 65
	has "$error" "long.jsonl"
}

@test "replay --breakpoints: Anthropic caches nothing without any" {
	jq -nc '[range(6000) | " a"] | join("") as $text | range(3) as $k | {session: "s", ts: "2026-01-02T03:0\($k):00Z",
		request: {model: "claude-sonnet-4-6", system: $text, messages: [range(2 * $k + 1) |
		{role: (["user", "assistant"][. % 2]), content: "text \(.)"}]}}' >log.jsonl
	read_tokens() { headroom replay --json log.jsonl --breakpoints "$1" | jq .arms.none.cache_read_tokens; }
	[[ $(read_tokens auto) -gt 8000 ]]
	same "$(read_tokens log)" 0
	same "$(read_tokens none)" 0
}

@test "replay --html: a page that fetches nothing, with names as text" {
	session '<b>&"one' 4 >log.jsonl
	capture headroom replay --html page.html log.jsonl
	same "$status:$error" "0:"
	has "$output" "Best: token"
	page=$(cat page.html)
	has "$page" "<svg"
	has "$page" "What saved it (token)"
	for outside in '<script' 'src=' 'href=' '@import' 'url('; do
		[[ $page != *"$outside"* ]]
	done
	capture headroom replay --html - --by session log.jsonl
	same "$output" "$page"
	capture headroom replay --html - --csv - log.jsonl
	same "$status" 2
	# The worst turns name the session.
	capture headroom replay --html - --mode none --baseline token --arm none log.jsonl
	has "$output" '&lt;b&gt;&amp;&quot;one'
}

@test "a file that cannot be written is found before the work" {
	echo '{"model":"gpt-4o","messages":[{"role":"user","content":"x"}]}' >log.jsonl
	capture headroom replay --csv no-such-dir/t.csv log.jsonl
	[ "$status" = 73 ]
	has "$error" "no-such-dir/t.csv cannot be written"
	capture headroom replay --html no-such-dir/t.html no-such-log.jsonl
	[ "$status" = 73 ]
}

@test "what broke the prompt cache is named, by tool and in the tables" {
	long=$(head -c 9000 /dev/zero | tr '\0' 'a' | sed 's/a\{9\}/aaaaaaaa /g')
	for date in 2026-01-02 2026-01-02 2026-01-03; do
		printf '{"session":"s","request":{"model":"gpt-4o","messages":[{"role":"system","content":"It is %s. %s"},{"role":"user","content":"x"}]}}\n' "$date" "$long"
	done >log.jsonl
	capture headroom replay --by tool,encoder log.jsonl
	has "$output" "prompt cache broken by, none"
	has "$output" "time at messages[0].content"
	same "$(headroom replay --json log.jsonl | jq -r '.worst_cache_breaks[0].by, .worst_cache_breaks[0].turn')" "$(printf 'time\n3')"
	same "$(headroom replay --json log.jsonl | jq '[.cache_breaks[] | select(.by == "headroom")] | length')" 0
	same "$(headroom replay --csv - log.jsonl | grep -c 'time,messages\[0\].content')" 3
	headroom replay --html page.html log.jsonl >/dev/null
	has "$(cat page.html)" "What broke the prompt cache"
	has "$(cat page.html)" "<td>time<td>messages[0].content"
}

@test "a log that was put away in parts is one, the oldest first" {
	session one 6 >whole.jsonl
	headroom replay --no-timing --json whole.jsonl | jq 'del(.inputs.files)' >want
	mkdir logs
	sed -n 1,2p whole.jsonl | gzip -c >logs/log.jsonl.2.gz
	sed -n 3,4p whole.jsonl | head -c -1 >logs/log.jsonl.1
	sed -n 5,6p whole.jsonl >logs/log.jsonl
	for paths in logs logs/log.jsonl "logs/log.jsonl logs/log.jsonl.1 logs/log.jsonl.2.gz" "logs/log.jsonl.2.gz logs/log.jsonl"; do
		# shellcheck disable=SC2086 # a list of names
		headroom replay --no-timing --json $paths >got
		same "$(jq .inputs.files got)" 1
		jq 'del(.inputs.files)' got | cmp - want
	done
	# a part by itself is what it is; one whose youngest is gone, too
	same "$(headroom replay --json logs/log.jsonl.2.gz | jq .inputs.turns)" 2
	rm logs/log.jsonl
	same "$(headroom replay --json logs | jq .inputs.turns)" 4
	printf 'no gzip' >logs/log.jsonl.2.gz
	capture headroom replay logs/log.jsonl.2.gz
	has "$error" "logs/log.jsonl.2.gz"
	[ "$status" -ne 0 ]
}

@test "replay --by project: the directory of a session" {
	session one 3 | jq -c '.project = "/src/a"' >log.jsonl
	session two 2 | jq -c '.project = "/src/b"' >>log.jsonl
	session three 2 >>log.jsonl
	headroom replay --json --by project log.jsonl >all.json
	same "$(jq -c '[.by_project[] | [.name, .arms.none.requests]] | sort' all.json)" '[["/src/a",3],["/src/b",2],["unknown",2]]'
	same "$(jq '[.by_project[].arms.token.sent_input_tokens] | add' all.json)" "$(jq .arms.token.sent_input_tokens all.json)"
	has "$(headroom replay --by project log.jsonl)" "by project"
	has "$(headroom replay --html - log.jsonl)" "/src/b"
	capture headroom replay --by house log.jsonl
	has "$error" "model, day, session, project"
}

@test "replay --recent-turns: the last ones are billed, with the cache as the others left it" {
	session one 6 >log.jsonl
	headroom replay --per-turn log.jsonl | jq -c 'select(.turn > 4) | del(.ms)' >want
	headroom replay --per-turn --recent-turns 2 log.jsonl | jq -c 'del(.ms)' | cmp - want
	same "$(headroom replay --json --recent-turns 2 log.jsonl | jq -c '[.inputs.turns, .inputs.sessions]')" "[2,1]"
	same "$(headroom replay --json --recent-turns 2 log.jsonl | jq '[.by_encoder[] | select(.arm == "token").saved_tokens] | add')" \
		"$(headroom replay --json --recent-turns 2 log.jsonl | jq .arms.token.saved_tokens)"
	same "$(headroom replay --json --recent-turns 99 log.jsonl | jq .inputs.turns)" 6
	same "$(headroom replay --json --limit 4 --recent-turns 1 log.jsonl | jq .inputs.turns)" 1
}

# logged RETRIEVALS: a log of one session, in whose first result text was left out; the last answer got so many originals.
logged() {
	jq -nc '[range(600) | "src/mod_\(. / 9 | floor).c:\(10 + . % 9 * 13):\tif (queue_length(q_\(. % 7)) > \(. * 7919 % 10007)) return fail(ctx);"] |
		join("\n") as $text | range(2) | {model: "gpt-4o", messages: ([{role: "user", content: "go on"},
			{role: "assistant", content: null, tool_calls: [{id: "c", type: "function", function: {name: "grep", arguments: "{}"}}]},
			{role: "tool", tool_call_id: "c", content: $text}] + if . == 0 then [] else
			[{role: "assistant", content: "so"}, {role: "user", content: "and?"}] end)}' >bodies
	while read -r body; do
		jq -nc --argjson request "$body" --argjson sent "$(printf %s "$body" | headroom compress --ccr on -f request)" --argjson n "$1" \
			'{timestamp: "2026-01-02T03:00:00.000Z", request_id: "01J", tokens_before: 1, model: "gpt-4o", session: "s", request: $request, sent: $sent,
				retrievals: (if ($request.messages | length) > 3 then $n else 0 end)}'
	done <bodies
}

@test "replay --retrieve-rate logged: as often as the log says" {
	logged 3 >log.jsonl
	headroom replay --json --mode none --baseline none --arm logged --arm e:ccr=on --retrieve-rate logged log.jsonl >got
	same "$(jq -c '[.settings.retrieve_rate, .logged.left_out, .logged.asked_for]' got)" '["logged",1,3]'
	same "$(jq -c '[.arms.e.retrievals, .arms.logged.retrievals, .arms.none.retrievals]' got)" '[3,3,0]'
	# what was asked for is added to the bill
	[ "$(jq ".arms.logged.cost.retrieval > 0" got)" = true ]
	has "$(headroom replay --mode none --arm e:ccr=on --retrieve-rate logged log.jsonl)" "Arm e: 3.0 retrievals as logged."
	logged 0 >log.jsonl
	same "$(headroom replay --json --mode none --arm e:ccr=on --retrieve-rate logged log.jsonl | jq .arms.e.retrievals)" 0
	session one 3 >log.jsonl
	capture headroom replay --retrieve-rate logged log.jsonl
	has "$error" "never asked for"
	capture headroom replay --retrieve-rate often log.jsonl
	same "$status" 2
	has "$error" "--retrieve-rate"
}

@test "an arm with output-shaper bears what its note costs, each turn" {
	session one 4 | jq -c '.request.messages |= [{role: "system", content: "be good"}] + .' >log.jsonl
	headroom replay --json --arm off:output-shaper=off --arm low:output-shaper=1 --arm high:output-shaper=4 log.jsonl >all.json
	same "$(jq '.arms | .off.sent_input_tokens == .token.sent_input_tokens' all.json)" true
	same "$(jq '.arms | (.low.sent_input_tokens - .off.sent_input_tokens) / 4 | . > 40 and . < 100' all.json)" true
	same "$(jq '.arms | .high.sent_input_tokens > .low.sent_input_tokens' all.json)" true
	capture headroom replay --arm x:output-shaper=5 log.jsonl
	same "$status" 2
	has "$error" "output-shaper is off or a level from 1 to 4"
}
