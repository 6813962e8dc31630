#!/bin/bash
# Do the tests that docs/threat-model.md names fail when what they are there for is gone? Each defence below is taken out of a copy of its
# file, which is compiled and linked before the libraries in its stead; the test must fail. `make test-defences`.
#
#	defences.sh BUILD [NAME...]     BUILD: with the tests' objects and the libraries; NAME: of tests; without, all
#
# COMPILE: the compiler with its flags, LINK: the same for linking, LIBS: libraries behind the objects. A program of tests may take SECONDS_MAX.
set -eu
cd "$(dirname "$0")/../.."
build=$1
shift
: "${SECONDS_MAX:=60}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# defence TEST PROGRAM FILE PERL: the substitution that takes it out
defence() {
	local test=$1 program=$2 file=$3 status
	if [ ${#only[@]} -gt 0 ] && ! printf '%s\n' "${only[@]}" | grep -qxF "$test"; then return; fi
	perl -0pe "$4" "$file" >"$work/mutant.c"
	if cmp -s "$file" "$work/mutant.c"; then
		echo "  GONE  $test: $file is not as this script knows it"
		failed=1
		return
	fi
	# shellcheck disable=SC2086 # commands with arguments
	$COMPILE -c -o "$work/mutant.o" "$work/mutant.c"
	# shellcheck disable=SC2086
	$LINK -o "$work/mutant" "$build/tests/unit/$program.o" "$work/mutant.o" $LIBS
	timeout "$SECONDS_MAX" "$work/mutant" >"$work/out" 2>&1 && status=0 || status=$?
	# 124: it does not end; from 128 on: a signal
	if grep -q "FAILED  \] $test" "$work/out" || [ "$status" -ge 124 ]; then
		echo "  SEEN  $test"
	else
		echo "  BLIND $test: passes without what it is about ($file)"
		failed=1
	fi
}

only=("$@")
defence a_pattern_that_explodes_gives_up test_regex core/base/regex.c 's/\(void\)pcre2_set_match_limit[^;]*;//'
defence bombs_are_stopped test_coding proxy/coding.c 's/piece\.n > s->ratio_room/false/'
defence an_original_is_given_to_its_owner_alone test_original core/store/original.c 's/wanted && !str_eq\(owner, \*wanted\)/wanted \&\& false/'
defence a_text_that_says_whose_it_is_is_not_kept test_original core/store/original.c 's/if \(rest\.n != text\.n\)/if (false)/'
defence links_out_of_the_directory_are_not_followed test_memory_sync core/memory/sync_file.c 's/if \(!str_take\(&rest, str_from\(s->root\)\)[^\n]*\)/if (false)/'
defence a_file_that_changes_meanwhile_is_not_overwritten test_edit core/base/file_edit.c 's/if \(\(e == E_OK\) != was_there[^\n]*\)/if (false)/'
defence a_file_that_others_may_read_or_write_is_refused test_proxy_tenant proxy/tenant.c 's/if \(st->st_mode & 0022\)/if (false)/'
defence no_wrong_token_is_right test_proxy_guard proxy/guard.c 's/return !differs;/return true;/'
defence host_must_name_this_machine test_proxy_guard proxy/guard.c 's/if \(!g->is_loopback_bind\)/if (true)/'
defence origin_must_be_of_this_machine test_proxy_guard proxy/guard.c 's/!origin_is_allowed\(g, h->headers\[i\]\.value\)/false/'
defence test_doubtful_heads_are_refused test_http_parse proxy/http/parse.c 's/if \(\*has_length && n != req->length\)/if (false)/'
defence the_containers_token_goes_to_nobody_else test_aws proxy/aws_ask.c 's/if \(!is_container_host\(url\)\)/if (false)/'
defence a_file_that_others_may_read_is_made_private test_store core/store/store.c 's/\(st\.st_mode & 0777\) != 0600/false/'
defence no_process_leaves_its_memory_in_a_file test_proxy_confine proxy/confine.c 's/\(void\)setrlimit\(RLIMIT_CORE, &l\)/(void)l/'
defence a_confined_process_does_what_a_proxy_does_and_no_more test_proxy_confine proxy/confine.c 's/syscall\(SYS_landlock_restrict_self, r\.fd, 0\) != 0/false/'
defence root_becomes_a_user_and_cannot_come_back test_proxy_confine proxy/user.c 's/initgroups\(name, id->gid\) != 0 \|\| //'
exit $failed
