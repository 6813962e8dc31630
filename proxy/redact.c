#include "proxy/redact.h"

#include "core/json/text.h"

/* ---- bytes, and escapes as what they stand for ---- */

enum { /* bits of a class */
	ALNUM = 1,
	WORD = 2,   /* and _ - */
	BASE64 = 4, /* and + / = */
	TOKEN = 8,  /* RFC 6750 section 2.1, RFC 7617: and - . _ ~ + / =, and % of URLs */
	UPPER = 16, /* capitals and digits */
	DIGIT = 32,
	SPACE = 64,
};

#define LETTER (ALNUM | WORD | BASE64 | TOKEN)

static const unsigned char CLASSES[128] = {
	['a' ... 'z'] = LETTER,
	['A' ... 'Z'] = LETTER | UPPER,
	['0' ... '9'] = LETTER | UPPER | DIGIT,
	['_'] = WORD | TOKEN,
	['-'] = WORD | TOKEN,
	['+'] = BASE64 | TOKEN,
	['/'] = BASE64 | TOKEN,
	['='] = BASE64 | TOKEN,
	['.'] = TOKEN,
	['~'] = TOKEN,
	['%'] = TOKEN,
	[' '] = SPACE,
	['\n'] = SPACE,
	['\r'] = SPACE,
	['\t'] = SPACE,
};

static unsigned classes_of(int c)
{
	return c < 0 ? 0 : CLASSES[c];
}

/* What a secret or an image may begin with. */
static const bool STARTS[128] = {['a'] = true,
	['A'] = true,
	['b'] = true,
	['B'] = true,
	['d'] = true,
	['e'] = true,
	['g'] = true,
	['h'] = true,
	['i'] = true,
	['n'] = true,
	['r'] = true,
	['R'] = true,
	['s'] = true,
	['S'] = true,
	['T'] = true,
	['U'] = true,
	['x'] = true,
	['y'] = true,
	['-'] = true,
	['/'] = true};

/* One character: a byte, or an escape of JSON. */
struct unit {
	size_t n; /* bytes */
	int c;    /* ASCII, else -1 */
};

static int of_escape(char c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	case 'b':
	case 'f':
		return ' ';
	default:
		return (unsigned char)c < 0x80 ? c : -1;
	}
}

static struct unit unit_at(str s, size_t at)
{
	unsigned char c = (unsigned char)s.p[at];
	int code;

	if (c != '\\' || at + 1 == s.n)
		return (struct unit){1, c < 0x80 ? c : -1};
	if (s.p[at + 1] != 'u')
		return (struct unit){2, of_escape(s.p[at + 1])};
	if (at + 6 > s.n || (code = json_hex4(s.p + at + 2)) < 0)
		return (struct unit){2, 'u'}; /* no JSON: a path of Windows */
	return (struct unit){6, code < 0x80 ? code : -1};
}

struct run {
	size_t bytes, chars;
	bool has_digit;
};

/* The characters of the class from at on, at most max. */
static struct run run_at(str s, size_t at, unsigned class, size_t max)
{
	struct run r = {0, 0, false};

	while (at + r.bytes < s.n && r.chars < max) {
		struct unit u = unit_at(s, at + r.bytes);
		unsigned bits = classes_of(u.c);

		if (!(bits & class))
			break;
		r.bytes += u.n;
		r.chars++;
		r.has_digit |= (bits & DIGIT) != 0;
	}
	return r;
}

static bool is_at(str s, size_t at, str prefix)
{
	return str_starts(str_sub(s, at, s.n), prefix);
}

static bool is_at_nocase(str s, size_t at, str prefix)
{
	return s.n - at >= prefix.n && str_eq_nocase(str_sub(s, at, at + prefix.n), prefix);
}

/* ---- what secrets look like ---- */

/* What was found: keep bytes stay, the next n are replaced. */
struct hit {
	size_t keep, n;
	const char *type; /* NULL: nothing found */
	size_t image_n;   /* type is an image of so many bytes */
};

/* A text, and where a search that found nothing would go on finding nothing, which keeps the whole linear. */
struct scan {
	str s;
	bool is_target;      /* of a request: a parameter's name is enough */
	size_t no_jwt_until; /* what begins before has no end that would make it one */
	/* The first end of a private key at or behind key_end_from. */
	bool has_key_end;
	size_t key_end_from, key_end_at;
};

/* Keys with a beginning of their own: providers' documents and GitHub's secret scanning patterns. min: characters
 * behind the prefix, well below what is issued. */
