#!/bin/sh
# Each file that opens a connection or starts a program stands in docs/data-flow.md, and each that is named there does one of that.
set -u
cd "$(dirname "$0")/../.." || exit 1
does=$(mktemp) || exit 1
says=$(mktemp) || exit 1
trap 'rm -f "$does" "$says"' EXIT
# event2 and libcurl are the only libraries here that open sockets; bufferevent_socket_connect and evhttp would be the former's way.
find core proxy wrap learn cli -name '*.c' -print0 | xargs -0 grep -lE \
	'CURLOPT_URL,|\b(connect|getaddrinfo|sendto|socket|bufferevent_socket_connect[a-z_]*|evhttp_connection_[a-z_]*new|evdns_[a-z_]+|redisConnect[A-Za-z]*|redisAsyncConnect[A-Za-z]*|posix_spawnp?|execl|execle|execlp|execv|execve|execvp|execvpe|fexecve|popen|system)\(' |
	LC_ALL=C sort >"$does"
# shellcheck disable=SC2016 # the backquotes are Markdown's
grep -oE '`(core|proxy|wrap|learn|cli)/[a-z_/]+\.c`' docs/data-flow.md | tr -d '`' | LC_ALL=C sort -u >"$says"
# < stands in the code alone, > on the page alone
diff "$does" "$says" && exit 0
echo "docs/data-flow.md does not say who opens connections and starts programs" >&2
exit 1
