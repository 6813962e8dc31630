#!/usr/bin/env bats
# libheadroom from the outside: only its header and the built libraries.

setup() {
	ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	LIB=$(realpath "$(dirname "${HEADROOM:-$ROOT/build/release/headroom}")")
	CFLAGS="-std=c99 -D_GNU_SOURCE -Wall -Wextra -Werror -I$ROOT/core"
	DEPS="-lcjson -lsqlite3 -lpcre2-8 -lxxhash -lzstd -lcrypto -lpthread -lm"
	case $LIB in
	*/asan) SAN="-fsanitize=address,undefined" ;;
	*/tsan) SAN="-fsanitize=thread" ;;
	*) SAN="" ;;
	esac
	cd "$BATS_TEST_TMPDIR" || return 1
	# one Read of forty numbered lines
	text=""
	for i in $(seq 1 40); do text+=$(printf '%6d\\tint value_%d = %d;\\n' "$i" "$i" "$((i * i))"); done
	printf '{"model":"claude-test","max_tokens":1,"messages":[%s,%s]}' \
		'{"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"Read","input":{"file_path":"/w/a.c"}}]}' \
		"{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"t1\",\"content\":\"$text\"}]}" \
		>request.json
}

build() { # build NAME LIBRARY...
	# shellcheck disable=SC2086
	cc $CFLAGS $SAN "$ROOT/docs/examples/compress.c" -o "$1" "${@:2}"
}

@test "the example runs against the shared library and saves tokens" {
	ln -s "$LIB/libheadroom.so" libheadroom.so.0
	build example "$LIB/libheadroom.so"
	LD_LIBRARY_PATH=. ./example <request.json >out.json 2>err.txt
	cat err.txt
	grep -q '^1 of 1 tool results smaller' err.txt
	grep -q '^verified$' err.txt
	[ "$(wc -c <out.json)" -lt "$(wc -c <request.json)" ]
}

@test "the example runs against the static library" {
	# shellcheck disable=SC2086
	build example "$LIB/libheadroom.a" $DEPS
	./example <request.json >out.json 2>err.txt
	grep -q '^verified$' err.txt
}

@test "input that is no request comes back as it was" {
	# shellcheck disable=SC2086
	build example "$LIB/libheadroom.a" $DEPS
	printf 'not JSON' >in.txt
	run bash -c './example <in.txt 2>err.txt >out.txt'
	[ "$status" -eq 65 ]
	cmp in.txt out.txt
	grep -q 'left as it is' err.txt
}

@test "the libraries show no symbol but headroom_*" {
	run bash -c "nm -D --defined-only '$LIB/libheadroom.so' | awk '{print \$3}' | grep -v '^headroom_' | grep -vE '^(__asan|__ubsan|__tsan|__odr|_init|_fini|_edata|_end|__bss_start)'"
	[ -z "$output" ]
	run bash -c "nm -g --defined-only '$LIB/libheadroom.a' | awk 'NF==3 {print \$3}' | grep -vE '^(headroom_|__odr|__asan)'"
	[ -z "$output" ]
}

@test "the header is C++ too" {
	printf '#include <headroom.h>\nint main() { return headroom_version() == nullptr; }\n' >x.cc
	c++ -Wall -Wextra -Werror -I"$ROOT/core" -fsyntax-only x.cc
}