static const struct {
	str prefix;
	unsigned class;
	size_t min;
	bool needs_digit; /* words are written like this, too */
	const char *type;
} KEYS[] = {
	{{"sk-ant-", 7}, WORD, 16, false, "anthropic-key"},
	{{"sk-or-", 6}, WORD, 20, true, "openrouter-key"},
	{{"sk-", 3}, WORD, 20, true, "openai-key"},
	{{"sk_live_", 8}, ALNUM, 16, false, "stripe-key"},
	{{"AIza", 4}, WORD, 30, false, "google-key"},
	{{"ya29.", 5}, WORD, 20, false, "google-token"},
	{{"ghp_", 4}, ALNUM, 20, false, "github-token"},
	{{"gho_", 4}, ALNUM, 20, false, "github-token"},
	{{"ghu_", 4}, ALNUM, 20, false, "github-token"},
	{{"ghs_", 4}, ALNUM, 20, false, "github-token"},
	{{"ghr_", 4}, ALNUM, 20, false, "github-token"},
	{{"github_pat_", 11}, WORD, 20, false, "github-token"},
	{{"glpat-", 6}, WORD, 16, false, "gitlab-token"},
	{{"xoxa-", 5}, WORD, 10, true, "slack-token"},
	{{"xoxb-", 5}, WORD, 10, true, "slack-token"},
	{{"xoxe-", 5}, WORD, 10, true, "slack-token"},
	{{"xoxe.", 5}, WORD, 10, true, "slack-token"},
	{{"xoxo-", 5}, WORD, 10, true, "slack-token"},
	{{"xoxp-", 5}, WORD, 10, true, "slack-token"},
	{{"xoxr-", 5}, WORD, 10, true, "slack-token"},
	{{"xoxs-", 5}, WORD, 10, true, "slack-token"},
	{{"xapp-", 5}, WORD, 10, true, "slack-token"},
	{{"AKIA", 4}, UPPER, 16, false, "aws-key-id"},
	{{"ASIA", 4}, UPPER, 16, false, "aws-key-id"},
	{{"hf_", 3}, ALNUM, 30, false, "huggingface-token"},
	{{"npm_", 4}, ALNUM, 30, false, "npm-token"},
	{{"gsk_", 4}, ALNUM, 30, false, "groq-key"},
	{{"xai-", 4}, ALNUM, 40, false, "xai-key"},
};

static struct hit find_key(const struct scan *x, size_t at)
{
	enum { LOOK = 64 }; /* where a digit must have come */

	for (size_t i = 0; i < ARRAY_N(KEYS); i++) {
		size_t prefix_n = KEYS[i].prefix.n;
		struct run r;

		if (KEYS[i].prefix.p[0] != x->s.p[at] || !is_at(x->s, at, KEYS[i].prefix))
			continue;
		r = run_at(x->s, at + prefix_n, KEYS[i].class, LOOK);
		if (r.chars < KEYS[i].min || (KEYS[i].needs_digit && !r.has_digit))
			continue;
		r = run_at(x->s, at + prefix_n, KEYS[i].class, SIZE_MAX);
		return (struct hit){.n = prefix_n + r.bytes, .type = KEYS[i].type};
	}
	return (struct hit){0};
}

/* RFC 7519: base64url of "{\"", a dot, claims that begin in the same way (or an encrypted key), a dot, the rest. */
static struct hit find_jwt(struct scan *x, size_t at)
{
	enum { PART_MIN = 8 };
	struct run claims = {0, 0, false};
	size_t n;

	if (at < x->no_jwt_until || !is_at(x->s, at, STR("eyJ")))
		return (struct hit){0};
	n = run_at(x->s, at, WORD, SIZE_MAX).bytes;
	if (at + n < x->s.n && x->s.p[at + n] == '.')
		claims = run_at(x->s, at + n + 1, WORD, SIZE_MAX);
	if (claims.chars < PART_MIN)
		x->no_jwt_until = at + n;
	if (claims.chars < PART_MIN || n < PART_MIN)
		return (struct hit){0};
	n += 1 + claims.bytes;
	while (at + n < x->s.n && x->s.p[at + n] == '.')
		n += 1 + run_at(x->s, at + n + 1, WORD, SIZE_MAX).bytes;
	return (struct hit){.n = n, .type = "jwt"};
}

static struct hit find_bearer(const struct scan *x, size_t at)
{
	enum { TOKEN_MIN = 16 };
	size_t keep = is_at_nocase(x->s, at, STR("bearer ")) ? 7 : 6;
	struct run r;

