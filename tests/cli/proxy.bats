#!/usr/bin/env bats
# headroom proxy: its life from the option that is wrong to the last signal. What it does with requests is tested in
# tests/proxy.
# shellcheck disable=SC2154,SC2030,SC2031 # the helper sets status, output and error

load helper

# What every option changes, from the line, a variable and a file: tests/unit/test_cli_proxy.c. Here: that they exist.
@test "wrong values end with status 2 before anything is opened" {
	while read -r line; do
		# shellcheck disable=SC2086
		capture headroom proxy $line
		same "$status" 2
		has "$error" "headroom: proxy: ${line%% *}"
		same "$output" ""
	done <<-'END'
		--port 65536
		--workers 0
		--mode fast
		--target-ratio 2
		--protect-recent -1
		--budget -1
		--budget-period yearly
		--rpm 0
		--tpm 0
		--limit-concurrency 0
		--max-connections 0
		--max-keepalive -1
		--keepalive-expiry -1
		--request-timeout-seconds 0
		--connect-timeout-seconds 0
		--retry-max-attempts 11
		--max-body 10
		--drain-timeout 2h
		--log-format xml
		--websocket maybe
		--ready-fd 77
		--control-fd 77
		--idle-exit soon
		--anthropic-api-url api.anthropic.com
		--openai-api-url ftp://x
		--gemini-api-url https://
		--cloudcode-api-url https://x?a
		--chatgpt-api-url https://x:0
		--vertex-api-url x
		--bedrock-api-url x
		--memory-storage nowhere
		--memory-top-k 0
	END
	[[ ! -e $HOME/.headroom ]]
}

@test "a password in a URL is refused and not repeated" {
	capture headroom proxy --openai-api-url https://user:hunter2@x
	same "$status" 2
	[[ $error != *hunter2* ]]
}

@test "a variable or a key that is wrong ends with status 78" {
	HEADROOM_RPM=none capture headroom proxy
	same "$status" 78
	has "$error" "HEADROOM_RPM: 'none' is not a whole number"
	headroom config set proxy.openai_api_url x
	capture headroom proxy
	same "$status" 78
	has "$error" "config.toml:2: proxy.openai_api_url: 'x' begins with neither http:// nor https://"
}

@test "a project's file cannot direct the proxy" {
	mkdir .headroom && printf '[proxy]\nopenai_api_url = "x"\nprice_file = "/x"\nproxy_token_file = "x"\n' >.headroom/config.toml
	capture headroom proxy status -p 1
	same "$status" 3
	capture headroom config get proxy.openai_api_url
	same "$output" https://api.openai.com
	capture headroom config set --project proxy.host 0.0.0.0
	same "$status" 2
}

@test "a default that asks for nothing is no matter" {
	# What ends the run is the port that does not exist.
	HEADROOM_BACKEND=anthropic HEADROOM_TELEMETRY=off HEADROOM_LEARN=0 capture headroom proxy --no-learn --no-code-aware \
		--no-telemetry --region us-west-2 --ready-fd 77
	same "$status" 2
	has "$error" "--ready-fd"
}

@test "what was learned and cannot be read stops the proxy, and stays" {
	mkdir -p "$HOME/.headroom/learn" && echo '{"project":' >"$HOME/.headroom/learn/live.jsonl"
	capture headroom proxy --learn --min-evidence 2 --port 0
	same "$status" 78
	has "$error" "live.jsonl: line 1: not what --learn has written"
	same "$(cat "$HOME/.headroom/learn/live.jsonl")" '{"project":'
}

@test "there is no option for the token itself" {
	capture headroom proxy --proxy-token sesame
	same "$status" 2
	has "$error" "unknown option '--proxy-token'"
	capture headroom proxy --proxy-token-file nowhere
	same "$status" 78
	printf '[alice]\ntoken = "short"\n' >tokens && chmod 600 tokens
	capture headroom proxy --port 0 --tokens-file tokens
	same "$status" 78
	has "$error" "--tokens-file: tokens: line 2: a token has 16 to 1024 bytes"
	capture headroom proxy --port 0 --confine maybe
	same "$status" 2
	capture headroom proxy --port 0 --stateless --user no-such-user
	same "$status" 78
	has "$error" "--user no-such-user: there is no such user here"
}

@test "a subcommand stands directly behind proxy, global options may be between" {
	capture headroom -q proxy -v status -p 1
	same "$status" 3
	capture headroom proxy --port 9 status
	same "$status" 2
	has "$error" "put 'status' directly behind 'proxy'"
	capture headroom proxy statsu
	same "$status" 2
	has "$error" "did you mean 'status'?"
}

