#!/usr/bin/env bats
# shellcheck disable=SC2154 # the helper sets status, output and error
# headroom compress, retrieve and tokens, as scripts use them.

load helper

# numbered A B: lines as Claude Code's Read shows them, JSON-escaped
numbered() {
	local i
	for i in $(seq "$1" "$2"); do printf '%6d\xe2\x86\x92int value_%d = %d;\\n' "$i" "$i" "$((i * i))"; done
}

# A request: a file is read, and read again. Spelled in a way that nobody would print again.
request() {
	printf '{ "model":"claude-test" ,"max_tokens" : 1e3, "x":0.10, "u":"\\u00e9",\n "messages":['
	printf '{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"Read","input":{"file_path":"/w/a.c"}}]},'
	printf '{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"%s"}]},' "$(numbered 1 40)"
	printf '{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"c2ln"},'
	printf '{"type":"tool_use","id":"b","name":"Read","input":{"file_path":"/w/a.c"}}]},'
	printf '{"role":"user","content":[{"type":"tool_result","tool_use_id":"b","content":"%s"}]} ]}' "$(numbered 1 40)"
}

# The same document without the texts of its tool results.
without_results() { sed -E 's/("tool_use_id":"[ab]","content":)"([^"\\]|\\.)*"/\1_/g'; }

@test "a request goes in, a smaller one comes out, nothing else is changed" {
	request >in.json
	headroom compress <in.json >out.json
	[ "$(wc -c <out.json)" -lt $(($(wc -c <in.json) / 2)) ]
	without_results <in.json >in.rest
	without_results <out.json >out.rest
	cmp in.rest out.rest
	jq -e '.messages[1].content[0].content | test("int value_40 = 1600;")' out.json
	jq -e '.messages[3].content[0].content | test("same as Read a.c")' out.json
}

@test "compressing the output again changes nothing" {
	request | headroom compress >once.json
	headroom compress once.json >twice.json
	cmp once.json twice.json
}

@test "what cannot be made smaller is the same bytes, end of line or not" {
	printf 'short' >in
	headroom compress in | cmp - in
	printf 'two\nlines\n\n' >in
	headroom compress in | cmp - in
	: >in
	headroom compress in | cmp - in
	printf '\377\376 not UTF-8 \300\n' >in
	headroom compress in | cmp - in
}

@test "--verify proves the result, and the report says so" {
	request >in.json
	capture headroom compress --verify --report report.json -o out.json in.json
	same "$status" 0
	same "$output$error" ""
	jq -e '.schema == "headroom.compress/1" and .verified.decoded == 2 and .verified.failed == 0' report.json
	jq -e '.tokens_saved == .tokens_before - .tokens_after and .tokens_saved > 0' report.json
	jq -e '[.blocks[] | .before - .after] | add == 1 * input.tokens_saved' report.json report.json
	jq -e '.blocks[0].path == "messages[1].content[0].content" and .blocks[0].tool == "Read"' report.json
}

@test "--json is one document with the result in it" {
	request >in.json
	headroom compress in.json >want.json
	headroom compress --json in.json >got.json
	same "$(wc -l <got.json)" 2 # the result holds a line end of the input
	jq -S .result got.json >got.result
	jq -S . want.json | cmp - got.result
	printf 'plain\n' | headroom compress --json | jq -e '.result == "plain\n" and .format == "text"'
}

@test "--explain says for each result what became of it" {
	request >in.json
	capture headroom compress --explain in.json
	has "$error" 'messages[1].content[0].content [Read]'
	has "$error" 'gutter'
	has "$error" 'tokens'
}

@test "--min-savings is status 4 with the result written all the same" {
	request >in.json
	capture headroom compress --min-savings 99 in.json
	same "$status" 4
	has "$error" 'less than --min-savings 99'
	headroom compress in.json | cmp - out
	capture headroom compress --min-savings 50 in.json
	same "$status" 0
}

@test "a format that is named must hold" {
	printf '{"no' >in
	capture headroom compress -f request in
	same "$status" 65
	has "$error" 'line 1, column'
	capture headroom compress -f json in
	same "$status" 65
	capture headroom compress -f diff in
	same "$status" 65
	capture headroom compress in
	same "$status" 0
	cmp in out
}