	if (!is_at_nocase(x->s, at, keep == 7 ? STR("bearer ") : STR("basic ")))
		return (struct hit){0};
	r = run_at(x->s, at + keep, TOKEN, SIZE_MAX);
	if (r.chars < TOKEN_MIN || (keep == 6 && !r.has_digit))
		return (struct hit){0};
	return (struct hit){.keep = keep, .n = r.bytes, .type = keep == 7 ? "bearer" : "basic"};
}

#define KEY_END "PRIVATE KEY-----"

/* The end of the next KEY_END at or behind from; STR_NONE when there is none. */
static size_t key_end(struct scan *x, size_t from)
{
	size_t n = strlen(KEY_END), at;

	if (x->has_key_end && from >= x->key_end_from &&
		(x->key_end_at == STR_NONE || x->key_end_at >= from + n))
		return x->key_end_at;
	at = str_find(str_sub(x->s, from, x->s.n), STR(KEY_END));
	x->has_key_end = true;
	x->key_end_from = from;
	x->key_end_at = at == STR_NONE ? at : from + at + n;
	return x->key_end_at;
}

/* RFC 7468. One whose end was cut off goes as far as it can be one. */
static struct hit find_private_key(struct scan *x, size_t at)
{
	enum { HEAD_MAX = 64, KEY_MAX = 16 << 10, KEY_MIN = 64 };
	size_t head, end;
	struct run r;

	if (!is_at(x->s, at, STR("-----BEGIN ")))
		return (struct hit){0};
	head = key_end(x, at);
	if (head == STR_NONE || head - at > HEAD_MAX)
		return (struct hit){0};
	end = key_end(x, head);
	if (end != STR_NONE && end - head <= KEY_MAX)
		return (struct hit){.n = end - at, .type = "private-key"};
	r = run_at(x->s, head, BASE64 | SPACE, SIZE_MAX);
	if (r.chars < KEY_MIN)
		return (struct hit){0};
	return (struct hit){.n = head - at + r.bytes, .type = "private-key"};
}

/* 40 characters without a shape of their own, so only behind their name: as a setting, as JSON, in a shell. */
static const str AWS_NAMES[] = {{"aws_secret_access_key", 21}, {"secretaccesskey", 15}};
enum { AWS_SECRET_CHARS = 40 };

static struct hit find_aws_secret(const struct scan *x, size_t at)
{
	enum { BETWEEN_MAX = 8 };
	struct run r;

	for (size_t i = 0; i < ARRAY_N(AWS_NAMES); i++) {
		size_t n = AWS_NAMES[i].n;

		if (!is_at_nocase(x->s, at, AWS_NAMES[i]))
			continue;
		for (int between = 0; at + n < x->s.n && between < BETWEEN_MAX; between++) {
			struct unit u = unit_at(x->s, at + n);

			if (u.c <= 0 || !strchr("=:'\" \t\\", u.c))
				break;
			n += u.n;
		}
		r = run_at(x->s, at + n, BASE64, AWS_SECRET_CHARS + 1);
		if (r.chars == AWS_SECRET_CHARS)
			return (struct hit){.keep = n, .n = r.bytes, .type = "aws-secret"};
	}
	return (struct hit){0};
}

/* Parameters of URLs that hold secrets; ASCII case is ignored. */
static const char *const PARAMETERS[] = {"key", "api_key", "api-key", "apikey", "access_token",
	"refresh_token", "id_token", "token", "auth", "auth_token", "client_secret", "code",
	"secret", "password", "passwd", "sig", "signature", "x-amz-credential",
	"x-amz-security-token", "x-amz-signature", "x-goog-credential", "x-goog-signature"};

enum { NAME_MAX_N = 32 }; /* none of them is as long */

static bool is_secret_parameter(str name)
{
	for (size_t i = 0; i < ARRAY_N(PARAMETERS); i++)
		if (str_eq_nocase(name, str_from(PARAMETERS[i])))
			return true;
	return false;
}

static int percent_decoded(str s, size_t at)
{
	char hex[4] = {'0', '0'};

	if (s.p[at] != '%' || s.n - at < 3)
		return -1;
	memcpy(hex + 2, s.p + at + 1, 2);
	return json_hex4(hex);
}

/* The name of a parameter that begins at from, as the server reads it; returns the offset of its '=', STR_NONE when
 * there is none or the name is longer than any of ours. */
