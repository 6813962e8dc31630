#!/usr/bin/env bats
# The model that says which sentences of prose matter, and how one is had.
# shellcheck disable=SC2154 # the helper sets status, output and error

load helper

models=$BATS_TEST_DIRNAME/../kompress

# A result of sentences that could all go.
prose_request() {
	for i in $(seq 101 120 | tr 0-9 a-j); do
		printf 'The %s people of the %stown walk to the river and talk about %swards. Some %ss stay over there in the house.\n\n' "$i" "${i}q" "x$i" "$i$i"
	done | jq -Rsc '{model: "gpt-4o", messages: [
		{role: "user", content: "look"},
		{role: "assistant", tool_calls: [{id: "a", type: "function", function: {name: "mcp_docs", arguments: "{}"}}]},
		{role: "tool", tool_call_id: "a", content: .}]}' >request.json
}

shown() {
	headroom compress request.json --ccr on --verify "$@" | jq -r '.messages[-1].content'
}

@test "a model says which sentences stay" {
	prose_request
	shown --target-ratio 0.5 >built-in
	shown --target-ratio 0.5 --kompress-model "$models/plain" >plain
	shown --target-ratio 0.5 --kompress-model "$models/plain" >again
	HEADROOM_KOMPRESS_MODEL=$models/dual shown --target-ratio 0.5 >dual
	for one in built-in plain dual; do
		grep -q '^\[prose: .* left out' "$one" || { cat "$one"; return 1; }
	done
	cmp plain again
	if cmp -s built-in plain || cmp -s plain dual; then return 1; fi
}

@test "--explain says where more stays than --target-ratio asks for" {
	prose_request
	capture headroom compress --ccr on --explain request.json
	has "$error" "prose: "
	if [[ $error == *"asked for"* ]]; then printf '%s\n' "$error"; return 1; fi
	sed -i 's/ people of/ 12 people of/g' request.json # half of the sentences have a number
	capture headroom compress --ccr on --target-ratio 0.1 --explain request.json
	has "$error" "prose: "
	has "$error" "of it left where 0.10 was asked for"
}

@test "a model that cannot be read is an error before anything is done" {
	prose_request
	capture headroom compress request.json --kompress-model nowhere
	same "$status" 78
	has "$error" "--kompress-model: cannot open nowhere/tokenizer.json"
	cp -r "$models/plain" bad
	head -c 1000 "$models/plain/model.safetensors" >bad/model.safetensors
	capture headroom compress request.json --kompress-model bad
	same "$status" 78
	has "$error" "bad/model.safetensors"
	capture headroom proxy --port 0 --kompress-model bad
	same "$status" 78
	has "$error" "bad/model.safetensors"
}

# hub WAY: a hub of models on this machine; sets url
hub() {
	node "$BATS_TEST_DIRNAME/hub.mjs" "$models/plain" "$1" >port 3>&- &
	hub=$!
	for _ in $(seq 200); do
		[ -s port ] && break
		sleep 0.05
	done
	url=http://127.0.0.1:$(cat port)
}

teardown() {
	[ -z "${hub:-}" ] || kill "$hub"
}

@test "kompress pull fetches a model, and goes on where it was broken off" {
	for way in cut whole; do
		hub $way
		capture headroom kompress pull some/model --hub "$url" --dir $way
		same "$status" 69
		has "$error" model.safetensors
		[ -s $way/model.safetensors.part ]
		[ ! -e $way/model.safetensors ]
		capture headroom kompress pull some/model --hub "$url/" --dir $way
		same "$status" 0
		has "$output" "$way/config.json: there already"
		has "$output" "$(sha256sum <"$models/plain/model.safetensors" | cut -d' ' -f1)  $way/model.safetensors"
		for file in config.json tokenizer.json model.safetensors; do
			cmp "$models/plain/$file" $way/$file
		done
		[ ! -e $way/model.safetensors.part ]
		kill "$hub"
		hub=
	done
	prose_request
	shown --target-ratio 0.5 --kompress-model cut | grep -q 'left out'
}

@test "kompress pull tells what it cannot have" {
	hub lie
	capture headroom kompress pull some/model --hub "$url" --dir lie
	same "$status" 5
	has "$error" SHA-256
	[ ! -e lie/model.safetensors.part ]
	capture headroom kompress pull no/model --hub "$url" --dir lie2
	same "$status" 3
	capture headroom kompress pull --hub http://example.org
	same "$status" 2
	has "$error" "expected https://"
	for name in model ../x a/.. a/b/c 'a/b?c'; do
		capture headroom kompress pull "$name" --hub "$url"
		same "$status" 2
	done
	capture env HEADROOM_KOMPRESS_HUB=http://127.0.0.1:1 headroom kompress pull
	same "$status" 69
	has "$error" "127.0.0.1:1/chopratejas/kompress-base/resolve/main/config.json"
}

@test "kompress status and path say where a model is and whether it can be used" {
	same "$(headroom kompress path)" "$HOME/.headroom/models/chopratejas/kompress-base"
	same "$(headroom kompress path a/b)" "$HOME/.headroom/models/a/b"
	same "$(headroom kompress path --dir x)" x
	capture headroom kompress status
	same "$status" 3
	has "$output" "not there"
	capture headroom kompress status --dir "$models/plain" --json
	same "$status" 0
	same "$(echo "$output" | jq -c '[.schema, .usable, .error]')" '["headroom.kompress-status/1",true,null]'
	mkdir bad
	cp "$models"/plain/*.json bad
	echo >bad/model.safetensors
	capture headroom kompress status --dir bad
	same "$status" 65
	has "$output" bad/model.safetensors
}

@test "--output-shaper and --verbosity-level are what a proxy is started with" {
	settings() {
		headroom proxy --print-config "$@" 2>err | jq -r '.settings | "\(.["output-shaper"]) \(.["verbosity-level"])"'
	}
	same "$(settings)" "false 2"
	same "$(settings --output-shaper --verbosity-level 3)" "true 3"
	same "$(HEADROOM_OUTPUT_SHAPER=1 HEADROOM_VERBOSITY_LEVEL=4 settings)" "true 4"
	same "$(HEADROOM_OUTPUT_SHAPER=1 settings --no-output-shaper)" "false 2"
	settings --verbosity-level 3
	has "$(cat err)" "--verbosity-level has no effect without --output-shaper"
	capture headroom proxy --print-config --verbosity-level 5
	same "$status" 2
}

@test "--effort-routing is what a proxy is started with" {
	settings() {
		headroom proxy --print-config "$@" 2>err | jq -r '.settings["effort-routing"]'
	}
	same "$(settings)" false
	same "$(settings --effort-routing)" true
	same "$(HEADROOM_EFFORT_ROUTING=1 settings)" true
	same "$(HEADROOM_EFFORT_ROUTING=1 settings --no-effort-routing)" false
	settings --effort-routing --no-optimize
	has "$(cat err)" "--effort-routing has no effect with --no-optimize"
}
