#include "proxy/upstream_tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/mem.h"
#include "proxy/guard.h"

/* All certificates together: Debian's store has 0.2 MB. */
#define CERTIFICATES_MAX ((size_t)16 << 20)

struct upstream_tls {
	const struct proxy_conf *conf;
	/* The file of certificates that curl reads; NULL: its own default. curl keeps what it has read from one
	 * file, and from one file only (openssl.c, Curl_ssl_setup_x509_store: with a directory beside it or a blob in
	 * its place all of it is parsed for each connection, some 10 ms), so that system and extra are made one
	 * here, in memory. */
	const char *ca_path;
	int memory_fd;
	char memory_path[32];
};

/* ---- certificates ------------------------------------------------------------------------------------ */

static enum err check_certificates(
	const char *variable, const char *path, str pem, struct errctx *cx)
{
	BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
	size_t n = 0;
	unsigned long e;
	X509 *x;

	if (!bio)
		FAIL(cx, E_NOMEM, "no memory for certificates");
	while ((x = PEM_read_bio_X509_AUX(bio, NULL, NULL, NULL))) {
		X509_free(x);
		n++;
	}
	e = ERR_peek_last_error();
	ERR_clear_error();
	(void)BIO_free(bio);
	/* The end of the file is told as "no more beginnings". */
	if (n && ERR_GET_LIB(e) == ERR_LIB_PEM && ERR_GET_REASON(e) == PEM_R_NO_START_LINE)
		return E_OK;
	if (!n)
		FAIL(cx, E_CONFIG, "%s: %s holds no certificate in PEM form", variable, path);
	FAIL(cx, E_CONFIG, "%s: %s: certificate %zu is damaged", variable, path, n + 1);
}

/* Appends the file to out, and a line's end. variable: who named the file; its certificates are looked at. NULL: it is
 * the system's. */
static enum err add_file(const char *variable, const char *path, struct buf *out, struct errctx *cx)
{
	size_t start = out->n;
	enum err err = file_read(path, out, cx);

	if (!err && variable)
		err = check_certificates(variable, path, str_sub(buf_str(out), start, out->n), cx);
	else if (err && variable)
		err = err_set(cx, err == E_NOMEM ? E_NOMEM : E_CONFIG, "%s: %s: %s", variable, path,
			err_text(err));
	buf_add_byte(out, '\n');
	return err;
}

/* Where the system keeps its certificates in one file; NULL: nowhere that is known. */
static const char *system_file(void)
{
	/* curl's own is Debian's; Fedora, SUSE and Alpine have theirs elsewhere. */
	const char *const paths[] = {curl_version_info(CURLVERSION_NOW)->cainfo,
		"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
		"/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"};

	for (size_t i = 0; i < ARRAY_N(paths); i++)
		if (paths[i] && access(paths[i], R_OK) == 0)
			return paths[i];
	return NULL;
}

static bool write_all(int fd, str s)
{
	while (s.n) {
		ssize_t n = write(fd, s.p, s.n);

		if (n < 0 && errno != EINTR)
			return false;
		s = str_sub(s, n > 0 ? (size_t)n : 0, s.n);
	}
	return true;
}

/* A file that only this process has. */
static enum err keep_in_memory(struct upstream_tls *t, str pem, struct errctx *cx)
{
	t->memory_fd = memfd_create("headroom-certificates", MFD_CLOEXEC);
	if (t->memory_fd < 0 || !write_all(t->memory_fd, pem))
		FAIL(cx, E_NOMEM, "no memory for certificates");
	(void)snprintf(t->memory_path, sizeof t->memory_path, "/proc/self/fd/%d", t->memory_fd);
	if (access(t->memory_path, R_OK) != 0)
		FAIL(cx, E_CONFIG, "NODE_EXTRA_CA_CERTS needs /proc, which is not mounted here");
	t->ca_path = t->memory_path;
	return E_OK;
}

static enum err read_certificates(struct upstream_tls *t, struct buf *pem, struct errctx *cx)
{
	const struct proxy_conf *conf = t->conf;

	t->ca_path = conf->ca_file ? conf->ca_file : system_file();
	if (conf->ca_file || (conf->ca_extra && t->ca_path))
		TRY(add_file(conf->ca_file ? "SSL_CERT_FILE" : NULL, t->ca_path, pem, cx));
	if (!conf->ca_extra)
		return E_OK;
	TRY(add_file("NODE_EXTRA_CA_CERTS", conf->ca_extra, pem, cx));
	if (pem->err)
		FAIL(cx, E_NOMEM, "no memory for certificates");
	return keep_in_memory(t, buf_str(pem), cx);
}

enum err upstream_tls_new(
	const struct proxy_conf *conf, struct upstream_tls **out, struct errctx *cx)
{
	struct upstream_tls *t = mem_zalloc(sizeof *t);
	struct buf pem;
	enum err err;

	*out = NULL;
	if (!t)
		FAIL(cx, E_NOMEM, "no memory for the upstream connections");
	t->conf = conf;
	t->memory_fd = -1;
	buf_init(&pem, CERTIFICATES_MAX);
	err = read_certificates(t, &pem, cx);
	buf_release(&pem);
	if (err) {
		upstream_tls_free(t);
		return err;
	}
	*out = t;
	return E_OK;
}

void upstream_tls_free(struct upstream_tls *t)
{
	if (t && t->memory_fd >= 0)
		(void)close(t->memory_fd);
	mem_free(t);
}

bool upstream_tls_apply(struct upstream_tls *t, CURL *easy)
{
	CURLcode bad = CURLE_OK;

	/* Empty: curl looks for no variables of the environment. */
	bad |= curl_easy_setopt(easy, CURLOPT_PROXY, "");
	bad |= curl_easy_setopt(easy, CURLOPT_NOPROXY, t->conf->no_proxy ? t->conf->no_proxy : "");
	if (!t->ca_path)
		return bad == CURLE_OK;
	bad |= curl_easy_setopt(easy, CURLOPT_CAINFO, t->ca_path);
	bad |= curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	bad |= curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO, t->ca_path);
	bad |= curl_easy_setopt(easy, CURLOPT_PROXY_CAPATH, NULL);
	return bad == CURLE_OK;
}

/* ---- HTTP proxies ------------------------------------------------------------------------------------ */

/* "host:port" of a URL. */
static str authority_of(const char *url)
{
	str s = str_from(url);
	size_t at = str_find(s, STR("://"));

	s = str_sub(s, at == STR_NONE ? 0 : at + 3, s.n);
	at = str_find_byte(s, '/');
	s = at == STR_NONE ? s : str_sub(s, 0, at);
	at = str_rfind_byte(s, '@');
	return at == STR_NONE ? s : str_sub(s, at + 1, s.n);
}

/* NULL: none. */
static const char *proxy_of(const struct proxy_conf *conf, const char *url)
{
	bool is_tls = str_starts(str_from(url), STR("https:"));
	const char *proxy = is_tls ? conf->https_proxy : conf->http_proxy;

	return proxy && !address_is_loopback(authority_of(url)) ? proxy : NULL;
}

bool upstream_tls_is_direct(const struct upstream_tls *t, const char *url)
{
	return !proxy_of(t->conf, url);
}

bool upstream_tls_route(struct upstream_tls *t, CURL *easy, const char *url)
{
	const struct proxy_conf *conf = t->conf;
	const char *proxy = proxy_of(conf, url);

	if (!conf->https_proxy && !conf->http_proxy)
		return true; /* as upstream_tls_apply has left it */
	return curl_easy_setopt(easy, CURLOPT_PROXY, proxy ? proxy : "") == CURLE_OK;
}