static size_t read_name(str s, size_t from, char *name, size_t *name_n)
{
	size_t at = from;

	for (*name_n = 0; *name_n < NAME_MAX_N && at < s.n; (*name_n)++) {
		int c = percent_decoded(s, at);

		if (s.p[at] == '=')
			return at;
		name[*name_n] = c < 0 ? s.p[at] : (char)c;
		at += c < 0 ? 1 : 3;
	}
	return STR_NONE;
}

/* At the '?' or '&' of n bytes in front of a parameter. */
static struct hit find_parameter(const struct scan *x, size_t at, size_t n)
{
	enum { VALUE_MIN = 16 };
	char name[NAME_MAX_N];
	size_t name_n, equals = read_name(x->s, at + n, name, &name_n), value_n;

	if (equals == STR_NONE || !is_secret_parameter((str){name, name_n}))
		return (struct hit){0};
	if (x->is_target) {
		str value = str_sub(x->s, equals + 1, x->s.n);

		value_n = str_find_byte(value, '&');
		value_n = value_n == STR_NONE ? value.n : value_n;
	} else {
		struct run value = run_at(x->s, equals + 1, TOKEN, SIZE_MAX);

		value_n = value.chars < VALUE_MIN ? 0 : value.bytes;
	}
	if (!value_n)
		return (struct hit){0};
	return (struct hit){.keep = equals + 1 - at, .n = value_n, .type = "url-secret"};
}

/* ---- images ---- */

enum { IMAGE_MIN = 1024 };

/* How base64 of PNG, JPEG (also with its slashes escaped), GIF, WebP (RIFF) and TIFF begins. */
static const str IMAGES[] = {{"iVBORw0KGgo", 11}, {"/9j/", 4}, {"\\/9j\\/", 6}, {"R0lGOD", 6},
	{"UklGR", 5}, {"SUkqA", 5}, {"TU0AK", 5}};

static struct hit image_at(str s, size_t at, size_t keep)
{
	struct run r = run_at(s, at + keep, BASE64, SIZE_MAX);
	size_t padding = 0, last = at + keep + r.bytes;

	if (r.chars < IMAGE_MIN)
		return (struct hit){0};
	while (padding < 2 && s.p[last - 1 - padding] == '=')
		padding++;
	return (struct hit){.keep = keep,
		.n = r.bytes,
		.type = "image",
		.image_n = (r.chars - padding) * 3 / 4};
}

static struct hit find_data_uri(const struct scan *x, size_t at)
{
	enum { HEAD_MAX = 80 };
	size_t max = x->s.n - at < HEAD_MAX ? x->s.n : at + HEAD_MAX, comma;

	if (!is_at(x->s, at, STR("data:image/")))
		return (struct hit){0};
	comma = str_find(str_sub(x->s, at, max), STR(";base64,"));
	return comma == STR_NONE ? (struct hit){0} : image_at(x->s, at, comma + 8);
}

static struct hit find_image(const struct scan *x, size_t at)
{
	for (size_t i = 0; i < ARRAY_N(IMAGES); i++)
		if (is_at(x->s, at, IMAGES[i]))
			return image_at(x->s, at, 0);
	return (struct hit){0};
}

/* ---- the walk ---- */

static void add_hit(const struct hit *h, struct buf *out)
{
	if (h->image_n)
		buf_printf(out, "<image:base64 bytes=%zu>", h->image_n);
	else
		buf_printf(out, "<redacted:%s>", h->type);
}

/* At the beginning of a word (before: what the character in front of it is). */
static struct hit find_at(struct scan *x, size_t at, unsigned before)
{
	struct hit h = {0};

	if (!(before & BASE64))
		h = find_image(x, at);
	if (h.type)
		return h;
	switch (x->s.p[at]) {
	case 'e':
		return find_jwt(x, at);
	case 'B':
	case 'b':
		return find_bearer(x, at);
	case '-':
		return find_private_key(x, at);
	case 'd':
		return find_data_uri(x, at);
	case 'a':
	case 'A':
	case 's':
	case 'S':
		h = find_aws_secret(x, at);
		break;
	default:
		break;
	}
	return h.type ? h : find_key(x, at);
}

static unsigned class_before(int c)
{
	return classes_of(c) | (c == '_' ? ALNUM : 0); /* "_" goes on with a word, "-" does not */
}

