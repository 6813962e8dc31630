#!/bin/sh
# Unpacks the tarball to a directory with a blank in its name and works with it from there, in an environment that has nothing:
# no library of the machine but those of glibc is loaded, a text gets smaller, and a proxy answers.
#
#	test_tarball.sh DIR     where tarball.sh has put it
set -eu
tarball=$(realpath "$1"/headroom-*.tar.gz)
work=$(mktemp -d)
proxy=
# shellcheck disable=SC2317 # called by the trap
end() {
	[ -z "$proxy" ] || kill "$proxy" 2>/dev/null || true
	rm -rf "$work"
}
trap end EXIT
mkdir "$work/a place" "$work/home"
tar -C "$work/a place" -xzf "$tarball"
bin=$(echo "$work/a place"/headroom-*/bin/headroom)
run() {
	(cd / && exec env -i HOME="$work/home" PATH=/usr/bin:/bin "$@")
}

foreign=$(run LD_TRACE_LOADED_OBJECTS=1 "$bin" | awk '$2 == "=>" { print $3 }' | grep -v "^$work/" |
	grep -vE '/(libc|libm|libdl|librt|libpthread|libresolv|ld-linux[^/]*)\.so' || true)
[ -z "$foreign" ] || { echo "libraries of this machine are used: $foreign" >&2; exit 1; }
run "$bin" version | grep -qF "$(basename "$tarball" | cut -d- -f2)"

i=0
while [ $i -lt 60 ]; do
	i=$((i + 1))
	printf '2026-01-01T00:00:%02dZ INFO worker %d took a job\n' $i $i
done >"$work/log"
run "$bin" compress -f log - <"$work/log" >"$work/smaller"
[ "$(wc -c <"$work/smaller")" -lt "$(wc -c <"$work/log")" ]

mkfifo "$work/ready"
run "$bin" proxy --port 0 --ready-fd 3 3>"$work/ready" 2>"$work/proxy.err" &
proxy=$!
read -r url <"$work/ready"
run "$bin" proxy status -p "${url##*:}" >/dev/null
run "$bin" proxy stop -p "${url##*:}" >/dev/null
wait "$proxy"
proxy=
echo "ok: $(basename "$tarball"), $(wc -c <"$tarball") bytes"
