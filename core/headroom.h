/* headroom: the compressor of the headroom program, in process.
 *
 *	headroom *h;
 *	headroom_result r;
 *
 *	if (headroom_new(NULL, &h) != 0)
 *		return 1;
 *	if (headroom_compress_request(h, body, body_n, NULL, &r) == 0)
 *		send(r.data, r.size);
 *	headroom_result_free(&r);
 *	headroom_free(h);
 *
 * Link with -lheadroom; the static library needs the libraries that docs/libheadroom.md lists. C99 and C++.
 *
 * Return codes: 0, or one of enum headroom_error. On any error of a compress function the result holds the
 * input itself: what it points to can always be sent. Texts are UTF-8, never NUL-terminated unless it says so.
 *
 * Threads: a headroom may be used by any number of threads at once; a result belongs to one.
 * ABI: functions are only added, never changed; structs that the caller allocates begin with their size, and
 * new fields are added at the end. Symbols begin with headroom_, and there are no others. */
#ifndef HEADROOM_H
#define HEADROOM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define HEADROOM_API __attribute__((visibility("default")))
#else
#define HEADROOM_API
#endif

enum headroom_error {
	HEADROOM_OK = 0,
	HEADROOM_NOT_FOUND = 3,  /* no such original */
	HEADROOM_UNVERIFIED = 5, /* headroom_verify: the bodies do not say the same */
	HEADROOM_MALFORMED = 65, /* the body is no request of a known format */
	HEADROOM_FAILED = 70,    /* anything else; headroom_result.message says what */
	HEADROOM_NO_MEMORY = 71,
	HEADROOM_IO = 74, /* the store cannot be read or written */
};

typedef struct headroom headroom;

/* Zero-initialise, set size, then what differs from the default. */
typedef struct headroom_options {
	size_t size;       /* sizeof(headroom_options) */
	const char *model; /* decides the tokenizer; NULL: what the body names */
	const char *
		store_path; /* SQLite file for originals and decisions; NULL: nothing is kept on disk */
	int lossless;       /* only renderings that decode to the same bytes */
	int keep_originals; /* with store_path: every text that is changed can be had back by its key */
	const char *const
		*protect_tools; /* globs, NULL-terminated: only lossless for these tools; or NULL */
} headroom_options;

typedef struct headroom_result {
	const char *data; /* what to send; the input itself when nothing changed */
	size_t size;
	int is_changed;
	size_t results;       /* tool results in the request */
	size_t changed;       /* of these, changed */
	size_t tokens_before; /* of the tool results, by the model's tokenizer or its base */
	size_t tokens_after;
	char message[512]; /* of an error; NUL-terminated */
	void *owner;       /* of data; not to be touched */
} headroom_result;

/* "1.2.3"; static. */
HEADROOM_API const char *headroom_version(void);

/* options may be NULL and are copied. On an error *out is NULL. */
HEADROOM_API int headroom_new(const headroom_options *options, headroom **out);
/* Writes what is still to be written. NULL is allowed. */
HEADROOM_API void headroom_free(headroom *h);

/* A request body: Anthropic Messages, OpenAI Chat or Responses, Gemini; found out by its shape, or by format
 * ("anthropic", "openai-chat", "openai-responses", "gemini"). result is always initialised: free it with
 * headroom_result_free, before or after body, which must stay as it is until then. */
HEADROOM_API int headroom_compress_request(
	headroom *h, const char *body, size_t size, const char *format, headroom_result *result);

/* One text that a tool returned. tool (its name) and command (that a shell tool ran) may be NULL. */
HEADROOM_API int headroom_compress_text(headroom *h, const char *text, size_t size,
	const char *tool, const char *command, headroom_result *result);

/* Proves that compressed says the same as original: HEADROOM_OK or HEADROOM_UNVERIFIED. */
HEADROOM_API int headroom_verify(headroom *h, const char *original, size_t original_size,
	const char *compressed, size_t compressed_size, headroom_result *result);

/* The original with this key (12 to 64 hex digits), when store_path was given. */
HEADROOM_API int headroom_retrieve(headroom *h, const char *key, headroom_result *result);

HEADROOM_API void headroom_result_free(headroom_result *result);

/* Tokens of a text for a model (NULL: o200k_base); exact for OpenAI's models, else those of the base that
 * estimates start from. */
HEADROOM_API size_t headroom_count_tokens(const char *model, const char *text, size_t size);

#ifdef __cplusplus
}
#endif

#endif
