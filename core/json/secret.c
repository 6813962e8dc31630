#include "core/json/secret.h"

#include "core/json/text.h"

/* ---- bytes, and escapes as what they stand for ---- */

#define CLASS_LETTER (CLASS_ALNUM | CLASS_WORD | CLASS_BASE64 | CLASS_TOKEN)

static const unsigned char CLASSES[128] = {
	['a' ... 'z'] = CLASS_LETTER,
	['A' ... 'Z'] = CLASS_LETTER | CLASS_UPPER,
	['0' ... '9'] = CLASS_LETTER | CLASS_UPPER | CLASS_DIGIT,
	['_'] = CLASS_WORD | CLASS_TOKEN,
	['-'] = CLASS_WORD | CLASS_TOKEN,
	['+'] = CLASS_BASE64 | CLASS_TOKEN,
	['/'] = CLASS_BASE64 | CLASS_TOKEN,
	['='] = CLASS_BASE64 | CLASS_TOKEN,
	['.'] = CLASS_TOKEN,
	['~'] = CLASS_TOKEN,
	['%'] = CLASS_TOKEN,
	[' '] = CLASS_SPACE,
	['\n'] = CLASS_SPACE,
	['\r'] = CLASS_SPACE,
	['\t'] = CLASS_SPACE,
};

unsigned secret_classes(int c)
{
	return c < 0 ? 0 : CLASSES[c];
}

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

struct secret_char secret_unit(str s, size_t at)
{
	unsigned char c = (unsigned char)s.p[at];
	int code;

	if (c != '\\' || at + 1 == s.n)
		return (struct secret_char){1, c < 0x80 ? c : -1};
	if (s.p[at + 1] != 'u')
		return (struct secret_char){2, of_escape(s.p[at + 1])};
	if (at + 6 > s.n || (code = json_hex4(s.p + at + 2)) < 0)
		return (struct secret_char){2, 'u'}; /* no JSON: a path of Windows */
	return (struct secret_char){6, code < 0x80 ? code : -1};
}

struct secret_span secret_run(str s, size_t at, unsigned class, size_t max)
{
	struct secret_span r = {0, 0, false};

