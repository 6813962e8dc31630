#!/usr/bin/env bats
# headroom install: files, supervisors (stubs on PATH that write down what they are told), exit statuses, no trace left.
# shellcheck disable=SC2154,SC2030,SC2031,SC2016,SC2094 # the helper sets status, output and error; stubs are scripts in quotes

load helper

# stub NAME LINE...: a program that writes its arguments to the file calls and then does what the lines say
stub() {
	local name=$1
	shift
	{
		printf '#!/bin/sh\n%s "%s $*" >>%q\n' echo "$name" "$BATS_TEST_TMPDIR/calls"
		printf '%s\n' "$@"
	} >"$BATS_TEST_TMPDIR/bin/$name"
	chmod +x "$BATS_TEST_TMPDIR/bin/$name"
}

calls() {
	cat "$BATS_TEST_TMPDIR/calls"
	rm "$BATS_TEST_TMPDIR/calls"
}

with_systemd() {
	stub systemctl 'exit 0'
	stub loginctl 'echo yes'
	unit=$HOME/.config/systemd/user/headroom-default.service
}

teardown() {
	for pid in ${proxy:-}; do
		kill -9 "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
}

# What is below the home, with modes and sums, but for the workspace.
snapshot() {
	(cd "$HOME" && find . -path ./.headroom -prune -o -printf '%p %m ' -type f -exec sha256sum {} \; -o -printf '\n' | sort)
}

@test "apply writes a unit that calls the binary, and tells systemd; remove leaves no trace" {
	with_systemd
	before=$(snapshot)
	capture headroom install apply
	same "$status" 0
	same "$error" ""
	has "$(cat "$unit")" "ExecStart=\"$HEADROOM\" \"proxy\" \"--port\" \"8787\""
	same "$(calls)" "systemctl --user show-environment
systemctl --user daemon-reload
systemctl --user enable headroom-default.service
systemctl --user restart headroom-default.service
loginctl show-user --property=Linger --value"
	same "$(jq -r '.schema, .profile, .supervisor, .port, .health_url' "$HOME/.headroom/deploy/default/manifest.json" | xargs)" \
		"headroom.deploy/1 default systemd 8787 http://127.0.0.1:8787/readyz"
	capture headroom install remove
	same "$status" 0
	same "$(calls)" "systemctl --user disable --now headroom-default.service
systemctl --user daemon-reload"
	same "$(snapshot)" "$before"
	[[ ! -e $HOME/.headroom/deploy/default && ! -e $HOME/.headroom/state/edits.jsonl ]]
}

@test "a unit passes systemd's own check, also with blanks, percent and dollar signs in its paths" {
	command -v systemd-analyze >/dev/null || skip "no systemd-analyze"
	mkdir -p "$HOME/a b%n \$c"
	cp "$HEADROOM" "$HOME/a b%n \$c/headroom"
	HEADROOM_WORKSPACE_DIR="$HOME/w s%h" "$HOME/a b%n \$c/headroom" install apply --dry-run \
		--supervisor systemd --proxy-arg=--mode,cache | sed 1d >headroom-x.service
	mkdir -p "$HOME/w s%h"
	XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR systemd-analyze --user --man=no verify ./headroom-x.service >verify 2>&1 || {
		grep -qi 'failed to \(initialize\|connect\)' verify && skip "systemd-analyze does not work here: $(head -n1 verify)"
		cat verify
		return 1
	}
	same "$(grep headroom-x verify || true)" ""
}