@test "status and stop: nobody there is status 3, somebody else 1" {
	for command in status "stop --timeout 1s --force"; do
		# shellcheck disable=SC2086
		capture headroom proxy $command -p 1
		same "$status" 3
		same "$output" ""
		has "$error" "nothing listens at port 1"
	done
	start_stranger
	capture headroom proxy status -p "$port"
	same "$status" 1
	has "$error" "is no headroom"
	capture headroom proxy stop -p "$port"
	same "$status" 1
	kill -0 "$stranger"
}

# A web server that is none of ours; sets port and stranger.
start_stranger() {
	command -v node >/dev/null || skip "no node"
	mkfifo stranger
	node -e '
		const server = require("http").createServer((q, a) => a.end("hello"));
		server.listen(0, "127.0.0.1", () => console.log(server.address().port));' >stranger 2>/dev/null 3>&- &
	stranger=$!
	read -r port <stranger
}

# ---- with a server ---------------------------------------------------------------------------------

teardown() {
	for pid in ${stranger:-} ${proxy:-}; do
		kill -9 "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
}

# start ARGUMENT...: sets proxy, url and port when it listens. Its standard error is in the file log.
start() {
	rm -f ready && mkfifo ready
	headroom proxy --port 0 --ready-fd 4 "$@" 2>log 4>ready 3>&- &
	proxy=$!
	read -r url <ready || { cat log; return 1; }
	port=${url##*:}
}

# stopped: waits for the proxy and keeps its status
stopped() {
	status=0
	wait "$proxy" || status=$?
	proxy=
}

@test "it says where it listens and ends by SIGTERM with status 0" {
	start
	has "$(cat log)" "at $url"
	has "$(cat log)" "ANTHROPIC_BASE_URL=$url claude"
	kill "$proxy"
	stopped
	same "$status" 0
}

@test "-q says nothing" {
	start -q
	kill "$proxy"
	stopped
	same "$status" 0
	same "$(cat log)" ""
}

@test "--idle-exit ends it by itself; list shows it before; --print-config starts nothing" {
	start --idle-exit 1h
	headroom proxy list --json >list.json
	same "$(jq -r '.schema, .proxies[0].url, .proxies[0].pid, .proxies[0].leases' list.json)" "headroom.proxy-list/1
$url
$proxy
0"
	kill "$proxy"
	stopped
	same "$status" 0
	start --idle-exit 1ms
	stopped
	same "$status" 0
	has "$(cat log)" "idle_exit"
	same "$(headroom proxy list)" ""
	same "$(headroom proxy --print-config --mode cache | jq -r '.settings.mode, .given[]')" "cache
mode"
}

@test "status says what /health says; stop ends it" {
	start --mode cache
	capture headroom proxy status -p "$port"
	same "$status" 0
	has "$output" "url          $url"
	has "$output" "pid          $proxy"
	has "$output" "mode         cache"
	has "$output" "version      $(headroom --version | cut -d' ' -f2)"
	headroom proxy status --port "$port" --json >status.json
	same "$(jq -r '.schema, .url, .pid, .mode, .ready, .requests' status.json)" "headroom.proxy-status/1
$url
$proxy
cache
true
0"
	capture headroom proxy stop -p "$port"
	same "$status" 0
	stopped
	same "$status" 0
	capture headroom proxy status -p "$port"
	same "$status" 3
}

@test "status and stop need no token" {
	HEADROOM_PROXY_TOKEN=sesame start
	capture headroom proxy status -p "$port"
	has "$output" "pid          $proxy"
	capture headroom proxy stop -p "$port"
	same "$status" 0
	stopped
}

@test "a port that is taken is said with who has it" {
	start
	capture headroom proxy -p "$port"
	same "$status" 75
	has "$error" "port $port is taken by headroom"
	has "$error" "(pid $proxy)"
	has "$error" "headroom proxy stop -p $port"
	kill "$proxy"
	stopped
	start_stranger
	capture headroom proxy -p "$port"
	same "$status" 75
	has "$error" "(pid $stranger): choose another with --port"
}

@test "events are JSON lines with --log-format json" {
	start --log-format json
	kill "$proxy"
	stopped
	same "$status" 0
	jq -e . log >/dev/null
	same "$(jq -r 'select(.event == "listening") | .url' log)" "$url"
}

@test "SIGHUP reads limits anew, a broken file changes nothing" {
	command -v node >/dev/null || skip "no node"
	start_manager
	headroom config set proxy.rpm 1000
	NOTIFY_SOCKET=$PWD/notify.sock start
	expect_note READY=1
	headroom config set proxy.rpm 1
	kill -HUP "$proxy"
	expect_note RELOADING=1
	expect_note READY=1
	echo 'rpm = = 1' >"$(headroom config path)"
	kill -HUP "$proxy"
	expect_note RELOADING=1
	expect_note READY=1
	has "$(cat log)" config.toml
	kill "$proxy"
	expect_note STOPPING=1
	stopped
	same "$status" 0
}

# A socket as systemd has it; what comes there goes line by line to fd 5. Datagram sockets of that kind are not in
# node's library: the perl of the base system has them.
start_manager() {
	mkfifo notes
	perl -MSocket -e '
		$| = 1;
		socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die;
		bind($s, sockaddr_un("notify.sock")) or die;
		print "bound\n";
		while (defined(recv($s, my $m, 4096, 0))) { print map { "$_\n" } split /\n/, $m }' >notes 3>&- &
	stranger=$!
	exec 5<notes
	read -r _ <&5
}

# expect_note LINE: waits until it comes
expect_note() {
	while read -r -t 20 note <&5; do
		[[ $note != "$1" ]] || return 0
	done
	echo "no $1"
	return 1
}

# ---- options, by what a client or a reader of the log sees ------------------------------------------

# The banner without what differs from run to run.
banner() {
	sed -e '/^headroom /d' -e '/_BASE_URL=/d' -e '/^[0-9]/d' log
	kill "$proxy"
	stopped
	same "$status" 0
}

@test "the banner says what becomes of code and prose" {
	start --code-aware
	banner >shown
	has "$(cat shown)" "outlines of code, "
	has "$(cat shown)" "prose     by the built-in engine"
	start --disable-kompress
	banner >shown
	has "$(cat shown)" "prose     stays whole"
	if grep -q "outlines of code" shown; then return 1; fi
}

@test "flags go before the file, both ways" {
	start --log-file l.jsonl
	banner >plain
	for key in proxy.optimize proxy.cache proxy.rate_limit proxy.http2; do headroom config set "$key" false; done
	for key in proxy.log_messages proxy.stateless proxy.telemetry compress.lossless; do headroom config set "$key" true; done
	start --log-file l.jsonl --optimize --cache --rate-limit --http2 --no-log-messages --no-stateless \
		--no-telemetry --no-lossless
	banner >again
	diff plain again
	start -v --no-stateless --log-file l.jsonl
	banner >other
	has "$(cat other)" "off       compression (mode token), response cache, token, HTTP/2 to upstreams, tool headroom_retrieve"
	has "$(cat other)" "messages in the log file, store, telemetry (kept here)"
	has "$(cat other)" "no rate limit"
	start --no-optimize --no-cache --no-rate-limit --no-http2 --log-messages --no-stateless --log-file l.jsonl --telemetry
	banner >again
	diff other again
	start --stateless --lossless --optimize
	banner >again
	has "$(cat again)" "on        compression (mode token), lossless only"
}

# ask LINE...: the status of GET /livez with these header lines
ask() {
	local code
	exec 6<>"/dev/tcp/127.0.0.1/$port"
	{ printf 'GET /livez HTTP/1.1\r\nConnection: close\r\n'; printf '%s\r\n' "$@" ''; } >&6
	read -r _ code _ <&6
	exec 6>&-
	echo "$code"
}

@test "--host, --allowed-hosts and --cors-origins say who may ask under which name" {
	start --host 127.0.0.1
	same "$(ask 'Host: 127.0.0.1')" 200
	same "$(ask 'Host: proxy.example')" 403
	same "$(ask 'Host: 127.0.0.1' 'Origin: http://page.example')" 403
	kill "$proxy"
	stopped
	start --allowed-hosts proxy.example,other --cors-origins http://page.example
	same "$(ask 'Host: proxy.example')" 200
	same "$(ask 'Host: 127.0.0.1' 'Origin: http://page.example')" 200
	same "$(ask 'Host: 127.0.0.1' 'Origin: http://page2.example')" 403
	kill "$proxy"
	stopped
	capture headroom proxy --host 203.0.113.1 --port 0
	[[ $status != 0 ]]
	has "$error" 203.0.113.1
}

@test "--price-file must be there and hold prices" {
	capture headroom proxy --price-file nowhere.json --port 0
	[[ $status != 0 ]]
	has "$error" nowhere.json
	echo '{' >prices.json
	capture headroom proxy --price-file prices.json --port 0
	[[ $status != 0 ]]
	has "$error" prices.json
}

# An upstream that answers with what it got; sets provider. Its process is the stranger.
start_provider() {
	command -v node >/dev/null || skip "no node"
	mkfifo stranger
	node -e '
		const server = require("http").createServer((q, a) => {
			const parts = [];
			q.on("data", part => parts.push(part));
			q.on("end", () => a.setHeader("content-type", "application/json").end(Buffer.concat(parts)));
		});
		server.listen(0, "127.0.0.1", () => console.log(server.address().port));' >stranger 2>/dev/null 3>&- &
	stranger=$!
	read -r provider <stranger
}

# forwarded ARGUMENT...: what a proxy with these options makes of request.json
forwarded() {
	start --anthropic-api-url "http://127.0.0.1:$provider" "$@"
	exec 6<>"/dev/tcp/127.0.0.1/$port"
	printf 'POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nx-api-key: k\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n' \
		"$(stat -c %s request.json)" >&6
	cat request.json >&6
	sed '1,/^\r$/d' <&6
	exec 6>&-
	kill "$proxy"
	stopped
}

@test "options of compression reach the request" {
	start_provider
	jq -cn --arg text "$(for i in 1 2 3 4 5 6; do printf '\033[1mhead %s\033[0m of a text that is long enough\n' $i; done)" '
		{model: "claude-opus-4", max_tokens: 1, messages: [
			{role: "user", content: "look"},
			{role: "assistant", content: [{type: "tool_use", id: "a", name: "Bash", input: {command: "x"}}]},
			{role: "user", content: [{type: "tool_result", tool_use_id: "a", content: $text}]}]}' >request.json
	forwarded >got
	((status == 0))
	[[ $(cat got) == *"head 6 of"* && $(cat got) != *u001b* ]]
	for options in --no-optimize "--protect-recent 1" "--mode cache"; do
		# shellcheck disable=SC2086
		forwarded $options >got
		diff request.json got || { echo "with $options"; return 1; }
	done
	# What begins every line may be said once, but colours stay.
	for options in --lossless --disable-kompress "--protect-tool-results ba*"; do
		# shellcheck disable=SC2086
		forwarded $options >got
		grep -q u001b got || { echo "with $options"; return 1; }
	done
}

@test "--no-ccr-... say that --ccr off leaves them nothing to do" {
	for option in --no-ccr-inject-tool --no-ccr-marker --no-ccr-proactive-expansion --code-aware; do
		headroom proxy --print-config --ccr off "$option" 2>err >/dev/null
		grep -q -e "$option has no effect with --ccr off" err
		headroom proxy --print-config "$option" 2>err >/dev/null
		same "$(cat err)" ""
	done
	headroom proxy --print-config --no-optimize --no-read-lifecycle 2>err >/dev/null
	grep -q -e "--no-read-lifecycle has no effect with --no-optimize" err
	headroom proxy --print-config --intercept-tool-results --lossless 2>err >/dev/null
	grep -q -e "--intercept-tool-results has no effect with --lossless" err
	headroom proxy --print-config --ccr on --lossless 2>err >/dev/null
	grep -q -e "--ccr has no effect with --lossless" err
}

@test "--holdout is a share of conversations, and says when there is nothing to hold out" {
	for value in 1.5 -0.1 some; do
		capture headroom proxy --print-config --holdout "$value"
		same "$status" 2
		has "$error" "--holdout"
	done
	same "$(headroom proxy --print-config --holdout 0.25 | jq -r '.settings.holdout')" 0.25
	same "$(HEADROOM_HOLDOUT=0.1 headroom proxy --print-config | jq -r '.settings.holdout')" 0.1
	headroom proxy --print-config --holdout 0.1 --no-optimize 2>err >/dev/null
	grep -q -e "--holdout has no effect with --no-optimize" err
}

@test "options of memory say that they do nothing without --memory" {
	for option in "--memory-db-path m.db" "--memory-project-root ." --no-memory-tools --no-memory-context --memory-native-tool; do
		# shellcheck disable=SC2086
		headroom proxy --print-config $option 2>err >/dev/null
		grep -q -e "${option%% *} has no effect without --memory" err
		# shellcheck disable=SC2086
		headroom proxy --print-config --memory $option 2>err >/dev/null
		same "$(cat err)" ""
	done
}

@test "--bedrock-profile that is not there stops the program" {
	capture headroom proxy --port 0 --backend bedrock --bedrock-profile nobody
	same "$status" 78
	has "$error" "nobody"
}

@test "memories that could never be written are an error at the start" {
	echo text >file
	capture headroom proxy --port 0 --memory --memory-db-path file/m.db
	[ "$status" -ne 0 ]
	has "$error" "memories: "
	same "$(cat file)" text
}
