#!/bin/sh
# The laws of the tree that a grep can prove: which part may include which, where third-party headers may stand,
# what core may not do, how long a file may be. Prints what breaks one; exit status 1 when something does.
set -u
cd "$(dirname "$0")/../.." || exit 1
status=0

# broken TEXT: reads offending lines.
broken() {
	lines=$(cat)
	[ -n "$lines" ] || return 0
	printf '%s:\n%s\n' "$1" "$lines"
	status=1
}

sources() {
	for dir; do
		[ ! -d "$dir" ] || find "$dir" -name '*.[ch]' -not -path '*/node_modules/*'
	done
}

# deny DIR PATTERN: files below DIR include nothing whose path matches PATTERN.
deny() {
	sources "$1" | xargs -r grep -nE "#include \"($2)" | broken "$1 may not include these"
}

deny core 'proxy/|wrap/|learn/|cli/'
deny proxy 'wrap/|learn/|cli/'
deny wrap 'proxy/|learn/|cli/'
deny learn 'proxy/|wrap/|cli/'
above='engine|graph/|mcp|headroom\.h'
deny core/base 'core/[^b]'
deny core/json "core/(token|wire|transcript|compress|econ|store|memory|$above)"
deny core/token "core/(json|wire|transcript|compress|econ|store|memory|$above)"
deny core/wire "core/(transcript|compress|econ|store|memory|$above)"
deny core/translate "core/(transcript|compress|econ|store|memory|$above)"
deny core/transcript "core/(compress|econ|store|memory|$above)"
deny core/compress "core/(wire|transcript|econ|store|memory|$above)"
deny core/econ "core/(wire|transcript|compress|store|memory|$above)"
deny core/provider "core/(transcript|compress|econ|store|memory|$above)"
deny core/lease "core/(token|wire|transcript|compress|econ|store|memory|$above)"
deny core/store "core/(share|wire|transcript|compress|econ|memory|$above)"
deny core/share "core/(token|wire|transcript|compress|econ|memory|$above)"
deny core/memory "core/(wire|transcript|compress|econ|retrieve|$above)"
deny core/graph "core/(wire|transcript|econ|memory|engine|mcp|headroom\.h)"
deny core/retrieve "core/(wire|transcript|compress|econ|store|memory|$above)"

sources core proxy wrap learn cli bench tests |
	xargs grep -nE '#include "' | grep -vE '"(core|proxy|wrap|learn|cli|bench|tests)/|"(version|model_table|lexers|dashboard_policy)\.h"' |
	broken "includes are written from the root"

# only HEADER PATTERN: the third-party header is included by files that match PATTERN alone.
only() {
	sources core proxy wrap learn cli | xargs grep -nE "#include <$1" | grep -vE "^($2)" |
		broken "<$1> is confined to $2"
}

only 'event2/' 'proxy/'
only 'curl/' 'proxy/'
only 'zlib\.h' 'proxy/coding\.c'
only 'brotli/' 'proxy/coding\.c'
only 'sqlite3\.h' 'core/store/'
only 'hiredis' 'core/share/'
only 'tree_sitter/' 'core/compress/code/'
only 'cjson/' 'core/json/'
only 'pcre2\.h' 'core/base/'
sources core proxy wrap learn cli | xargs grep -lE '#include <pcre2\.h' | sed 1d | broken "<pcre2.h> in more than one file"

# call PATTERN FILES-ALLOWED TEXT: in core nobody calls these.
call() {
	sources core | xargs grep -nE "(^|[^a-zA-Z0-9_.>])($1)\(" | grep -vE "^($2):" | grep -vE '^[^:]*:[0-9]*:[	 ]*(/?\*|//)' |
		broken "$3"
}

call 'malloc|calloc|realloc|free|strdup|strndup|asprintf|reallocarray' 'core/base/mem\.c' "memory comes from core/base/mem.c"
call 'printf|fprintf|vfprintf|puts|fputs|putchar|perror|exit|_exit|abort' 'core/base/check\.c' "core prints nothing and never exits"
call 'getenv|secure_getenv|setenv|putenv' 'none' "core reads no environment"
call 'strcpy|strcat|sprintf|vsprintf|strtok|atoi|atol|gets|gmtime|localtime|strerror|system' 'none' "banned functions"

sources core proxy wrap learn cli bench tests | xargs wc -l | awk '$2 != "total" && $1 > 600 { print $2 ": " $1 " lines" }' |
	broken "files of more than 600 lines"
exit $status