@test "status: 3 when it is not installed, 1 when it is not healthy, 0 when it is" {
	with_systemd
	for verb in status start stop restart remove logs; do
		capture headroom install $verb
		same "$verb $status" "$verb 3"
	done
	mkfifo ready
	headroom proxy --port 0 --stateless --ready-fd 7 7>ready 2>/dev/null 3>&- &
	proxy=$!
	read -r url <ready
	headroom install apply --port "${url##*:}"
	capture headroom install status
	same "$status" 0
	has "$output" "healthy      yes"
	same "$(headroom install status --json | jq -r '.schema, .active, .healthy, .url' | xargs)" \
		"headroom.install-status/1 true true $url"
	has "$(headroom install list)" "$url healthy"
	same "$(headroom install list --json | jq -r '.schema, .profiles[0].profile' | xargs)" "headroom.install-list/1 default"
	stub systemctl '[ "$2" != is-active ]'
	capture headroom install status
	same "$status" 1
	kill "$proxy" && wait "$proxy"
	stub systemctl 'exit 0'
	capture headroom install status
	same "$status" 1
	has "$output" "healthy      no"
}

@test "start, stop, restart and logs are systemd's" {
	with_systemd
	stub journalctl 'echo lines'
	headroom install apply --profile work.1
	calls
	for verb in start stop restart; do headroom install $verb --profile work.1; done
	same "$(calls)" "systemctl --user start headroom-work.1.service
systemctl --user stop headroom-work.1.service
systemctl --user restart headroom-work.1.service"
	same "$(headroom install logs --profile work.1 --follow)" lines
	same "$(calls)" "journalctl --user -u headroom-work.1.service -f"
}

@test "what systemd says when it fails is said; everything stays, and remove can be repeated" {
	with_systemd
	stub systemctl '[ "$2" != restart ] || { echo "Job failed" >&2; exit 1; }'
	capture headroom install apply
	same "$status" 1
	has "$error" "Job failed"
	[[ -e $unit && -e $HOME/.headroom/deploy/default/manifest.json ]]
	stub systemctl 'echo "no bus" >&2; exit 1'
	capture headroom install remove
	same "$status" 1
	has "$error" "no bus"
	[[ -e $unit && -e $HOME/.headroom/deploy/default/manifest.json ]]
	stub systemctl 'exit 0'
	capture headroom install remove
	same "$status" 0
	[[ ! -e $unit ]]
}

@test "apply again replaces; members of the manifest that are not known stay" {
	with_systemd
	headroom install apply
	manifest=$HOME/.headroom/deploy/default/manifest.json
	jq '.later = {"x": 1} | .created_at = "then"' "$manifest" >m && cat m >"$manifest"
	headroom install apply -p 8999
	has "$(cat "$unit")" '"--port" "8999"'
	same "$(jq -c '[.later, .created_at, .port]' "$manifest")" '[{"x":1},"then",8999]'
	headroom install remove
	[[ ! -e $unit ]]
}

@test "a manifest that cannot be read is said and kept; others are listed" {
	with_systemd
	headroom install apply --profile good
	mkdir -p "$HOME/.headroom/deploy/bad" && echo '{"x' >"$HOME/.headroom/deploy/bad/manifest.json"
	capture headroom install status --profile bad
	same "$status" 78
	capture headroom install remove --profile bad
	same "$status" 78
	same "$(cat "$HOME/.headroom/deploy/bad/manifest.json")" '{"x'
	capture headroom install list
	same "$status" 0
	has "$output" "good"
	has "$error" "deploy/bad/manifest.json"
}

@test "a unit of the user's own is not overwritten" {
	with_systemd
	mkdir -p "${unit%/*}" && echo mine >"$unit"
	capture headroom install apply
	[[ $status != 0 ]]
	has "$error" "headroom-default.service"
	same "$(cat "$unit")" mine
}

