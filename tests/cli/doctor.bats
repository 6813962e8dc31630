#!/usr/bin/env bats
# headroom doctor: what it finds, its exit statuses, what it repairs. Each check is made to fail once.
# shellcheck disable=SC2154,SC2030,SC2031 # the helper sets status, output and error

load helper

teardown() {
	for pid in ${proxy:-} ${stranger:-}; do
		kill -9 "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
}

# start_proxy ARGUMENT...: one at a free port; its process in $proxy, its URL in $url, its port in $port.
start_proxy() {
	mkfifo ready
	headroom proxy --port 0 --ready-fd 7 "$@" 7>ready 2>proxy.err 3>&- &
	proxy=$!
	read -r url <ready
	port=${url##*:}
}

# finding CHECK ARGUMENT...: "status text" of its first row
finding() {
	headroom doctor --json "$@" 2>err | jq -r '.checks[0] | .status + " " + .text'
}

# A port where nobody listens: it was somebody's a moment ago.
free_port() {
	start_proxy --stateless
	kill "$proxy"
	wait "$proxy"
	proxy=
	rm ready
}

@test "a machine where nothing is wrong ends with 0, and nothing is written" {
	free_port
	headroom config set proxy.port "$port"
	rm -r "$HOME/.headroom"
	capture headroom doctor
	same "$status" 0
	has "$output" "all is well"
	same "$error" ""
	[[ ! -e $HOME/.headroom ]]
}

@test "a real conversation becomes smaller on its way, and nothing else changes" {
	has "$(finding path)" "pass "
	has "$(finding path)" "all else was the same"
	capture headroom doctor path
	same "$status" 0
}

@test "a path that saves nothing is seen" {
	HEADROOM_OPTIMIZE=0 capture headroom doctor path
	same "$status" 1
	has "$output" "--no-optimize"
	headroom config set compress.protect_recent 100
	capture headroom doctor path
	same "$status" 2
	has "$output" "none saved"
}

@test "a proxy that does not start is a failed check, in its own words" {
	HEADROOM_WORKERS=1 SSL_CERT_FILE=/nowhere capture headroom doctor path certificates
	same "$status" 2
	has "$output" "SSL_CERT_FILE: /nowhere"
	has "$(SSL_CERT_FILE=/nowhere finding path)" "fail the proxy did not start"
}

@test "the proxy that runs: reachable, of this version, asked for a token, and it saves" {
	start_proxy --stateless
	capture headroom doctor -p "$port" proxy version bind compression --strict
	same "$status" 0
	has "$output" "runs at $url"
	has "$output" "the proxy makes"
	capture headroom doctor --port "$port"
	same "$status" 0
}

@test "a proxy that optimises nothing is a warning, 2 with --strict" {
	start_proxy --stateless --no-optimize
	capture headroom doctor -p "$port" compression
	same "$status" 1
	capture headroom doctor -p "$port" compression --strict
	same "$status" 2
}

@test "a proxy with a token: without it a warning, with it from a file all is well" {
	HEADROOM_PROXY_TOKEN=sesame start_proxy --stateless
	HEADROOM_PROXY_TOKEN='' capture headroom doctor -p "$port" compression
	same "$status" 1
	echo sesame >token && chmod 600 token
	capture headroom doctor -p "$port" compression --proxy-token-file token
	same "$status" 0
}

@test "another user who listens at the port is not shown the token" {
	[ "$(id -u)" = 0 ] || skip "not root"
	setpriv --reuid=65534 --clear-groups node -e '' 2>/dev/null || skip "no node for another user"
	mkfifo stranger
	setpriv --reuid=65534 --clear-groups node -e '
		const server = require("http").createServer((q, a) => {
			if (q.url === "/health")
				return a.end("{\"service\":\"headroom-proxy\",\"ready\":true}");
			if (q.headers["x-headroom-proxy-token"])
				console.log("shown");
			a.writeHead(401).end();
		});
		server.listen(0, "127.0.0.1", () => console.log(server.address().port));' >stranger 2>/dev/null 3>&- &
	stranger=$!
	exec 4<stranger
	read -r port <&4
	HEADROOM_PROXY_TOKEN=sesame capture headroom doctor -p "$port" compression
	has "$output" "is another user's"
	same "$status" 0
	kill "$stranger"
	same "$(cat <&4)" ''
	exec 4<&-
}

@test "nothing at a port that was given is a failed check" {
	free_port
	capture headroom doctor -p "$port" proxy
	same "$status" 2
	HEADROOM_PORT=$port capture headroom doctor
	same "$status" 2
	has "$output" "nothing listens at port $port"
	headroom config set proxy.port "$port"
	capture headroom doctor
	same "$status" 2
}

@test "something else at the port: a warning, and a failed check where a proxy was expected" {
	command -v node >/dev/null || skip "no node"
	mkfifo stranger
	node -e '
		const server = require("http").createServer((q, a) => a.end("hello"));
		server.listen(0, "127.0.0.1", () => console.log(server.address().port));' >stranger 2>/dev/null 3>&- &
	stranger=$!
	read -r port <stranger
	capture headroom doctor -p "$port" proxy compression version
	same "$status" 2
	has "$output" "is no headroom"
	has "$output" "(process $stranger)"
	has "$output" "skip  compression"
}

@test "a proxy that other machines can use is all right when it asks for its token" {
	export HEADROOM_PROXY_TOKEN=sesame
	start_proxy --stateless --host 0.0.0.0
	capture headroom doctor -p "$port" bind
	same "$status" 0
	has "$output" "clients must show a token"
}

@test "a proxy that other machines could use without a token is a failed check" {
	HEADROOM_HOST=0.0.0.0 capture headroom doctor bind
	same "$status" 2
	HEADROOM_HOST=0.0.0.0 HEADROOM_PROXY_TOKEN=sesame capture headroom doctor bind
	same "$status" 0
	start_proxy --stateless --host 0.0.0.0
	capture headroom doctor -p "$port" bind
	same "$status" 2
	has "$output" "asks for no token"
}

@test "a configuration that cannot be read is a failed check, and the others are done" {
	free_port
	mkdir -p "$HOME/.headroom/config" && echo 'nonsense' >"$HOME/.headroom/config/config.toml"
	chmod 700 "$HOME/.headroom" && chmod 600 "$HOME/.headroom/config/config.toml"
	capture headroom doctor -p "$port"
	same "$status" 2
	has "$output" "config.toml"
	has "$output" "skip  path"
}

@test "a variable that leads to a dead port is a failed check; one that leads elsewhere is none" {
	free_port
	ANTHROPIC_BASE_URL=http://127.0.0.1:$port capture headroom doctor routing
	same "$status" 2
	has "$output" "unset ANTHROPIC_BASE_URL"
	OPENAI_BASE_URL=https://gateway.example/v1 capture headroom doctor routing
	same "$status" 0
}

@test "within a session of wrap: information, no warning" {
	start_proxy --stateless
	HEADROOM_PROXY_URL=$url ANTHROPIC_BASE_URL=$url capture headroom doctor routing
	same "$status" 0
	has "$output" "session of 'headroom wrap'"
}

@test "dead URLs in settings, under the variables of their homes; --fix takes ours out and no other" {
	free_port
	mkdir claude codex .claude
	printf '{\n\t// mine\n\t"model": "opus",\n\t"env": {"ANTHROPIC_BASE_URL": "http://127.0.0.1:%s", "A": "1"},\n}\n' \
		"$port" >claude/settings.json
	printf 'model = "x" # mine\nopenai_base_url = "http://localhost:%s/v1"\n[profiles.x]\nopenai_base_url = "kept"\n' \
		"$port" >codex/config.toml
	# a gateway of the user's that is down at the moment
	printf '{"env":{"ANTHROPIC_BASE_URL":"http://127.0.0.1:1"}}' >.claude/settings.local.json
	export CLAUDE_CONFIG_DIR=$PWD/claude CODEX_HOME=$PWD/codex
	capture headroom doctor -p "$port" routing
	same "$status" 2
	has "$output" "claude/settings.json"
	has "$output" "codex/config.toml"
	capture headroom doctor -p "$port" routing --fix
	same "$status" 2
	same "$(cat claude/settings.json)" $'{\n\t// mine\n\t"model": "opus",\n\t"env": {"A": "1"},\n}'
	same "$(cat codex/config.toml)" $'model = "x" # mine\n[profiles.x]\nopenai_base_url = "kept"'
	has "$(cat .claude/settings.local.json)" "127.0.0.1:1"
	[[ $(find "$HOME/.headroom/backups" -type f | wc -l) == 2 ]]
	rm .claude/settings.local.json
	capture headroom doctor -p "$port" routing
	same "$status" 0
}

@test "settings that cannot be read are a warning, and --fix leaves them alone" {
	mkdir -p "$HOME/.claude" && echo '{"env": ' >"$HOME/.claude/settings.json"
	capture headroom doctor routing --fix
	same "$status" 1
	has "$output" "settings.json"
	same "$(cat "$HOME/.claude/settings.json")" '{"env": '
}

@test "files that a killed proxy left are a warning that --fix repairs; those of a living one stay" {
	mkdir -p "$HOME/.headroom/run" && chmod 700 "$HOME/.headroom" "$HOME/.headroom/run"
	echo '{"pid":2147483647,"start_time":1}' >"$HOME/.headroom/run/proxy-4.json"
	touch "$HOME/.headroom/run/proxy-4.sock"
	start_proxy
	capture headroom doctor runs
	same "$status" 1
	has "$output" "a proxy at port 4 has left its files"
	has "$output" "a proxy runs at port $port (process $proxy)"
	capture headroom doctor runs --fix
	same "$status" 0
	has "$output" "(fixed)"
	[[ ! -e $HOME/.headroom/run/proxy-4.json && ! -e $HOME/.headroom/run/proxy-4.sock ]]
	[[ -e $HOME/.headroom/run/proxy-$port.json ]]
}

@test "rights of other users to our files: a warning and failed checks that --fix repairs" {
	mkdir -p "$HOME/.headroom/config" && chmod 755 "$HOME/.headroom"
	echo 'HEADROOM_PROXY_TOKEN=x' >"$HOME/.headroom/config/proxy.env"
	chmod 644 "$HOME/.headroom/config/proxy.env"
	capture headroom doctor workspace
	same "$status" 1
	capture headroom doctor secrets
	same "$status" 2
	capture headroom doctor workspace secrets --fix
	same "$status" 0
	same "$(stat -c %a "$HOME/.headroom" "$HOME/.headroom/config/proxy.env" | xargs)" "700 600"
}

@test "a damaged store is a failed check" {
	seq 300 >lines && headroom compress --ccr on lines >/dev/null
	has "$(finding store)" "pass "
	# the pages after the first, so that it still is a database of ours
	dd if=/dev/urandom of="$HOME/.headroom/store.db" bs=4096 seek=1 count=8 conv=notrunc status=none
	rm -f "$HOME/.headroom/store.db-wal" "$HOME/.headroom/store.db-shm"
	capture headroom doctor store
	same "$status" 2
	echo 'no database' >"$HOME/.headroom/store.db"
	capture headroom doctor store
	same "$status" 2
}

@test "large logs and a clock that went back are warnings" {
	mkdir -p "$HOME/.headroom/logs"
	truncate -s 300M "$HOME/.headroom/logs/proxy.log"
	touch -d '+2 hours' "$HOME/.headroom/store.db"
	capture headroom doctor logs
	same "$status" 1
	capture headroom doctor clock
	same "$status" 1
}

@test "certificates that cannot be read" {
	SSL_CERT_FILE=/nowhere capture headroom doctor certificates
	same "$status" 2
	NODE_EXTRA_CA_CERTS=/nowhere capture headroom doctor certificates
	same "$status" 1
}

@test "--json is one document of the schema, with what --fix did" {
	mkdir -p "$HOME/.headroom" && chmod 755 "$HOME/.headroom"
	same "$(headroom doctor --json workspace | jq -c '[.schema, .exit_code, .checks[0].fixable, .checks[0].fixed]')" \
		'["headroom.doctor/1",1,true,false]'
	same "$(headroom doctor --json workspace --fix | jq -c '[.exit_code, (.checks | map(.fixed))]')" '[0,[false,true]]'
}

@test "a check that does not exist is a usage error with the nearest name" {
	capture headroom doctor stor
	same "$status" 2
	has "$error" "did you mean 'store'?"
}

@test "a service that is installed and does not answer is a failed check" {
	free_port
	mkdir -p "$HOME/.headroom/deploy/default"
	echo "{\"supervisor\":\"systemd\",\"port\":$port}" >"$HOME/.headroom/deploy/default/manifest.json"
	capture headroom doctor service
	same "$status" 2
	has "$output" "headroom install restart --profile default"
	start_proxy --stateless
	echo "{\"supervisor\":\"systemd\",\"port\":$port}" >"$HOME/.headroom/deploy/default/manifest.json"
	capture headroom doctor service
	same "$status" 0
}

@test "what a killed command has set is a failed check, and --fix gives the file back" {
	mkdir -p "$HOME/.claude" && printf '{ "env": {} }' >"$HOME/.claude/settings.json"
	headroom init claude -g 2>/dev/null
	# as one of a session does that was killed: a process that there is no more
	jq -c '.owner.pid = 2147483647 | .owner.start = 1' "$HOME/.headroom/state/edits.jsonl" >j
	cat j >"$HOME/.headroom/state/edits.jsonl"
	capture headroom doctor edits
	same "$status" 2
	has "$output" "ANTHROPIC_BASE_URL"
	capture headroom doctor edits --fix
	same "$status" 0
	has "$output" "(fixed)"
	same "$(cat "$HOME/.claude/settings.json")" '{ "env": {} }'
}

@test "what the Python headroom has left is a warning that --fix repairs" {
	printf 'alias x=y\n# >>> headroom persistent env >>>\nexport A="b"\n# <<< headroom persistent env <<<\n' >"$HOME/.bashrc"
	capture headroom doctor leftovers
	same "$status" 1
	has "$output" ".bashrc"
	capture headroom doctor leftovers --fix
	same "$status" 0
	same "$(cat "$HOME/.bashrc")" "alias x=y"
}
