#!/bin/bash
# The Dockerfile, built by buildah, and what it makes tried: with its own user, a root that cannot be written, no capability and nothing
# but /proc beside, it answers a request that shows the token, is healthy by its own check, and ends well on SIGTERM. `make
# test-image`; must be root.
#
#	test_image.sh CACHE     of rootfs.sh
#
# BASE names another image to start from; without it, a Debian 12 that debootstrap makes, so that no registry is needed. CCACHE_DIR
# is used when it is set.
set -eu
root=$(realpath "$(dirname "$0")/..")
cache=$1
work=$(mktemp -d)
image=localhost/headroom:test
pids=()
containers=()
export BUILDAH_ISOLATION=chroot
storage=(--root "$work/storage" --runroot "$work/run")
mounts=()

fail() {
	echo "test-image: $*" >&2
	exit 1
}

# shellcheck disable=SC2317 # called by the trap
end() {
	for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
	for m in "${mounts[@]}"; do umount -R "$m" 2>/dev/null || true; done
	for c in "${containers[@]}"; do buildah "${storage[@]}" rm "$c" >/dev/null 2>&1 || true; done
	buildah "${storage[@]}" rmi -a -f >/dev/null 2>&1 || true
	rm -rf --one-file-system "$work"
}
trap end EXIT

if [ -z "${BASE-}" ]; then
	mkdir -p "$cache"
	"$root/packaging/rootfs.sh" "$cache" "$work/system" ca-certificates
	rm -rf "$work/system" # the tarball beside it is what is wanted
	from=$(buildah "${storage[@]}" from scratch)
	containers+=("$from")
	buildah "${storage[@]}" add -q "$from" "$cache/bookworm.tar" / >/dev/null
	BASE=localhost/debian:bookworm
	buildah "${storage[@]}" commit -q "$from" "$BASE" >/dev/null
fi
# What this machine trusts is trusted.
cached=(--volume /etc/ssl/certs/ca-certificates.crt:/machine-ca.crt:ro --build-arg NODE_EXTRA_CA_CERTS=/machine-ca.crt)
[ -z "${CCACHE_DIR-}" ] ||
	cached+=(--volume "$CCACHE_DIR:/root/.cache/ccache" --build-arg BUILD_TOOLS=ccache --build-arg CC='CCACHE_NOHASHDIR=1 ccache gcc')
buildah "${storage[@]}" bud -q --format docker "${cached[@]}" --build-arg BASE="$BASE" -t "$image" "$root" >"$work/build.log" 2>&1 ||
	{ tail -n 40 "$work/build.log" >&2; fail "the image cannot be built"; }

of() {
	buildah "${storage[@]}" inspect --type image --format "$1" "$image"
}
[ "$(of '{{.Docker.Config.User}}')" = 65532:65532 ] || fail "the image runs as $(of '{{.Docker.Config.User}}')"
read -r -a check <<<"$(of '{{range .Docker.Config.Healthcheck.Test}}{{.}} {{end}}')"
[ "${check[0]}" = CMD ] || fail "no health check"
read -r -a command <<<"$(of '{{range .Docker.Config.Entrypoint}}{{.}} {{end}}{{range .Docker.Config.Cmd}}{{.}} {{end}}')"
container=$(buildah "${storage[@]}" from "$image")
containers+=("$container")
mounted=$(buildah "${storage[@]}" mount "$container")

# Read only, as with `docker run --read-only`.
place=$work/place
mkdir "$place"
mount --bind "$mounted" "$place"
mounts+=("$place")
mount -o remount,ro,bind "$place"
mount -t proc proc "$place/proc"
variables=()
as=()
inside() {
	"${as[@]}" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HEADROOM_HOME=/var/lib/headroom "${variables[@]}" chroot "$place" \
		setpriv --reuid 65532 --regid 65532 --clear-groups --bounding-set=-all --inh-caps=-all --no-new-privs "$@"
}

mkfifo "$work/stdin"
node "$root/tests/provider/main.mjs" <"$work/stdin" >"$work/provider" &
pids+=($!)
exec 9>"$work/stdin"
for _ in $(seq 100); do [ -s "$work/provider" ] && break; sleep 0.1; done
upstream=$(sed 's/.*"url": *"\([^"]*\)".*/\1/' "$work/provider")

inside true || fail "nothing can be started in it"
inside touch /var/lib/headroom/x 2>/dev/null && fail "the root can be written"
variables=(ANTHROPIC_TARGET_API_URL="$upstream" HEADROOM_PROXY_TOKEN=secret-of-the-test HEADROOM_PORT=0)
as=(exec) # so that what is ended is the proxy, and not a shell before it
inside "${command[@]}" 2>"$work/proxy.err" &
proxy=$!
as=()
pids+=("$proxy")
for _ in $(seq 100); do grep -q '"event":"listening"' "$work/proxy.err" && break; sleep 0.1; done
port=$(sed -n 's/.*"event":"listening","url":"[^"]*:\([0-9]*\)".*/\1/p' "$work/proxy.err")
[ -n "$port" ] || { cat "$work/proxy.err" >&2; fail "the proxy does not listen"; }
ask() { # ask HEADER: status of a request
	curl -s -o "$work/answer" -w '%{http_code}' -H "$1" -H 'content-type: application/json' -H 'x-api-key: k' \
		-d '{"model":"claude-test","max_tokens":8,"messages":[{"role":"user","content":"hello"}]}' "http://127.0.0.1:$port/v1/messages"
}
[ "$(ask 'x-a: b')" = 401 ] || fail "a request without the token is answered"
[ "$(ask 'x-headroom-proxy-token: secret-of-the-test')" = 200 ] || fail "no answer: $(cat "$work/answer" "$work/proxy.err")"
variables=(HEADROOM_PORT="$port")
inside "${check[@]:1}" >"$work/check" 2>&1 || { cat "$work/check" >&2; fail "the health check"; }
threads=$(find "/proc/$proxy/task" -maxdepth 1 -mindepth 1 2>/dev/null | wc -l)
kill -TERM "$proxy"
wait "$proxy" || fail "it ends with $? on SIGTERM"
inside "${check[@]:1}" >/dev/null 2>&1 && fail "the health check finds a proxy that is gone"
echo "ok: image of $(du -sm --exclude=./proc "$mounted" | cut -f1) MB, $threads threads, on a root that is read only"
