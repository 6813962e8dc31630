#!/usr/bin/env bats
# shellcheck disable=SC2154 # the helper sets status, output and error
# What a command line may look like, and which status it ends with.

load helper

@test "version is printed in four ways" {
	want="headroom $(cat "$root/VERSION")"
	for way in version --version -V -v; do
		capture headroom "$way"
		same "$status:$output:$error" "0:$want:"
	done
	capture headroom config list --version
	same "$output" "$want"
}

@test "version --json is one JSON object with a schema" {
	capture headroom version --json
	same "$(jq -r .schema,.version out)" "headroom.version/1
$(cat "$root/VERSION")"
}

@test "no command at all is a usage error" {
	capture headroom
	same "$status:$output" "2:"
	has "$error" "expected a command"
	has "$error" "try 'headroom -h'"
}

@test "a mistyped command gets the nearest name" {
	capture headroom confg
	same "$status" 2
	has "$error" "unknown command 'confg' (did you mean 'config'?)"
}

@test "a prefix of a command is not taken for the command" {
	capture headroom conf
	same "$status" 2
}

@test "a command that is planned says so" {
	capture headroom auth x
	same "$status:$error" "69:headroom: 'auth' is not built yet"
}

@test "a mistyped option names its command and where help is" {
	capture headroom version --jsn
	same "$status" 2
	same "$error" "headroom: version: unknown option '--jsn' (did you mean '--json'?)
headroom: try 'headroom version -h'"
}

@test "missing and surplus arguments are usage errors" {
	capture headroom config set cli.color
	same "$status" 2
	has "$error" "headroom: config set: expected KEY VALUE"
	capture headroom version now
	has "$error" "unexpected argument 'now'"
	capture headroom config
	has "$error" "expected a command: list, get, set, unset, path, explain"
}

@test "global options stand before and after the command" {
	HEADROOM_NOBODY=1 capture headroom -q version
	same "$error" ""
	HEADROOM_NOBODY=1 capture headroom version --quiet
	same "$error" ""
}

@test "an unknown variable gets a warning with the nearest name" {
	HEADROOM_COLOUR=1 HEADROOM_NOBODY=1 capture headroom version
	same "$status" 0
	has "$error" "headroom: warning: unknown variable HEADROOM_COLOUR (did you mean HEADROOM_COLOR?); ignored"
	has "$error" "headroom: warning: unknown variable HEADROOM_NOBODY; ignored"
}

@test "a full disk is an input or output error" {
	status=0
	headroom --help >/dev/full 2>err || status=$?
	same "$status" 74
	has "$(cat err)" "standard output: No space left on device"
}

@test "a closed pipe ends the program by SIGPIPE without a word" {
	mkfifo pipe
	# shellcheck disable=SC2094 # a pipe that nobody reads
	exec 5<>pipe 6>pipe 5<&-
	status=0
	(trap '' PIPE; exec headroom completions bash) >&6 2>err || status=$?
	same "$status:$(cat err)" "141:"
}
