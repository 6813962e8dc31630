/* random_log: logs of many formats, made of a seed and nothing else, with rare lines, errors, blank lines, lines that
 * look like ours, bytes that are no UTF-8. For property tests, the fuzz target and the benchmark of the codec. */
#ifndef TESTS_UNIT_RANDOM_LOG_H
#define TESTS_UNIT_RANDOM_LOG_H

#include "core/base/buf.h"
#include "tests/unit/random_text.h"

struct log_clock {
	unsigned day, second;
};

typedef void log_line_fn(struct rng *r, struct log_clock *c, struct buf *b);

static inline unsigned clock_hour(const struct log_clock *c)
{
	return c->second / 3600 % 24;
}

static inline unsigned clock_minute(const struct log_clock *c)
{
	return c->second / 60 % 60;
}

/* '#': a number, '@': a small one. */
static inline void add_message(struct rng *r, struct buf *b)
{
	static const char *const texts[] = {"Received block blk_# of size 512 from 10.0.@.7",
		"Accepted password for user@ port # ssh2", "cache hit for key k# in @ ms",
		"session opened for user root by (uid=@) tty=@", "worker @ is ready (#)",
		"session closed for user root by (uid=@) tty=@", "GET /v1/items/# took @ ms",
		"queue depth @, 0 errors, @ waiting"};
	static const char *const bad[] = {"Exception in thread @: java.io.IOException: no #",
		"connection to 10.0.0.@:# refused", "failed to read block # after @ tries",
		"errors=@ of #"};
	const char *text = rng_once_in(r, 16) ? RNG_PICK(r, bad) : RNG_PICK(r, texts);

	for (; *text; text++) {
		if (*text == '#')
			buf_add_u64(b, rng_below(r, 90000));
		else if (*text == '@')
			buf_add_u64(b, rng_below(r, 300));
		else
			buf_add_byte(b, *text);
	}
}

static inline const char *any_level(struct rng *r)
{
	static const char *const levels[] = {
		"INFO", "INFO", "INFO", "INFO", "INFO", "DEBUG", "INFO", "INFO", "WARN", "ERROR"};

	return RNG_PICK(r, levels);
}

static inline void add_syslog(struct rng *r, struct log_clock *c, struct buf *b)
{
	buf_printf(b, "Jun %2u %02u:%02u:%02u combo sshd[%u]: ", c->day % 30 + 1, clock_hour(c),
		clock_minute(c), c->second % 60, 1000 + rng_below(r, 90));
	add_message(r, b);
}

static inline void add_log4j(struct rng *r, struct log_clock *c, struct buf *b)
{
	buf_printf(b, "2026-06-%02u %02u:%02u:%02u,%03u %-5s [main-%u] org.example.Server - ",
		c->day % 30 + 1, clock_hour(c), clock_minute(c), c->second % 60, rng_below(r, 1000),
		any_level(r), rng_below(r, 4));
	add_message(r, b);
}

static inline void add_hdfs(struct rng *r, struct log_clock *c, struct buf *b)
{
	buf_printf(b, "0811%02u %02u%02u%02u %u %s dfs.DataNode: ", c->day % 30 + 1, clock_hour(c),
		clock_minute(c), c->second % 60, rng_below(r, 200), any_level(r));
	add_message(r, b);
}

static inline void add_access(struct rng *r, struct log_clock *c, struct buf *b)
{
	static const char *const status[] = {"200", "200", "200", "304", "404", "503"};

	buf_printf(b,
		"10.0.%u.%u - - [12/Oct/2026:%02u:%02u:%02u +0200] \"GET /%s/%u HTTP/1.1\" %s %u",
		rng_below(r, 4), rng_below(r, 250), clock_hour(c), clock_minute(c), c->second % 60,
		RNG_PICK(r, text_words), rng_below(r, 5000), RNG_PICK(r, status),
		rng_below(r, 99999));
}

static inline void add_json_log(struct rng *r, struct log_clock *c, struct buf *b)
{
	buf_printf(b, "{\"ts\":\"2026-06-%02uT%02u:%02u:%02u.%03uZ\",\"level\":\"%s\",\"msg\":\"",
		c->day % 30 + 1, clock_hour(c), clock_minute(c), c->second % 60, rng_below(r, 1000),
		rng_once_in(r, 12) ? "error" : "info");
	add_message(r, b);
	buf_printf(b, "\",\"dur\":%u,\"trace\":\"%08x\"}", rng_below(r, 900), rng_next(r));
}

