#include "proxy/jwt.h"

#include "core/json/scan.h"
#include "proxy/base64.h"

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
	if (n != ARRAY_N(part) || token.p || !base64_decode(part[1], true, a, &json) ||
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
