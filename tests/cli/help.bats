#!/usr/bin/env bats
# shellcheck disable=SC2154 # the helper sets status, output and error
# Help, man pages and completions say what the option tables say.

load helper

@test "-h fits a terminal of 24 lines and 80 columns, for every command" {
	while read -r command; do
		# shellcheck disable=SC2086
		headroom $command -h >short
		n=$(wc -l <short)
		((n <= 24)) || { echo "$command: $n lines"; return 1; }
		awk -v c="$command" 'length > 80 { print c ": " $0; bad = 1 } END { exit bad }' short
	done < <(echo; commands)
}

@test "help of a command is its --help" {
	while read -r command; do
		# shellcheck disable=SC2086
		diff <(headroom help $command) <(headroom $command --help)
	done < <(commands)
	diff <(headroom help) <(headroom --help)
}

@test "help for nothing that exists is a usage error" {
	capture headroom help confg
	same "$status" 2
	has "$error" "did you mean 'config'?"
	capture headroom help version now
	has "$error" "'version' has no commands of its own"
}

@test "every option is in the man page, under the words of --help" {
	mkdir man && headroom gen man man
	while read -r command; do
		page=man/headroom-${command%% *}.1
		for option in $(long_options "$command"); do
			name=${option//-/\\-}
			grep -qF -e "Fl \\-$name" -e "Fl \\-[no\\-]${name#no\\-}" "$page" man/headroom.1 ||
				{ echo "no --$option in $page"; return 1; }
		done
	done < <(commands)
}

@test "man pages pass mandoc without a warning" {
	command -v mandoc >/dev/null || skip "no mandoc"
	mkdir man && headroom gen man man
	for page in man/*; do
		mandoc -Tlint -W warning "$page"
	done
}

@test "man pages and completions in the tree are what the tables say" {
	mkdir man completions && headroom gen man man
	for shell in bash zsh fish; do headroom gen "$shell" completions; done
	diff -r man "$root/man"
	diff -r completions "$root/completions"
}

@test "completions are scripts that their shells accept" {
	headroom completions bash >c.bash
	bash -n c.bash
	if command -v shellcheck >/dev/null; then shellcheck c.bash; fi
	headroom completions zsh >_c
	if command -v zsh >/dev/null; then zsh -n _c; fi
	headroom completions fish >c.fish
	if command -v fish >/dev/null; then fish --no-execute c.fish; fi
	capture headroom completions tcsh
	same "$status" 2
}

@test "every option is in all three completions" {
	for shell in bash zsh fish; do headroom completions "$shell" >"c.$shell"; done
	while read -r command; do
		for option in $(long_options "$command"); do
			grep -q -e "--$option\\b" c.bash && grep -q -e "--$option\\b" c.zsh && grep -q -e "-l $option\\b" c.fish ||
				{ echo "$command: no --$option"; return 1; }
		done
	done < <(commands)
}

# complete_bash LINE...: the answers for the last word
complete_bash() {
	bash -c '
		source <(headroom completions bash)
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		_headroom
		printf "%s\n" "${COMPREPLY[@]}"' bash "$@"
}

@test "bash completes commands, subcommands, options, values and keys" {
	same "$(complete_bash headroom vers)" version
	same "$(complete_bash headroom config ex)" explain
	same "$(complete_bash headroom --home config config ex)" explain
	same "$(complete_bash headroom config set --pro)" --project
	same "$(complete_bash headroom --col)" --color
	same "$(complete_bash headroom --color ne)" never
	same "$(complete_bash headroom --color = ne)" never
	same "$(complete_bash headroom config get cli.c)" cli.color
	same "$(complete_bash headroom completions f)" fish
	touch some.toml
	same "$(complete_bash headroom --config so)" some.toml
	same "$(complete_bash headroom compress so)" some.toml
	same "$(complete_bash headroom compress -f dif)" diff
	same "$(complete_bash headroom compress -f diff --no-l)" --no-lossless
	same "$(complete_bash headroom compress --report so)" some.toml
	same "$(complete_bash headroom compress --max-input so)" ""
	same "$(complete_bash headroom proxy sto)" stop
	same "$(complete_bash headroom proxy --no-opt)" --no-optimize
	same "$(complete_bash headroom proxy --websocket tu)" tunnel
	same "$(complete_bash headroom proxy stop --for)" --force
	same "$(complete_bash headroom proxy stop --no-opt)" ""
}

@test "fish completes commands, subcommands, options, values and keys" {
	command -v fish >/dev/null || skip "no fish"
	headroom completions fish >c.fish
	fish_complete() { fish -c "source c.fish; complete -C '$1'" | cut -f 1; }
	same "$(fish_complete 'headroom vers')" version
	same "$(fish_complete 'headroom config ex')" explain
	same "$(fish_complete 'headroom --home config config ex')" explain
	same "$(fish_complete 'headroom config set --pro')" --project
	same "$(fish_complete 'headroom --color ne')" never
	same "$(fish_complete 'headroom config get cli.c')" cli.color
	same "$(fish_complete 'headroom completions f')" fish
	touch some.toml
	same "$(fish_complete 'headroom compress so')" some.toml
	same "$(fish_complete 'headroom compress -f dif')" diff
	same "$(fish_complete 'headroom compress --no-l')" --no-lossless
	same "$(fish_complete 'headroom proxy sto')" stop
	same "$(fish_complete 'headroom proxy --no-opt')" --no-optimize
	same "$(fish_complete 'headroom proxy stop --for')" --force
	same "$(fish_complete 'headroom proxy stop --no-opt')" ""
}

@test "zsh completes commands, subcommands, options, values and keys" {
	command -v zsh >/dev/null || skip "no zsh"
	headroom completions zsh >_headroom
	same "$(zsh_complete 'headroom vers')" "headroom version"
	same "$(zsh_complete 'headroom config ex')" "headroom config explain"
	same "$(zsh_complete 'headroom config set --pro')" "headroom config set --project"
	same "$(zsh_complete 'headroom --color ne')" "headroom --color never"
	same "$(zsh_complete 'headroom config get cli.c')" "headroom config get cli.color"
	same "$(zsh_complete 'headroom completions f')" "headroom completions fish"
	touch some.toml
	same "$(zsh_complete 'headroom compress so')" "headroom compress some.toml"
	same "$(zsh_complete 'headroom compress -f dif')" "headroom compress -f diff"
	same "$(zsh_complete 'headroom compress --no-l')" "headroom compress --no-lossless"
	same "$(zsh_complete 'headroom proxy sto')" "headroom proxy stop"
	same "$(zsh_complete 'headroom proxy --no-opt')" "headroom proxy --no-optimize"
	same "$(zsh_complete 'headroom proxy stop --for')" "headroom proxy stop --force"
}

# zsh_complete LINE: the line after the tabulator key, in a zsh with a terminal of its own
zsh_complete() {
	zsh -f -c '
		zmodload zsh/zpty
		zpty z zsh -f -i
		zpty -w z "PS1=; fpath=($PWD \$fpath); autoload -U compinit; compinit -D -u; bindkey \"^I\" expand-or-complete"
		zpty -w z "show() { zle accept-line; print -r -- \"<\$BUFFER>\" }; zle -N show; bindkey \"^X\" show; print rea\"dy\""
		zpty -r z seen "*ready*"
		zpty -w -n z "$1"$'"'\\t'"'$'"'\\x18'"'
		zpty -r z seen "*<*>*"
		seen=${seen##*<}
		print -r -- "${seen%%>*}"
		zpty -d z' zsh "$1"
}

@test "every example of every man page ends as it says" {
	mkdir scripts && headroom gen examples scripts
	for script in scripts/*; do
		want=$(sed -n 's/^# status: //p' "$script")
		rm -rf "$HOME" run && mkdir "$HOME" run
		status=0
		(cd run && sh "../$script" >../example.out 2>&1 </dev/null) || status=$?
		[[ $status == "$want" ]] || { cat "$script" example.out; echo "status $status"; return 1; }
	done
}

@test "--color, NO_COLOR and CLICOLOR_FORCE decide about colour" {
	esc=$(printf '\033')
	has "$(headroom --color always --help)" "${esc}[1mGlobal options"
	has "$(CLICOLOR_FORCE=1 headroom --help)" "${esc}["
	for way in "--color never" "--color auto" ""; do
		# shellcheck disable=SC2086
		[[ $(headroom $way --help) != *"$esc"* ]]
	done
	[[ $(NO_COLOR=1 CLICOLOR_FORCE=1 headroom --help) != *"$esc"* ]]
	HEADROOM_COLOR=always capture headroom nothing
	has "$error" "${esc}[31mheadroom: ${esc}[0munknown command 'nothing'"
}
