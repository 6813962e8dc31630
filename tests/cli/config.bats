#!/usr/bin/env bats
# shellcheck disable=SC2154 # the helper sets status, output and error
# headroom config, and where values come from.

load helper

user_file() { headroom config path; }

@test "the file is in the workspace, wherever that is" {
	same "$(headroom config path)" "$HOME/.headroom/config/config.toml"
	same "$(headroom --home /w config path)" /w/config/config.toml
	same "$(HEADROOM_WORKSPACE_DIR=/w headroom config path)" /w/config/config.toml
	same "$(HEADROOM_HOME=/w headroom config path)" /w/config/config.toml
	same "$(HEADROOM_CONFIG_DIR=/c headroom config path)" /c/config.toml
	same "$(HEADROOM_XDG=1 XDG_CONFIG_HOME=/x headroom config path)" /x/headroom/config.toml
	same "$(headroom --config f.toml config path)" f.toml
	same "$(headroom config path --project)" .headroom/config.toml
}

@test "flag, variable, project, user and default follow in this order" {
	same "$(headroom config get cli.color)" auto
	headroom config set cli.color always
	same "$(headroom config get cli.color)" always
	headroom config set --project cli.color never
	same "$(headroom config get cli.color)" never
	same "$(HEADROOM_COLOR=auto headroom config get cli.color)" auto
	same "$(headroom --no-config config get cli.color)" auto
	capture headroom config explain cli.color
	has "$output" 'environment not set'
	has "$output" 'project     "never" (.headroom/config.toml:2)'
	has "$output" "user        \"always\" ($HOME/.headroom/config/config.toml:2)"
	has "$output" 'default     "auto"'
	has "$output" 'In effect: "never", from .headroom/config.toml:2'
}

@test "list says where each value comes from and can be pasted into the file" {
	HEADROOM_COLOR=never headroom config list >all
	grep -q '^cli.color = "never"  *# HEADROOM_COLOR$' all
	mkdir -p .headroom && cp all .headroom/config.toml
	same "$(headroom config get cli.color)" never
}

@test "list --json is one JSON object with a schema" {
	headroom config set cli.color never
	headroom config list --json >all
	same "$(jq -r .schema all)" headroom.config/1
	same "$(jq -r '.keys[] | select(.key == "cli.color") | .value, .source, .line' all)" "never
user
2"
}

@test "set and unset keep comments, order and line ends" {
	mkdir -p "$HOME/.headroom/config"
	printf '# mine\r\n[cli]\r\n  color = "auto" # why\r\n\r\n[other]\r\nkey = 1\r\n' >"$(user_file)"
	headroom config set cli.color never
	same "$(od -c "$(user_file)")" \
		"$(printf '# mine\r\n[cli]\r\n  color = "never" # why\r\n\r\n[other]\r\nkey = 1\r\n' | od -c)"
	headroom config unset cli.color
	same "$(od -c "$(user_file)")" "$(printf '# mine\r\n[cli]\r\n\r\n[other]\r\nkey = 1\r\n' | od -c)"
}

@test "set makes private files and follows a link" {
	headroom config set cli.color never
	same "$(stat -c %a "$(user_file)" "$HOME/.headroom")" "600
700"
	mv "$(user_file)" real.toml && ln -s "$PWD/real.toml" "$(user_file)"
	headroom config set cli.color always
	[[ -L $(user_file) ]]
	grep -q always real.toml
}

@test "a value is checked before the file is touched" {
	capture headroom config set cli.color pink
	same "$status" 2
	has "$error" "cli.color: 'pink' is not one of auto, always, never"
	[[ ! -e $HOME/.headroom ]]
}

@test "an unknown key is a usage error with the nearest key" {
	capture headroom config set cli.colour never
	same "$status" 2
	has "$error" "unknown key 'cli.colour' (did you mean 'cli.color'?)"
}

@test "unset of what is not there is status 3" {
	capture headroom config unset cli.color
	same "$status" 3
}

@test "a file that is no TOML is a configuration error with its place" {
	mkdir -p .headroom && printf '[cli]\ncolor = never\n' >.headroom/config.toml
	capture headroom config get cli.color
	same "$status" 78
	has "$error" ".headroom/config.toml: line 2, column 9: not a value; text is written in quotes"
}

@test "a value that does not fit is a configuration error with its line" {
	mkdir -p .headroom && printf '[cli]\ncolor = 3\n' >.headroom/config.toml
	capture headroom config get cli.color
	same "$status" 78
	has "$error" ".headroom/config.toml:2: cli.color: expected a string in quotes"
}

@test "commands that help out of a broken configuration still run" {
	mkdir -p .headroom && echo 'broken' >.headroom/config.toml
	for command in version help "config path" "completions bash"; do
		# shellcheck disable=SC2086
		HEADROOM_COLOR=pink capture headroom $command
		same "$status" 0
		has "$error" "warning: HEADROOM_COLOR: 'pink' is not one of auto, always, never"
	done
}

@test "a file that --config names must be there" {
	capture headroom --config none.toml config get cli.color
	same "$status" 78
	has "$error" "none.toml: no such file (--config)"
	headroom --config none.toml config set cli.color never
	same "$(headroom --config none.toml config get cli.color)" never
}

@test "without a home directory there is no user's file, and commands still run" {
	capture env -u HOME headroom config get cli.color
	same "$status:$output:$error" "0:auto:"
	capture env -u HOME headroom config path
	same "$status" 78
	has "$error" "HOME is not set to an absolute path"
}

@test "a number without a default is not set until somebody sets it" {
	headroom config list | grep -q '^# proxy.budget  *# not set$'
	capture headroom config get proxy.budget
	same "$status" 3
	headroom config set proxy.budget 0
	same "$(headroom config get proxy.budget)" 0
}
