#!/bin/bash
# The packages, installed in a Debian 12 of their own that systemd-nspawn boots: the program works, the library is found by
# pkg-config's flags, the service starts in its cage, takes a request with the token and none without, is reloaded and stopped; then all of
# it is purged, and every file is where it was before. `make test-deb`; must be root.
#
#	test_deb.sh DIR         of the *.deb
#
# Where systemd cannot be booted (no cgroups, no namespaces), the service is only looked at, and a line says so.
set -eu
root=$(realpath "$(dirname "$0")/..")
debs=$(realpath "$1")
work=$(mktemp -d)
system=$work/system
nspawn=
provider=

fail() {
	echo "test-deb: $*" >&2
	exit 1
}

# shellcheck disable=SC2317 # called by the trap
end() {
	if [ -n "$nspawn" ]; then
		kill -KILL "$(pgrep -P "$nspawn" -o)" 2>/dev/null || true # its init: the rest goes with it
		wait "$nspawn" || true
	fi
	[ -z "$provider" ] || kill "$provider" 2>/dev/null || true
	rm -rf "$work"
}
trap end EXIT

depends=$(for deb in "$debs"/headroom_*.deb "$debs"/libheadroom*.deb; do dpkg-deb -f "$deb" Depends | tr ',' '\n'; done |
	sed 's/(.*//; s/ //g' | grep -v '^libheadroom' | sort -u)
# shellcheck disable=SC2086 # a list of names
"$root/packaging/rootfs.sh" "$root/build/rootfs" "$system" $depends systemd systemd-sysv curl gcc libc6-dev pkg-config

in_chroot() {
	chroot "$system" env DEBIAN_FRONTEND=noninteractive HOME=/root "$@"
}

# Every file with what is in it, but for what dpkg itself and the linker's cache write.
listing() {
	(cd "$system" && find . -xdev \( -path ./proc -o -path ./sys -o -path ./dev -o -path ./tmp -o -path ./run \
		-o -path './var/lib/dpkg' -o -path './var/log' -o -path './var/cache/ldconfig' -o -path ./etc/ld.so.cache \
		-o -path ./root/debs \) -prune -o -printf '%y %m %p %l\n' | sort)
}

# ---- install ----
listing >"$work/before"
mkdir "$system/root/debs"
cp "$debs"/*.deb "$system/root/debs/"
in_chroot sh -c 'dpkg -i /root/debs/*.deb' >"$work/dpkg.log" 2>&1 || { cat "$work/dpkg.log" >&2; fail "dpkg -i"; }
[ "$(stat -c %a "$system/etc/headroom/token")" = 600 ] || fail "the token can be read by others"
token=$(cat "$system/etc/headroom/token")
[ ${#token} = 48 ] || fail "the token has ${#token} letters"

# ---- the program and the library ----
in_chroot headroom version | grep -qF "$(cat "$root/VERSION")" || fail "headroom version"
# shellcheck disable=SC2016 # for the shell there
in_chroot sh -c 'for i in 11 12 13 14 15 16 17 18 19; do echo "2026-01-01T00:00:${i}Z INFO worker $i took a job"; done >/tmp/log
	headroom compress -f log /tmp/log >/tmp/smaller && test "$(wc -c </tmp/smaller)" -lt "$(wc -c </tmp/log)"' || fail "headroom compress"
# shellcheck disable=SC2016 # for the shell there
in_chroot sh -c 'cd /tmp && cp /usr/share/doc/libheadroom-dev/examples/compress.c . && cc $(pkg-config --cflags headroom) compress.c $(pkg-config --libs headroom) -o shared &&
	cc compress.c -Wl,-Bstatic -lheadroom -Wl,-Bdynamic $(pkg-config --libs --static headroom | sed s/-lheadroom//) -o static &&
	! ldd static | grep -q headroom && ldd shared | grep -q "libheadroom.so.0 => /"' || fail "the example does not compile"
printf '{"model":"m","messages":[{"role":"user","content":"x"}]}' >"$system/tmp/request.json"
in_chroot sh -c 'cd /tmp && ./shared <request.json 2>err | cmp - request.json && ./static <request.json 2>err | cmp - request.json' || fail "the library"

# ---- the service ----
in_chroot systemd-analyze verify --man=no /lib/systemd/system/headroom.service || fail "systemd-analyze verify"
# 0 is a cage without a door, 10 none; many services of Debian have more than 9.
in_chroot systemd-analyze security --offline=true --threshold=20 /lib/systemd/system/headroom.service >"$work/security" 2>&1 ||
	{ cat "$work/security" >&2; fail "the service's exposure"; }

mkfifo "$work/stdin"
node "$root/tests/provider/main.mjs" <"$work/stdin" >"$work/provider" &
provider=$!
exec 9>"$work/stdin"
for _ in $(seq 100); do [ -s "$work/provider" ] && break; sleep 0.1; done
upstream=$(sed 's/.*"url": *"\([^"]*\)".*/\1/' "$work/provider")
printf 'ANTHROPIC_TARGET_API_URL=%s\nHEADROOM_PORT=0\n' "$upstream" >"$system/etc/headroom/environment"