static inline void add_logcat(struct rng *r, struct log_clock *c, struct buf *b)
{
	static const char *const levels[] = {"D", "D", "I", "V", "I", "W", "E"};

	buf_printf(b, "03-%02u %02u:%02u:%02u.%03u %5u %5u %s Window: ", c->day % 30 + 1,
		clock_hour(c), clock_minute(c), c->second % 60, rng_below(r, 1000),
		rng_below(r, 30000), rng_below(r, 30000), RNG_PICK(r, levels));
	add_message(r, b);
}

static inline void add_klog(struct rng *r, struct log_clock *c, struct buf *b)
{
	buf_printf(b, "%c0102 %02u:%02u:%02u.%06u       1 server.go:%u] \"",
		"IIIIIWE"[rng_below(r, 7)], clock_hour(c), clock_minute(c), c -> second % 60,
		rng_below(r, 1000000), rng_below(r, 3) + 80);
	add_message(r, b);
	buf_add_byte(b, '"');
}

static inline void add_ci(struct rng *r, struct log_clock *c, struct buf *b)
{
	static const char *const steps[] = {"##[group]Run make", "##[endgroup]", "+ make -j2 all",
		"##[error]Process completed with exit code 2."};

	buf_printf(b, "[task 2026-06-%02uT%02u:%02u:%02u.%03uZ] %02u:%02u:%02u     INFO - ",
		c->day % 30 + 1, clock_hour(c), clock_minute(c), c->second % 60, rng_below(r, 1000),
		clock_hour(c), clock_minute(c), c->second % 60);
	if (rng_once_in(r, 9))
		buf_add_c(b, RNG_PICK(r, steps));
	else
		buf_printf(b, "TEST-PASS | /css/%s-%u.html | took %ums", RNG_PICK(r, text_words),
			rng_below(r, 400), rng_below(r, 900));
}

/* Lines that no format explains, and those that are spelled like ours. */
static inline void add_odd(struct rng *r, struct buf *b)
{
	static const char *const odd[] = {"", "    at org.example.Server.run(Server.java:12)",
		"Caused by: java.net.SocketException: reset", "12", "7\tx", "0\t", "=",
		"<*> and <time>", "\xff\xfe bad \x80", "[3 like 1]",
		"Traceback (most recent call last):", "\t\t", "  indented   with   blanks  ", "[",
		"a=b=c", "[1: 3 more like this]"};

	buf_add_c(b, RNG_PICK(r, odd));
}

/* lines of them; odd_in: every so maniest line is odd, 0: none. */
static inline void add_random_log(struct rng *r, struct buf *b, uint32_t lines, uint32_t odd_in)
{
	static log_line_fn *const formats[] = {add_syslog, add_log4j, add_hdfs, add_access,
		add_json_log, add_logcat, add_klog, add_ci};
	log_line_fn *format = RNG_PICK(r, formats);
	struct log_clock c = {rng_below(r, 30), rng_below(r, 86400)};
	const char *end = rng_once_in(r, 8) ? "\r\n" : "\n";

	for (uint32_t i = 0; i < lines; i++) {
		if (odd_in && rng_once_in(r, odd_in))
			add_odd(r, b);
		else
			format(r, &c, b);
		c.second += rng_below(r, 3);
		if (i + 1 < lines || rng_once_in(r, 2))
			buf_add_c(b, end);
	}
}

/* Lines of a program that is none of these: what they begin with is alike, any words follow. */
static inline void add_random_program(struct rng *r, struct buf *b, uint32_t lines)
{
	static const char *const letters[] = {"T", "t", "d", "U"};
	unsigned kind = rng_below(r, 4);

	for (uint32_t i = 0; i < lines; i++) {
		const char *letter = RNG_PICK(r, letters);

		if (rng_once_in(r, 20))
			add_odd(r, b);
		else if (kind == 0)
			buf_printf(b, "%07x HEAD@{%u}: %s: ", rng_below(r, 1U << 28), i,
				rng_once_in(r, 3) ? "commit" : "reset");
		else if (kind == 1 && *letter == 'U')
			buf_add_c(b, "                 U ");
		else if (kind == 1)
			buf_printf(b, "%016x %s ", rng_below(r, 1U << 20), letter);
		else if (kind == 2)
			buf_printf(b, "#%u %u.%u ", 1 + i / 7 % 12, i % 90, rng_below(r, 10));
		else
			buf_printf(b, "\tlib%s.so.%u => /lib/lib%s.so (0x%012x) ",
				RNG_PICK(r, text_words), rng_below(r, 9), RNG_PICK(r, text_words),
				0x7fd00000 + rng_below(r, 1U << 18));
		for (uint32_t k = rng_below(r, 6); k; k--)
			buf_printf(b, "%s%s", RNG_PICK(r, text_words), k > 1 ? " " : "");
		if (i + 1 < lines || rng_once_in(r, 2))
			buf_add_byte(b, '\n');
	}
}

#endif
