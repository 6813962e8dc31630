#include "proxy/fetch.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"

enum {
	REDIRECTS_MAX = 5,
	CONNECT_SECONDS = 30,
	/* Slower than that for so long is a connection that is dead. */
	LEAST_BYTES_PER_S = 1,
	LEAST_SECONDS = 60,
	PATH_MAX_ = 4096,
};

struct transfer {
	const struct fetch *f;
	CURL *easy;
	int fd;
	uint64_t had; /* bytes of an earlier try */
	uint64_t got; /* in the file */
	bool is_begun;
	int failed;                    /* errno of a write */
	char promised[SHA256_HEX + 1]; /* empty: not told */
};

/* The server may have sent all from its beginning though less was asked for. */
static bool begin(struct transfer *t)
{
	long code = 0;

	t->is_begun = true;
	(void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &code);
	if (code == 206 || !t->had)
		return true;
	t->got = 0;
	if (ftruncate(t->fd, 0) == 0 && lseek(t->fd, 0, SEEK_SET) == 0)
		return true;
	t->failed = errno;
	return false;
}

static size_t on_bytes(char *p, size_t size, size_t n, void *self)
{
	struct transfer *t = self;
	size_t left = size * n;

	if (!t->is_begun && !begin(t))
		return 0;
	while (left) {
		ssize_t w = write(t->fd, p, left);

		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0) {
			t->failed = errno;
			return 0;
		}
		p += w;
		left -= (size_t)w;
		t->got += (uint64_t)w;
	}
	return size * n;
}

static size_t on_header(char *p, size_t size, size_t n, void *self)
{
	struct transfer *t = self;
	str line = {p, size * n}, name = STR("x-linked-etag:"), value;

	if (line.n < name.n || !str_eq_nocase(str_sub(line, 0, name.n), name))
		return line.n;
	value = str_trim(str_sub(line, name.n, line.n));
	if (value.n == SHA256_HEX + 2 && value.p[0] == '"')
		value = str_sub(value, 1, value.n - 1);
	if (value.n == SHA256_HEX) {
		memcpy(t->promised, value.p, SHA256_HEX);
		t->promised[SHA256_HEX] = '\0';
	}
	return line.n;
}

static int on_progress(
	void *self, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up_now)
{
	struct transfer *t = self;

	(void)now;
	(void)up_total;
	(void)up_now;
	if (t->f->progress)
		t->f->progress(t->f->self, t->got,
			total > 0 ? (uint64_t)total + (t->is_begun ? t->had : 0) : 0);
	return 0;
}

static bool is_here(const char *url)
{
	static const char *const all[] = {"http://127.0.0.1", "http://localhost", "http://[::1]"};

	for (size_t i = 0; i < ARRAY_N(all); i++) {
		str rest = str_from(url);

		if (str_take(&rest, str_from(all[i])) &&
			(!rest.n || *rest.p == ':' || *rest.p == '/'))
			return true;
	}
	return false;
}