@test "--shell leads new shells to it by one line in files that are there; remove gives them back" {
	with_systemd
	printf 'alias x=y' >"$HOME/.bashrc"
	printf '# zsh\r\n' >"$HOME/.zshrc"
	mkdir -p "$HOME/.config/fish" && echo '# fish' >"$HOME/.config/fish/config.fish"
	before=$(snapshot)
	HEADROOM_CONFIG_DIR="$HOME/c'f g" headroom install apply --shell
	same "$(bash -c '. "$HOME/.bashrc"; echo "$ANTHROPIC_BASE_URL $OPENAI_BASE_URL $ENABLE_TOOL_SEARCH"')" \
		"http://127.0.0.1:8787 http://127.0.0.1:8787/v1 true"
	same "$(ENABLE_TOOL_SEARCH=auto bash -c '. "$HOME/.bashrc"; echo "$ENABLE_TOOL_SEARCH"')" auto
	has "$(cat "$HOME/.config/fish/config.fish")" "and source '$HOME/c\\'f g/env.fish'"
	[[ ! -e $HOME/.profile ]]
	has "$(headroom install status --json | jq .shell)" true
	HEADROOM_CONFIG_DIR="$HOME/c'f g" headroom install remove
	same "$(snapshot)" "$before"
}

@test "without lingering there is a warning, and --linger switches it on" {
	with_systemd
	stub loginctl 'echo no'
	capture headroom install apply
	has "$error" "--linger"
	calls
	capture headroom install apply --linger
	same "$error" ""
	has "$(calls)" "loginctl enable-linger"
}

@test "where systemd has no manager for the user it is cron, by one block in the crontab" {
	stub systemctl 'exit 1'
	stub crontab 'f=${0%/*}/../crontab' 'case $1 in -l) [ -e "$f" ] && cat "$f" ;; *) cat "$1" >"$f" ;; esac'
	printf '# mine\n5 * * * * job\n' >"$BATS_TEST_TMPDIR/crontab"
	capture headroom install apply --proxy-arg=--mode,cache
	same "$status" 0
	has "$error" "starts it with the machine only"
	has "$(cat "$BATS_TEST_TMPDIR/crontab")" $'job\n# headroom:begin id=service-default\n@reboot '
	headroom install apply -p 8999
	same "$(grep -c @reboot "$BATS_TEST_TMPDIR/crontab")" 1
	capture headroom install start
	same "$status" 69
	headroom install remove
	same "$(cat "$BATS_TEST_TMPDIR/crontab")" $'# mine\n5 * * * * job'
	[[ ! -e $HOME/.headroom/deploy/default ]]
}

@test "the line of cron is one that a shell understands" {
	command -v sh >/dev/null
	export HEADROOM_WORKSPACE_DIR="$HOME/w 's%h"
	mkdir -p "$HEADROOM_WORKSPACE_DIR/config" "$HEADROOM_WORKSPACE_DIR/logs"
	echo 'HEADROOM_RPM=nonsense' >"$HEADROOM_WORKSPACE_DIR/config/proxy.env"
	headroom install apply --dry-run --supervisor cron | sed '1d; s/^@reboot //; s/\\%/%/g' >line.sh
	unset HEADROOM_WORKSPACE_DIR
	# it starts the proxy, which reads proxy.env and refuses it
	capture sh line.sh
	same "$status" 78
	has "$(cat "$HOME/w 's%h/logs/service-default.log")" "HEADROOM_RPM"
}

@test "launchd gets a property list and is told by launchctl" {
	stub launchctl 'case $1 in bootout) exit 3 ;; esac'
	before=$(snapshot)
	capture headroom install apply --supervisor launchd
	same "$status" 0
	plist=$HOME/Library/LaunchAgents/com.headroom.default.plist
	if command -v xmllint >/dev/null; then xmllint --nonet --noout "$plist"; fi
	same "$(calls)" "launchctl bootout gui/$(id -u)/com.headroom.default
launchctl bootstrap gui/$(id -u) $plist"
	headroom install restart
	has "$(calls)" "launchctl kickstart -k gui/$(id -u)/com.headroom.default"
	headroom install remove
	same "$(snapshot)" "$before"
}

@test "--dry-run writes and tells nothing; a profile must be able to name a file" {
	with_systemd
	capture headroom install apply --dry-run
	same "$status" 0
	has "$output" "[Service]"
	[[ ! -e $HOME/.headroom && ! -e $unit ]]
	capture headroom install apply --profile ../x
	same "$status" 2
}
