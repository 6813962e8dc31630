#!/usr/bin/env bats
# Every option changes something. (Those of compress that are about its work: compress.bats.)
# shellcheck disable=SC2154 # the helper sets status, output and error

load helper

# A request with a result of 40 numbered lines that stand there twice, the second time between colours.
request() {
	jq -cn --arg a "$(seq -f 'a line that says %g things' 40)" \
		--arg b "$(printf '\033[1mhead\033[0m\n'; seq -f 'a line that says %g things' 40)" '
		{model: "gpt-4o", messages: [
			{role: "user", content: "look"},
			{role: "tool", tool_call_id: "a", content: $a},
			{role: "tool", tool_call_id: "b", content: $b}]}' >request.json
}

# report ARGUMENT...: the JSON report of compressing the request
report() {
	headroom compress request.json -o small.json --report report.json "$@"
	cat report.json
}

@test "every option of every command occurs in a test" {
	while read -r command; do
		for option in $(long_options "$command"); do
			grep -q -e "--$option\\b" "$root"/tests/cli/*.bats || { echo "$command: no test of --$option"; return 1; }
		done
	done < <(commands)
}

@test "--model decides the tokenizer, from the line, the environment, the project or the user" {
	request
	same "$(report | jq -r .tokenizer)" o200k_base
	same "$(report --model gpt-4 | jq -r .tokenizer)" cl100k_base
	headroom config set compress.model gpt-4
	same "$(report | jq -r .model)" gpt-4
	headroom config set --project compress.model gpt-3.5-turbo
	same "$(report | jq -r .model)" gpt-3.5-turbo
	same "$(HEADROOM_MODEL=gpt-5 report | jq -r .model)" gpt-5
	same "$(HEADROOM_MODEL=gpt-5 report --model o1 | jq -r .model)" o1
	same "$(echo text | headroom tokens --model gpt-4 --json | jq -r .tokenizer)" cl100k_base
}

@test "--format forces a form" {
	request
	same "$(report | jq -r .format)" request
	same "$(report --format text | jq -r .format)" text
	same "$(headroom tokens --format text --json request.json | jq -r .format)" text
}

@test "--output writes a file in one step, - is standard output" {
	request
	same "$(headroom compress --output small.json request.json)" ""
	same "$(headroom compress --output - request.json)" "$(cat small.json)"
	capture headroom compress --output /nowhere/small.json request.json
	[[ $status != 0 ]]
}

@test "--store names the database of originals" {
	request
	key=$(report --ccr on --store here.db | jq -r '[.blocks[].ccr_hash // empty][0]')
	[[ -s here.db && ! -e $HOME/.headroom/store.db ]]
	headroom retrieve --store here.db "$key" --output got
	grep -q '^a line that says 40 things$' got
	capture headroom retrieve "$key"
	same "$status" 3
}

@test "--lossless and --no-lossless overrule the file" {
	request
	headroom config set compress.lossless true
	has "$(headroom compress request.json)" '\u001b[1m'
	[[ $(headroom compress --no-lossless request.json) != *u001b* ]]
}

@test "--target-ratio stops when enough is gone" {
	request
	enough=$(report --target-ratio 0.99 | jq .tokens_after)
	least=$(report | jq .tokens_after)
	((enough >= least))
	capture headroom compress --target-ratio 1.5 request.json
	has "$error" "--target-ratio: 1.5 is out of range (from 0.01 to 1)"
}

@test "--mode cache leaves a prompt alone that is too short to be cached" {
	request
	same "$(report --mode cache | jq .changed)" 0
	[[ $(report --mode token | jq .changed) != 0 ]]
	capture headroom -v compress --mode cost_savings request.json
	has "$error" "note: --mode: 'cost_savings' is an old name of"
}

@test "--exclude-tools and --min-tokens leave what they name, --tool-profile and --savings-profile are read" {
	request
	[[ $(report | jq .changed) != 0 ]]
	same "$(report --min-tokens 5000 | jq .changed)" 0
	same "$(HEADROOM_MIN_TOKENS=5000 report | jq .changed)" 0
	same "$(report --exclude-tools 'x,*' | jq .changed)" 0
	same "$(report --savings-profile balanced --min-tokens 11 | jq .changed)" "$(report | jq .changed)"
	same "$(report --savings-profile balanced --min-tokens 6000 | jq .changed)" 0
	same "$(report --tool-profile 'Bash=aggressive,*=conservative' | jq .changed)" "$(report | jq .changed)"
	capture headroom compress --tool-profile Bash=gentle request.json
	same "$status" 2
	has "$error" "--tool-profile: 'Bash=gentle' is not TOOL=conservative, TOOL=moderate or TOOL=aggressive"
	capture headroom compress --min-tokens 0 request.json
	same "$status" 2
	capture headroom compress --savings-profile agent-99 request.json
	same "$status" 2
}

@test "--protect-analysis-context leaves nothing out of what is to be reviewed" {
	rows=$(jq -cn '[range(400) | {id: ., name: "n\(. * 7919 % 1000)", size: (. * 31 % 97)}]')
	jq -cn --arg rows "$rows" '{model: "gpt-4o", messages: [{role: "user", content: "Please review it."}, {role: "tool", tool_call_id: "a", content: $rows}]}' >request.json
	same "$(headroom compress --ccr on --store s.db --protect-analysis-context request.json | grep -c 'headroom retrieve')" 0
	same "$(headroom compress --ccr on --store s.db request.json | grep -c 'headroom retrieve')" 1
	same "$(HEADROOM_PROTECT_ANALYSIS_CONTEXT=1 headroom compress --ccr on --store s.db --no-protect-analysis-context request.json | grep -c 'headroom retrieve')" 1
	sed -i 's/review/run/' request.json
	same "$(headroom compress --ccr on --store s.db --protect-analysis-context request.json | grep -c 'headroom retrieve')" 1
}

@test "--trim-tools shortens what says nothing in definitions of tools, and --verify proves it" {
	jq -cn '{model: "claude-opus-4", tools: [{name: "read_file", description: "Reads.  \n\n\n\nA file.", input_schema: {
		"$schema": "http://json-schema.org/draft-07/schema#", title: "Read File", type: "object",
		properties: {file_path: {title: "File Path", type: "string"}}}}], messages: [{role: "user", content: "look"}]}' >request.json
	headroom compress request.json | cmp - request.json
	headroom compress --trim-tools --lossless request.json | cmp - request.json
	headroom compress --trim-tools --verify request.json >small.json
	same "$(jq -c '.tools[0]' small.json)" '{"name":"read_file","description":"Reads.\n\nA file.","input_schema":{"type":"object","properties":{"file_path":{"type":"string"}}}}'
	HEADROOM_TRIM_TOOLS=1 headroom compress request.json | cmp - small.json
	HEADROOM_TRIM_TOOLS=1 headroom compress --no-trim-tools request.json | cmp - request.json
}

@test "--jobs works on files side by side with the same results" {
	request
	headroom compress request.json >small.json
	mkdir many
	for i in 1 2 3 4 5 6; do cp request.json many/$i.json; done
	headroom compress --in-place --jobs 3 many/*.json
	for i in 1 2 3 4 5 6; do cmp small.json many/$i.json; done
}

@test "--verbose sums up, --quiet says nothing" {
	request
	capture headroom compress request.json
	same "$error" ""
	capture headroom compress --verbose request.json
	has "$error" "compress: "
	HEADROOM_NOBODY=1 capture headroom compress --quiet request.json
	same "$error" ""
}

@test "version --features tells what the binary was built with" {
	has "$(headroom version --features)" "compiler"
}

@test "a value that is out of range names variable or key, and the range" {
	request
	HEADROOM_TARGET_RATIO=7 capture headroom compress request.json
	same "$status:$error" "78:headroom: compress: HEADROOM_TARGET_RATIO: 7 is out of range (from 0.01 to 1)"
	mkdir -p .headroom && printf '[compress]\nmax_input = "1T"\n' >.headroom/config.toml
	capture headroom compress request.json
	same "$status:$error" "78:headroom: compress: .headroom/config.toml:2: compress.max_input: 1T is out of range (from 1k to 256M)"
	capture headroom --no-config compress request.json
	same "$status" 0
}

@test "a project's file cannot say where originals are kept" {
	request
	mkdir -p .headroom && printf '[store]\nfile = "/tmp/elsewhere.db"\n[compress]\nmoed = 1\n' >.headroom/config.toml
	capture headroom compress request.json
	same "$status" 0
	has "$error" "warning: .headroom/config.toml:2: store.file cannot be set by a project; ignored"
	has "$error" "warning: .headroom/config.toml:4: unknown key 'compress.moed' (did you mean 'compress.mode'?); ignored"
}

@test "a shared store: the password is shown nowhere, what is useless is warned of" {
	HEADROOM_STORE_URL='redis://me:sesame@box:7/1' capture headroom config get proxy.store_url
	same "$status:$output" "0:redis://***@box:7/1"
	HEADROOM_STORE_WAIT=1s capture headroom proxy --print-config
	has "$error" "HEADROOM_STORE_WAIT has no effect without --store-url"
	capture headroom proxy --print-config --store-url redis://box --store-namespace a:b
	same "$status" 2
	has "$error" "--store-namespace: a name is 1 to 64 letters"
	capture headroom proxy --print-config --store-url redis://box --store-password-file nowhere
	[[ $status != 0 ]]
	has "$error" nowhere
	capture headroom proxy --print-config --store-url redis://box --store-wait never
	same "$status" 2
	has "$error" "--store-wait"
}
