/* Any bytes as a token, and as the payload of one: only what could stand in a header is an account, and what
 * base64url reads is written the same way again. */
#include "core/base/check.h"
#include "proxy/base64.h"
#include "proxy/jwt.h"
#include "tests/unit/base64_help.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_account(str token, struct arena *a)
{
	str account;

	if (!jwt_chatgpt_account(token, a, &account))
		return;
	ASSERT(account.n > 0 && account.n <= JWT_ACCOUNT_MAX);
	for (size_t i = 0; i < account.n; i++)
		ASSERT(account.p[i] > ' ' && account.p[i] < 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena a = ARENA_INIT;
	str text = {(const char *)data, n}, bytes, encoded = base64url(&a, text);

	check_account(text, &a);
	check_account(arena_printf(&a, "eyJ." STR_FMT ".", STR_ARG(encoded)), &a);
	if (base64_decode(text, true, &a, &bytes))
		ASSERT(str_eq(base64url(&a, bytes), text));
	ASSERT(base64_decode(encoded, true, &a, &bytes) && str_eq(bytes, text));
	arena_release(&a);
	return 0;
}
