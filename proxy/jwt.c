#include "proxy/jwt.h"

#include "core/json/scan.h"

static int base64url_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '-' ? 62 : c == '_' ? 63 : -1;
}

bool base64url_decode(str s, struct arena *a, str *out)
{
	char *p = arena_alloc(a, s.n / 4 * 3 + 3, 1);
	uint32_t bits = 0;
	unsigned bits_n = 0;
	size_t n = 0;

	if (s.n % 4 == 1)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		int v = base64url_value(s.p[i]);

		if (v < 0)
			return false;
		bits = (bits << 6 | (uint32_t)v) & 0xffff;
		bits_n += 6;
		if (bits_n >= 8) {
			bits_n -= 8;
			p[n++] = (char)(unsigned char)(bits >> bits_n);
		}
	}
	if (bits & ((1u << bits_n) - 1))
		return false;
	*out = (str){p, n};
	return true;
}

/* Could it stand in a header as it is? */
static bool is_visible(str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] <= ' ' || s.p[i] > '~')
			return false;
	}
	return s.n > 0;
}

bool jwt_chatgpt_account(str token, struct arena *a, str *account)
{
	str part[3] = {STR_NULL, STR_NULL, STR_NULL}, json, text;
	struct json_tape t;
	uint32_t claim, id;
	size_t n = 0;

	/* The header of every such token is a JSON object: "eyJ" is the beginning of '{"'. */
	if (token.n > JWT_MAX || !str_starts(token, STR("eyJ")))
		return false;
	while (n < ARRAY_N(part) && str_split(&token, '.', &part[n]))
		n++;
	if (n != ARRAY_N(part) || token.p || !base64url_decode(part[1], a, &json) ||
		json_scan(a, json, &t, NULL) != E_OK)
		return false;
	claim = json_member(&t, 0, "https://api.openai.com/auth");
	if (claim == JSON_ABSENT)
		return false;
	id = json_member(&t, claim, "chatgpt_account_id");
	if (id == JSON_ABSENT || !json_string(&t, id, a, &text) || text.n > JWT_ACCOUNT_MAX ||
		!is_visible(text))
		return false;
	*account = text;
	return true;
}