static void set_options(struct transfer *t)
{
	const char *protocols = is_here(t->f->url) ? "http,https" : "https";
	char range[32];

	(void)curl_easy_setopt(t->easy, CURLOPT_URL, t->f->url);
	(void)curl_easy_setopt(t->easy, CURLOPT_PROTOCOLS_STR, protocols);
	(void)curl_easy_setopt(t->easy, CURLOPT_REDIR_PROTOCOLS_STR, protocols);
	(void)curl_easy_setopt(t->easy, CURLOPT_FOLLOWLOCATION, 1L);
	(void)curl_easy_setopt(t->easy, CURLOPT_MAXREDIRS, (long)REDIRECTS_MAX);
	(void)curl_easy_setopt(t->easy, CURLOPT_FAILONERROR, 1L);
	(void)curl_easy_setopt(t->easy, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(t->easy, CURLOPT_USERAGENT, t->f->agent);
	(void)curl_easy_setopt(t->easy, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
	(void)curl_easy_setopt(t->easy, CURLOPT_LOW_SPEED_LIMIT, (long)LEAST_BYTES_PER_S);
	(void)curl_easy_setopt(t->easy, CURLOPT_LOW_SPEED_TIME, (long)LEAST_SECONDS);
	/* not CURLOPT_RESUME_FROM, which fails where a server sends all of it */
	if (t->had && snprintf(range, sizeof range, "%" PRIu64 "-", t->had) > 0)
		(void)curl_easy_setopt(t->easy, CURLOPT_RANGE, range);
	(void)curl_easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, on_bytes);
	(void)curl_easy_setopt(t->easy, CURLOPT_WRITEDATA, t);
	(void)curl_easy_setopt(t->easy, CURLOPT_HEADERFUNCTION, on_header);
	(void)curl_easy_setopt(t->easy, CURLOPT_HEADERDATA, t);
	(void)curl_easy_setopt(t->easy, CURLOPT_XFERINFOFUNCTION, on_progress);
	(void)curl_easy_setopt(t->easy, CURLOPT_XFERINFODATA, t);
	(void)curl_easy_setopt(t->easy, CURLOPT_NOPROGRESS, 0L);
}

static enum err told(const struct transfer *t, CURLcode code, const char *why, struct errctx *cx)
{
	char text[FILE_ERRNO_TEXT];
	long status = 0;

	if (t->failed)
		FAIL(cx, file_err(t->failed), "%s.part: %s", t->f->path,
			file_err_text(t->failed, text));
	(void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	if (code == CURLE_HTTP_RETURNED_ERROR)
		FAIL(cx,
			status == 404                    ? E_NOT_FOUND
			: status == 401 || status == 403 ? E_PERMISSION
							 : E_UNAVAILABLE,
			"%s: the server answers with %ld", t->f->url, status);
	FAIL(cx, E_UNAVAILABLE, "%s: %s", t->f->url, *why ? why : curl_easy_strerror(code));
}

/* Into the open file, behind what is there. */
static enum err transfer(struct transfer *t, struct errctx *cx)
{
	char why[CURL_ERROR_SIZE] = "";
	CURLcode code;
	enum err e;
	long status = 0;

	t->easy = curl_easy_init();
	if (!t->easy)
		FAIL(cx, E_NOMEM, "out of memory");
	(void)curl_easy_setopt(t->easy, CURLOPT_ERRORBUFFER, why);
	set_options(t);
	code = curl_easy_perform(t->easy);
	(void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	/* all of it is there already, says the server */
	e = !code || (status == 416 && t->had) ? E_OK : told(t, code, why, cx);
	curl_easy_cleanup(t->easy);
	return e;
}

static enum err hash_file(int fd, const char *name, char hex[SHA256_HEX + 1], struct errctx *cx)
{
	struct stat st;
	void *map;

	if (fstat(fd, &st) || st.st_size <= 0)
		FAIL(cx, E_IO, "%s is empty", name);
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		FAIL(cx, E_IO, "%s: cannot be read again", name);
	sha256_hex((str){map, (size_t)st.st_size}, hex);
	(void)munmap(map, (size_t)st.st_size);
	return E_OK;
}

static enum err fetch_to(
	struct transfer *t, const char *part, char hex[SHA256_HEX + 1], struct errctx *cx)
{
	char text[FILE_ERRNO_TEXT];

	t->had = t->got = (uint64_t)lseek(t->fd, 0, SEEK_END);
	TRY(transfer(t, cx));
	TRY(hash_file(t->fd, part, hex, cx));
	if (*t->promised && !str_eq_nocase(str_from(t->promised), str_from(hex))) {
		(void)unlink(part);
		FAIL(cx, E_VERIFY,
			"%s: its SHA-256 is %s, not %s as the server says; what came is gone",
			t->f->url, hex, t->promised);
	}
	if (fsync(t->fd) || rename(part, t->f->path))
		FAIL(cx, file_err(errno), "%s: %s", t->f->path, file_err_text(errno, text));
	return E_OK;
}

enum err fetch_file(const struct fetch *f, char hex[SHA256_HEX + 1], struct errctx *cx)
{
	struct transfer t = {.f = f, .fd = -1};
	char part[PATH_MAX_], text[FILE_ERRNO_TEXT];
	enum err e;

	if (!str_starts(str_from(f->url), STR("https://")) && !is_here(f->url))
		FAIL(cx, E_USAGE, "%s: expected https://, or http:// to this machine", f->url);
	if (snprintf(part, sizeof part, "%s.part", f->path) >= (int)sizeof part)
		FAIL(cx, E_USAGE, "%s: the name is too long", f->path);
	t.fd = open(part, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (t.fd < 0)
		FAIL(cx, file_err(errno), "%s: %s", part, file_err_text(errno, text));
	e = fetch_to(&t, part, hex, cx);
	(void)close(t.fd);
	return e;
}