boot() {
	systemd-nspawn -D "$system" --register=no --keep-unit --boot --console=read-only --machine=headroom-test </dev/null >"$work/boot.log" 2>&1 &
	nspawn=$!
	for _ in $(seq 300); do
		grep -q 'multi-user.target' "$work/boot.log" && return 0
		kill -0 "$nspawn" 2>/dev/null || return 1
		sleep 0.1
	done
	return 1
}
inside() {
	nsenter -t "$init" --mount --uts --ipc --pid --root --wd env -u TMPDIR HOME=/root "$@"
}
ask() { # ask HEADER...: a request of an agent to the service; prints the status
	local headers=()
	for h; do headers+=(-H "$h"); done
	inside curl -s -o /tmp/answer -w '%{http_code}' "${headers[@]}" -H 'content-type: application/json' -H 'x-api-key: k' \
		-d '{"model":"claude-test","max_tokens":8,"messages":[{"role":"user","content":"hello"}]}' "$url/v1/messages"
}

if command -v systemd-nspawn >/dev/null && boot; then
	init=$(pgrep -P "$nspawn" -o)
	[ "$(inside systemctl is-enabled headroom)" = disabled ] || fail "the service is enabled by itself"
	inside systemctl start headroom || { inside journalctl -u headroom --no-pager >&2; fail "the service does not start"; }
	url=$(inside systemctl show -p StatusText --value headroom)
	pid=$(inside systemctl show -p MainPID --value headroom)
	[ "$(inside curl -s -o /dev/null -w '%{http_code}' "$url/livez")" = 200 ] || fail "/livez of $url"
	[ "$(ask)" = 401 ] || fail "a request without the token is answered"
	[ "$(ask "x-headroom-proxy-token: $token")" = 200 ] || fail "a request with the token is not answered: $(cat "$system/tmp/answer")"
	inside sh -c "test \$(stat -c %u /proc/$pid) != 0" || fail "the service runs as root"
	grep -q '^NoNewPrivs:.*1' <(inside cat "/proc/$pid/status") || fail "NoNewPrivs"
	grep -q '^Seccomp:.*2' <(inside cat "/proc/$pid/status") || fail "no filter of system calls"
	grep -q '^CapEff:.*0000000000000000' <(inside cat "/proc/$pid/status") || fail "the service has capabilities"
	inside systemctl reload headroom || fail "the service cannot be reloaded"
	inside systemctl stop headroom || fail "the service cannot be stopped"
	[ "$(inside systemctl show -p Result --value headroom)" = success ] || fail "the service did not end well"
	[ -s "$system/var/lib/private/headroom/store.db" ] || fail "no store in the service's directory"
	rm "$system/etc/headroom/environment"
	inside env DEBIAN_FRONTEND=noninteractive dpkg -P headroom libheadroom-dev libheadroom0 >"$work/purge.log" 2>&1 ||
		{ cat "$work/purge.log" >&2; fail "dpkg -P"; }
	inside systemctl poweroff 2>/dev/null || true # there is no bus to tell
	wait "$nspawn" || true
	nspawn=
	booted="the service was started by systemd $(in_chroot systemctl --version | sed -n '1s/systemd \([0-9]*\).*/\1/p')"
else
	tail -n 5 "$work/boot.log" >&2 || true
	booted="SKIPPED: systemd cannot be booted here, so that the service was not started"
	rm "$system/etc/headroom/environment"
	in_chroot dpkg -P headroom libheadroom-dev libheadroom0 >"$work/purge.log" 2>&1 || { cat "$work/purge.log" >&2; fail "dpkg -P"; }
fi

# ---- nothing is left ----
# What systemd writes when it boots a machine for the first time is the machine's.
listing >"$work/after"
left=$(diff "$work/before" "$work/after" | grep '^[<>]' | grep -vE ' \./(var/lib/systemd|var/lib/dbus|etc/machine-id|var/tmp|etc/\.updated|var/\.updated|var/spool|var/lib/private|etc/resolv\.conf|etc/mtab|root/\.ssh|var/cache/private)' || true)
[ -z "$left" ] || { echo "$left" >&2; fail "purging leaves things behind"; }
grep -il headroom "$system/etc/passwd" "$system/etc/group" && fail "a user is left"
echo "ok: installed, tried and purged; $booted"