@test "lines that are no JSON are passed on, counted and named" {
	request | tr -d '\n' >one
	{ cat one; echo; echo '{"broken'; cat one; echo; } >in.jsonl
	capture headroom compress -f requests in.jsonl
	same "$status" 0
	has "$error" '1 of 3 lines passed on as they are; the first is line 2'
	same "$(sed -n 2p out)" '{"broken'
	same "$(sed -n 1p out)" "$(sed -n 3p out)"
	same "$(sed -n 1p out)" "$(headroom compress one)"
}

@test "--in-place replaces files, keeps their modes and links, and leaves what would not be smaller" {
	request >a.json
	chmod 640 a.json
	ln -s a.json link.json
	printf 'short' >b.txt
	touch -d '2020-01-01' b.txt
	headroom compress a.json >want.json
	capture headroom compress --in-place -j 2 link.json b.txt
	same "$status" 0
	cmp a.json want.json
	[ -L link.json ]
	same "$(stat -c %a a.json)" 640
	same "$(stat -c %Y b.txt)" "$(date -d '2020-01-01' +%s)"
	same "$(ls)" "$(printf 'a.json\nb.txt\nerr\nlink.json\nout\nwant.json')"
}

@test "one bad file does not stop the others" {
	request >a.json
	cp a.json b.json
	capture headroom compress -i a.json missing.json b.json
	same "$status" 3
	has "$error" 'missing.json'
	cmp a.json b.json
	same "$(grep -o 'value_40 = 1600;' a.json | wc -l)" 1
}

@test "options that do not go together are usage errors" {
	request >in.json
	capture headroom compress -i -o out.json in.json
	same "$status" 2
	capture headroom compress -o out.json in.json in.json
	same "$status" 2
	capture headroom compress --report - in.json
	same "$status" 2
	capture headroom compress -j 2 in.json in.json
	same "$status" 2
	capture headroom compress -i -
	same "$status" 2
}

@test "a reader that goes away ends it by SIGPIPE" {
	request | tr -d '\n' >one
	for _ in $(seq 300); do cat one; echo; done >in.jsonl
	set +e
	headroom compress in.jsonl 2>err | head -c 10 >/dev/null
	same "${PIPESTATUS[0]}" 141
	same "$(cat err)" ""
}

@test "an interrupt leaves no file behind" {
	mkfifo pipe
	headroom compress -o result.json pipe &
	pid=$!
	exec 9>pipe # it has opened its input and its output now
	printf '{"model":"m",' >&9
	kill -TERM "$pid"
	wait "$pid" || status=$?
	exec 9>&-
	same "$status" 143
	same "$(ls)" pipe
}

@test "an input over --max-input is an error that says so" {
	head -c 3000 /dev/zero | tr '\0' x >in
	capture headroom compress --max-input 2k in
	same "$status" 65
	has "$error" '--max-input'
	same "$output" ""
}

@test "every original can be had back with --ccr on" {
	request >in.json
	headroom compress --ccr on --report report.json in.json >out.json
	n=0
	while read -r path key; do
		i=$(sed -E 's/messages\[([0-9]+)\].*/\1/' <<<"$path")
		jq -j ".messages[$i].content[0].content" in.json >want
		headroom retrieve "$key" | cmp - want
		n=$((n + 1))
	done < <(jq -r '.blocks[] | select(.ccr_hash) | .path + " " + .ccr_hash' report.json)
	same "$n" 2
	same "$(stat -c %a "$HOME/.headroom/store.db")" 600
	key=$(jq -r '.blocks[0].ccr_hash' report.json)
	same "$(headroom retrieve "$key" --lines 2:3 | wc -l)" 2
	same "$(headroom retrieve "${key:0:12}" --query VALUE_7 | grep -ci VALUE_7)" 1
	same "$(headroom retrieve "$key" --lines 2,5-7 --offset 1 --limit 2)" "$(headroom retrieve "$key" --lines 5:6)"
	headroom retrieve "$key" --json | jq -e '.schema == "headroom.retrieve/1" and (.text | length) == .bytes - 80'
}