/* Where the next byte is that something may begin with: most of a text is passed here. */
static size_t skip_plain(str s, size_t at, unsigned *before)
{
	size_t from = at;
	bool is_in_word = *before & ALNUM;

	for (; at < s.n; at++) {
		unsigned char c = (unsigned char)s.p[at];

		if (c == '\\' || c == '?' || c == '&' || (!is_in_word && c < 0x80 && STARTS[c]))
			break;
		is_in_word = c < 0x80 && ((CLASSES[c] & ALNUM) || c == '_');
	}
	if (at > from)
		*before = class_before((unsigned char)s.p[at - 1] < 0x80 ? s.p[at - 1] : -1);
	return at;
}

/* The text of x with its secrets replaced; returns how many. */
static size_t walk(struct scan *x, struct buf *out)
{
	size_t start = 0, hits = 0;
	unsigned before = 0;

	for (size_t at = skip_plain(x->s, 0, &before); at < x->s.n;
		at = skip_plain(x->s, at, &before)) {
		struct unit u = unit_at(x->s, at);
		struct hit h = {0};

		if (u.c == '?' || u.c == '&')
			h = find_parameter(x, at, u.n);
		else if (u.n == 1 ? u.c != '\\' : u.c == '/' && !(before & ALNUM))
			h = find_at(x, at, before);
		if (h.type) {
			buf_add(out, str_sub(x->s, start, at + h.keep));
			add_hit(&h, out);
			hits++;
			at = start = at + h.keep + h.n;
			before = 0;
		} else {
			at += u.n;
			before = class_before(u.c);
		}
	}
	buf_add(out, str_sub(x->s, start, x->s.n));
	return hits;
}

static size_t redact(str s, bool is_aws_secret, struct buf *out)
{
	struct scan x = {.s = s};
	struct run r;

	if (is_aws_secret) {
		r = run_at(s, 0, BASE64, SIZE_MAX);
		if (r.bytes == s.n && r.chars == AWS_SECRET_CHARS) {
			add_hit(&(struct hit){.type = "aws-secret"}, out);
			return 1;
		}
	}
	return walk(&x, out);
}

size_t redact_text(str text, struct buf *out)
{
	return redact(text, false, out);
}

size_t redact_query(str target, struct buf *out)
{
	struct scan x = {.s = target, .is_target = true};

	return walk(&x, out);
}

/* The end of the string that begins behind a quote at from: its closing quote, or the end of the text. */
static size_t string_end(str s, size_t from)
{
	while (from < s.n && s.p[from] != '"')
		from += s.p[from] == '\\' && from + 1 < s.n ? 2 : 1;
	return from;
}

static bool is_aws_name(str name)
{
	for (size_t i = 0; i < ARRAY_N(AWS_NAMES); i++)
		if (str_eq_nocase(name, AWS_NAMES[i]))
			return true;
	return false;
}

size_t redact_json(str json, struct buf *out)
{
	size_t at = 0, hits = 0;
	bool is_aws_secret = false;

	while (at < json.n) {
		size_t quote = str_find_byte(str_sub(json, at, json.n), '"'), end;
		str inside;

		if (quote == STR_NONE)
			break;
		quote += at;
		end = string_end(json, quote + 1);
		inside = str_sub(json, quote + 1, end);
		buf_add(out, str_sub(json, at, quote + 1));
		hits += redact(inside, is_aws_secret, out);
		is_aws_secret = is_aws_name(inside);
		at = end;
		if (end < json.n) { /* the closing quote is none that opens */
			buf_add_byte(out, '"');
			at++;
		}
	}
	buf_add(out, str_sub(json, at, json.n));
	return hits;
}

/* ---- headers ---- */

static const char *const HEADERS[] = {
	"authorization", "chatgpt-account-id", "cookie", "proxy-authorization", "set-cookie"};

/* Names that end so: x-api-key, x-headroom-proxy-token, x-amz-security-token, ... */
static const char *const HEADER_ENDS[] = {
	"auth", "credential", "credentials", "key", "password", "secret", "signature", "token"};

static bool ends_nocase(str s, str end)
{
	return s.n >= end.n && str_eq_nocase(str_sub(s, s.n - end.n, s.n), end);
}

bool redact_header(str name)
{
	for (size_t i = 0; i < ARRAY_N(HEADERS); i++)
		if (str_eq_nocase(name, str_from(HEADERS[i])))
			return true;
	for (size_t i = 0; i < ARRAY_N(HEADER_ENDS); i++)
		if (ends_nocase(name, str_from(HEADER_ENDS[i])))
			return true;
	return false;
}