	while (at + r.bytes < s.n && r.chars < max) {
		struct secret_char u = secret_unit(s, at + r.bytes);
		unsigned bits = secret_classes(u.c);

		if (!(bits & class))
			break;
		r.bytes += u.n;
		r.chars++;
		r.has_digit |= (bits & CLASS_DIGIT) != 0;
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

/* Keys with a beginning of their own: providers' documents and GitHub's secret scanning patterns. min: characters
 * behind the prefix, well below what is issued. */
static const struct {
	str prefix;
	unsigned class;
	unsigned min;
	bool needs_digit; /* words are written like this, too */
	const char *type;
} KEYS[] = {
	{{"sk-ant-", 7}, CLASS_WORD, 16, false, "anthropic-key"},
	{{"sk-or-", 6}, CLASS_WORD, 20, true, "openrouter-key"},
	{{"sk-", 3}, CLASS_WORD, 20, true, "openai-key"},
	{{"sk_live_", 8}, CLASS_ALNUM, 16, false, "stripe-key"},
	{{"AIza", 4}, CLASS_WORD, 30, false, "google-key"},
	{{"ya29.", 5}, CLASS_WORD, 20, false, "google-token"},
	{{"ghp_", 4}, CLASS_ALNUM, 20, false, "github-token"},
	{{"gho_", 4}, CLASS_ALNUM, 20, false, "github-token"},
	{{"ghu_", 4}, CLASS_ALNUM, 20, false, "github-token"},
	{{"ghs_", 4}, CLASS_ALNUM, 20, false, "github-token"},
	{{"ghr_", 4}, CLASS_ALNUM, 20, false, "github-token"},
	{{"github_pat_", 11}, CLASS_WORD, 20, false, "github-token"},
	{{"glpat-", 6}, CLASS_WORD, 16, false, "gitlab-token"},
	{{"xoxa-", 5}, CLASS_WORD, 10, true, "slack-token"},
	{{"xoxb-", 5}, CLASS_WORD, 10, true, "slack-token"},
	{{"xoxe-", 5}, CLASS_WORD, 10, true, "slack-token"},
	{{"xoxe.", 5}, CLASS_WORD, 10, true, "slack-token"},
	{{"xoxo-", 5}, CLASS_WORD, 10, true, "slack-token"},
	{{"xoxp-", 5}, CLASS_WORD, 10, true, "slack-token"},
	{{"xoxr-", 5}, CLASS_WORD, 10, true, "slack-token"},
	{{"xoxs-", 5}, CLASS_WORD, 10, true, "slack-token"},
	{{"xapp-", 5}, CLASS_WORD, 10, true, "slack-token"},
	{{"AKIA", 4}, CLASS_UPPER, 16, false, "aws-key-id"},
	{{"ASIA", 4}, CLASS_UPPER, 16, false, "aws-key-id"},
	{{"hf_", 3}, CLASS_ALNUM, 30, false, "huggingface-token"},
	{{"npm_", 4}, CLASS_ALNUM, 30, false, "npm-token"},
	{{"gsk_", 4}, CLASS_ALNUM, 30, false, "groq-key"},
	{{"xai-", 4}, CLASS_ALNUM, 40, false, "xai-key"},
};

static struct secret_hit find_key(const struct secret_scan *x, size_t at)
{
	enum { LOOK = 64 }; /* where a digit must have come */

	for (size_t i = 0; i < ARRAY_N(KEYS); i++) {
		size_t prefix_n = KEYS[i].prefix.n;
		struct secret_span r;

		if (KEYS[i].prefix.p[0] != x->s.p[at] || !is_at(x->s, at, KEYS[i].prefix))
			continue;
		r = secret_run(x->s, at + prefix_n, KEYS[i].class, LOOK);
		if (r.chars < KEYS[i].min || (KEYS[i].needs_digit && !r.has_digit))
			continue;
		r = secret_run(x->s, at + prefix_n, KEYS[i].class, SIZE_MAX);
		return (struct secret_hit){.n = prefix_n + r.bytes, .type = KEYS[i].type};
	}
	return (struct secret_hit){0};
}

/* RFC 7519: base64url of "{\"", a dot, claims that begin in the same way (or an encrypted key), a dot, the rest. */
static struct secret_hit find_jwt(struct secret_scan *x, size_t at)
{
	enum { PART_MIN = 8 };
	struct secret_span claims = {0, 0, false};
	size_t n;

	if (at < x->no_jwt_until || !is_at(x->s, at, STR("eyJ")))
		return (struct secret_hit){0};
	n = secret_run(x->s, at, CLASS_WORD, SIZE_MAX).bytes;
	if (at + n < x->s.n && x->s.p[at + n] == '.')
		claims = secret_run(x->s, at + n + 1, CLASS_WORD, SIZE_MAX);
	if (claims.chars < PART_MIN)
		x->no_jwt_until = at + n;
	if (claims.chars < PART_MIN || n < PART_MIN)
		return (struct secret_hit){0};
	n += 1 + claims.bytes;
	while (at + n < x->s.n && x->s.p[at + n] == '.')
		n += 1 + secret_run(x->s, at + n + 1, CLASS_WORD, SIZE_MAX).bytes;
	return (struct secret_hit){.n = n, .type = "jwt"};
}

static struct secret_hit find_bearer(const struct secret_scan *x, size_t at)
{
	enum { TOKEN_MIN = 16 };
	size_t keep = is_at_nocase(x->s, at, STR("bearer ")) ? 7 : 6;
	struct secret_span r;

	if (!is_at_nocase(x->s, at, keep == 7 ? STR("bearer ") : STR("basic ")))
		return (struct secret_hit){0};
	r = secret_run(x->s, at + keep, CLASS_TOKEN, SIZE_MAX);
	if (r.chars < TOKEN_MIN || (keep == 6 && !r.has_digit))
		return (struct secret_hit){0};
	return (struct secret_hit){
		.keep = keep, .n = r.bytes, .type = keep == 7 ? "bearer" : "basic"};
}

#define KEY_END "PRIVATE KEY-----"

/* The end of the next KEY_END at or behind from; STR_NONE when there is none. */
static size_t key_end(struct secret_scan *x, size_t from)
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
static struct secret_hit find_private_key(struct secret_scan *x, size_t at)
{
	enum { HEAD_MAX = 64, KEY_MAX = 16 << 10, KEY_MIN = 64 };
	size_t head, end;
	struct secret_span r;

	if (!is_at(x->s, at, STR("-----BEGIN ")))
		return (struct secret_hit){0};
	head = key_end(x, at);
	if (head == STR_NONE || head - at > HEAD_MAX)
		return (struct secret_hit){0};
	end = key_end(x, head);
	if (end != STR_NONE && end - head <= KEY_MAX)
		return (struct secret_hit){.n = end - at, .type = "private-key"};
	r = secret_run(x->s, head, CLASS_BASE64 | CLASS_SPACE, SIZE_MAX);
	if (r.chars < KEY_MIN)
		return (struct secret_hit){0};
	return (struct secret_hit){.n = head - at + r.bytes, .type = "private-key"};
}

/* 40 characters without a shape of their own, so only behind their name: as a setting, as JSON, in a shell. */
static const str AWS_NAMES[] = {{"aws_secret_access_key", 21}, {"secretaccesskey", 15}};

static struct secret_hit find_aws_secret(const struct secret_scan *x, size_t at)
{
	enum { BETWEEN_MAX = 8 };
	struct secret_span r;

	for (size_t i = 0; i < ARRAY_N(AWS_NAMES); i++) {
		size_t n = AWS_NAMES[i].n;

		if (!is_at_nocase(x->s, at, AWS_NAMES[i]))
			continue;
		for (int between = 0; at + n < x->s.n && between < BETWEEN_MAX; between++) {
			struct secret_char u = secret_unit(x->s, at + n);

			if (u.c <= 0 || !strchr("=:'\" \t\\", u.c))
				break;
			n += u.n;
		}
		r = secret_run(x->s, at + n, CLASS_BASE64, AWS_SECRET_CHARS + 1);
		if (r.chars == AWS_SECRET_CHARS)
			return (struct secret_hit){.keep = n, .n = r.bytes, .type = "aws-secret"};
	}
	return (struct secret_hit){0};
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

struct secret_hit secret_parameter(const struct secret_scan *x, size_t at, size_t n)
{
	enum { VALUE_MIN = 16 };
	char name[NAME_MAX_N];
	size_t name_n, equals = read_name(x->s, at + n, name, &name_n), value_n;

	if (equals == STR_NONE || !is_secret_parameter((str){name, name_n}))
		return (struct secret_hit){0};
	if (x->is_target) {
		str value = str_sub(x->s, equals + 1, x->s.n);

		value_n = str_find_byte(value, '&');
		value_n = value_n == STR_NONE ? value.n : value_n;
	} else {
		struct secret_span value = secret_run(x->s, equals + 1, CLASS_TOKEN, SIZE_MAX);

		value_n = value.chars < VALUE_MIN ? 0 : value.bytes;
	}
	if (!value_n)
		return (struct secret_hit){0};
	return (struct secret_hit){.keep = equals + 1 - at, .n = value_n, .type = "url-secret"};
}

/* ---- images ---- */

enum { IMAGE_MIN = 1024 };

/* How base64 of PNG, JPEG (also with its slashes escaped), GIF, WebP (RIFF) and TIFF begins. */
static const str IMAGES[] = {{"iVBORw0KGgo", 11}, {"/9j/", 4}, {"\\/9j\\/", 6}, {"R0lGOD", 6},
	{"UklGR", 5}, {"SUkqA", 5}, {"TU0AK", 5}};

static struct secret_hit image_at(str s, size_t at, size_t keep)
{
	struct secret_span r = secret_run(s, at + keep, CLASS_BASE64, SIZE_MAX);
	size_t padding = 0, last = at + keep + r.bytes;

	if (r.chars < IMAGE_MIN)
		return (struct secret_hit){0};
	while (padding < 2 && s.p[last - 1 - padding] == '=')
		padding++;
	return (struct secret_hit){.keep = keep,
		.n = r.bytes,
		.type = "image",
		.image_n = (r.chars - padding) * 3 / 4};
}

static struct secret_hit find_data_uri(const struct secret_scan *x, size_t at)
{
	enum { HEAD_MAX = 80 };
	size_t max = x->s.n - at < HEAD_MAX ? x->s.n : at + HEAD_MAX, comma;

	if (!is_at(x->s, at, STR("data:image/")))
		return (struct secret_hit){0};
	comma = str_find(str_sub(x->s, at, max), STR(";base64,"));
	if (comma == STR_NONE)
		return (struct secret_hit){0};
	return image_at(x->s, at, comma + 8);
}

static struct secret_hit find_image(const struct secret_scan *x, size_t at)
{
	for (size_t i = 0; i < ARRAY_N(IMAGES); i++)
		if (is_at(x->s, at, IMAGES[i]))
			return image_at(x->s, at, 0);
	return (struct secret_hit){0};
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

unsigned secret_class_before(int c)
{
	return secret_classes(c) | (c == '_' ? CLASS_ALNUM : 0);
}

size_t secret_skip(str s, size_t at, unsigned *before)
{
	size_t from = at;
	bool is_in_word = *before & CLASS_ALNUM;

	for (; at < s.n; at++) {
		unsigned char c = (unsigned char)s.p[at];

		if (c == '\\' || c == '?' || c == '&' ||
			(!is_in_word && c < ARRAY_N(STARTS) && STARTS[c]))
			break;
		is_in_word = c < 0x80 && ((secret_classes(c) & CLASS_ALNUM) || c == '_');
	}
	if (at > from)
		*before = secret_class_before((unsigned char)s.p[at - 1] < 0x80 ? s.p[at - 1] : -1);
	return at;
}

struct secret_hit secret_find(struct secret_scan *x, size_t at, unsigned before)
{
	struct secret_hit h = {0};

	if (!(before & CLASS_BASE64))
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

bool secret_is_aws_name(str name)
{
	for (size_t i = 0; i < ARRAY_N(AWS_NAMES); i++)
		if (str_eq_nocase(name, AWS_NAMES[i]))
			return true;
	return false;
}