# What is left out of a log, once more each time: keep N
keep() {
	awk -v ms="$1" 'BEGIN { for (i = 0; i < 400; i++) print "2026-01-01 INFO app: request " i * i * 7919 % 10007 " done in " ms " ms" }' >log
	headroom compress --ccr on -f log --report report.json log >/dev/null
	jq -r '.blocks[0].ccr_hash' report.json
}

@test "what is often asked for is left out less, then not, until it is forgotten" {
	capture headroom retrieve --feedback
	same "$status" 3 # there is no store yet
	first=$(keep 1)
	same "$(headroom retrieve --feedback | tail -1 | tr -s ' ')" "normal 1 0 log - log"
	headroom retrieve "$first" --lines 1 >/dev/null
	for n in $(seq 2 20); do headroom retrieve "$(keep "$n")" >/dev/null; done
	same "$(headroom retrieve --feedback --json | jq -c '.feedback[0] | [.level, .elided, .retrieved, .retrieved_whole]')" '["gentle",20,20,19]'
	before=$(headroom compress --ccr on --store other.db -f log log | wc -l)
	keep 21 >/dev/null
	after=$(headroom compress --ccr on -f log log | wc -l)
	((after > before))
	headroom retrieve --feedback --reset Read
	same "$(headroom retrieve --feedback --json | jq '.feedback | length')" 1
	headroom retrieve --feedback --reset
	same "$(headroom retrieve --feedback)" "nothing was left out yet"
	capture headroom retrieve --feedback --lines 3
	same "$status" 2
	capture headroom retrieve --reset
	same "$status" 2
	capture headroom retrieve
	same "$status" 2
}

@test "--rows are elements of what is JSON, and nothing else has any" {
	jq -nc '[range(200) | {id: ., state: "done", host: "web-\(. % 3)"}]' >rows.json
	headroom compress --ccr on -f text --report report.json rows.json >/dev/null
	key=$(jq -r '.blocks[0].ccr_hash' report.json)
	same "$(headroom retrieve "$key" --rows 2,5:6 | jq -c .id | paste -sd ' ')" "1 4 5"
	capture headroom retrieve "$(keep 1)" --rows 1
	same "$status" 2
	has "$error" "no JSON with rows"
}

@test "what is not in the store is status 3, what is no hash status 65" {
	printf 'x' | headroom compress --ccr on >/dev/null
	capture headroom retrieve 0123456789ab
	same "$status" 3
	capture headroom retrieve nonsense
	same "$status" 65
	capture headroom --home nowhere retrieve 0123456789ab
	same "$status" 3
}

@test "the same request twice is the same bytes, with a store and without" {
	request >in.json
	headroom compress in.json >a
	headroom compress --ccr on in.json >b
	headroom compress --ccr on in.json >c
	cmp a b
	cmp b c
}

@test "--lossless keeps colours, the default does not" {
	for i in $(seq 30); do printf '\033[32mok\033[0m step %d of the build\n' "$i"; done >in
	headroom compress in | grep -q 'step .* of the build'
	same "$(headroom compress in | grep -c "$(printf '\033')")" 0
	headroom compress --lossless in | grep -q "$(printf '\033')"
}

@test "--protect-tool-results and --protect-recent leave what they name" {
	request >in.json
	headroom compress --protect-recent 4 in.json | cmp - in.json
	capture headroom compress --protect-tool-results 're*' --explain in.json
	has "$error" 'gutter' # lossless is allowed
}

@test "tokens counts texts and requests, and says what they cost" {
	same "$(printf 'hello world' | headroom tokens --json | jq .tokens)" 2
	request >in.json
	capture headroom tokens in.json
	has "$output" 'result Read (2)'
	headroom tokens -m gpt-4o --json in.json | jq -e '.exact and .usd_input > 0 and (.kinds | length) > 2'
	headroom tokens --blocks in.json | grep -q 'messages\[3\].content\[0\].content'
	capture headroom tokens missing
	same "$status" 3
}
