#!/bin/sh
# No file-scope object of ours can be written to: prints each symbol in a writable section of the archives given
# and ends with 1 when there is one that is not allowed. Constant tables of pointers are writable until the
# loader is done (.data.rel.ro) and read-only from then on.
set -u
allowed='^(fail_countdown|has_failed|fail_random|fail_one_in)$' # core/base/mem.c: allocation failures, in tests
found=$(nm --defined-only --format=sysv "$@" 2>/dev/null | awk -F'|' -v allowed="$allowed" '
	/^[^|]*:$/ || /^$/ { next }
	/^Symbols from/ { object = $0; sub(/^Symbols from /, "", object); next }
	{ name = $1; section = $7; gsub(/ /, "", name); gsub(/ /, "", section) }
	section ~ /^\.(data|bss|tdata|tbss)/ && section !~ /^\.data\.rel\.ro/ && name !~ allowed && name != "Name" {
		print object " " name " in " section
	}')
[ -z "$found" ] && exit 0
printf 'writable globals:\n%s\n' "$found"
exit 1
