#include "core/lease/meet.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/lease/process.h"

enum { HELLO_MS = 2000 }; /* of a proxy that runs: it answers between two requests to its store */

static int64_t now_ms(void)
{
	return clock_monotonic_ns(NULL) / 1000000;
}

enum err lease_hear(int fd, int64_t timeout_ms, struct buf *out, struct errctx *cx)
{
	int64_t end = now_ms() + timeout_ms;

	for (;;) {
		int64_t left = end - now_ms();
		struct pollfd p = {.fd = fd, .events = POLLIN};
		char part[4096];
		ssize_t n;

		if (poll(&p, 1, left > 0 ? (int)left : 0) == 0 && left <= 0)
			FAIL(cx, E_TIMEOUT, "no answer in %lld ms", (long long)timeout_ms);
		n = recv(fd, part, sizeof part, MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n <= 0)
			FAIL(cx, E_NOT_FOUND, "it has ended");
		buf_add(out, (str){part, (size_t)n});
		if (out->err)
			FAIL(cx, out->err, "what it says is too long");
		if (part[n - 1] == '\n')
			return E_OK;
	}
}

static bool is_named_by(const struct lease_record *said, const struct lease_record *file)
{
	return str_eq(said->nonce, file->nonce) && said->nonce.n == LEASE_NONCE_LEN &&
	       said->network == process_network() &&
	       lease_record_port(said) == lease_record_port(file);
}

enum err lease_meet(const struct run_dir *d, uint16_t port, struct buf *text, struct arena *a,
	int *fd, struct lease_record *out)
{
	struct lease_record said;
	enum err err;

	*fd = -1;
	if (run_dir_read(d, port, a, out, NULL) || run_dir_connect(d, port, fd, NULL))
		return E_NOT_FOUND;
	buf_reset(text);
	err = lease_hear(*fd, HELLO_MS, text, NULL);
	if (!err && (lease_record_parse(buf_str(text), a, &said, NULL) || !is_named_by(&said, out)))
		err = E_VERIFY;
	if (!err) {
		*out = said;
		return E_OK;
	}
	(void)close(*fd);
	*fd = -1;
	return err == E_NOT_FOUND || err == E_TIMEOUT ? err : E_VERIFY;
}
