#include "core/compress/opaque/secret.h"

enum {
	LINE_END_MAX = 2, /* bytes */
	KEY_MAX = 4096, /* bytes; longer ones nobody passes on by hand, whatever they are called */
	NAME_MAX = 64,  /* bytes of a name before its value */
	ADDRESS_MAX = 2048, /* bytes of an address before the run */
	LABEL_MAX =
		256, /* bytes between "-----BEGIN" and the run: the label, and headers (RFC 1421 section 4.6) */
};

static bool has_nocase(str s, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i + n <= s.n; i++)
		if (str_eq_nocase(str_sub(s, i, i + n), (str){word, n}))
			return true;
	return false;
}

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-' || c == '.';
}

/* The name that a value at that place has: "name": "..., name=..., name: ... */
static str name_before(str text, size_t at)
{
	size_t end = at, start;

	while (end && at - end < 8 && strchr(" \t\"'\\:=>", text.p[end - 1]))
		end--;
	for (start = end; start && end - start < NAME_MAX && is_name(text.p[start - 1]);)
		start--;
	return str_sub(text, start, end);
}

static bool is_named_so(str name)
{
	static const char *const words[] = {"token", "cursor", "secret", "signature", "credential",
		"passw", "auth", "continuation", "marker", "session", "cookie", "nonce", "key",
		"jwt", "bearer", "handle", "cipher", "ssh-", "ecdsa-", "etag", "state"};

	for (size_t i = 0; i < ARRAY_N(words); i++)
		if (has_nocase(name, words[i]))
			return true;
	return name.n > 1 && str_eq_nocase(str_sub(name, name.n - 2, name.n), STR("id"));
}

/* Within an address: "://" before it, and nothing between that ends one. */
static bool is_in_address(str text, size_t at)
{
	size_t start = at;

	while (start && at - start < ADDRESS_MAX && !strchr(" \t\r\n\"'<>", text.p[start - 1]))
		start--;
	return str_find(str_sub(text, start, at), STR("://")) != STR_NONE;
}

bool secret_is_key(str text, size_t start, size_t n)
{
	/* RFC 4253 section 6.6: the length of the key type's name, and the name */
	static const str ssh[] = {
		{"AAAAB3NzaC1", 11}, {"AAAAC3NzaC1", 11}, {"AAAAE2VjZHNh", 12}, {"AAAAGnNrL", 9}};
	str run = str_sub(text, start, text.n);

	if (n >= KEY_MAX)
		return false;
	/* a text that is nothing else is what somebody asked for */
	if (!start && n + LINE_END_MAX >= text.n)
		return true;
	for (size_t i = 0; i < ARRAY_N(ssh); i++)
		if (str_starts(run, ssh[i]))
			return true;
	return is_named_so(name_before(text, start)) || is_in_address(text, start);
}

bool secret_is_private(str text, size_t start, size_t end)
{
	/* base64 of "-----BEGIN" ends in one of two ways, of " PRIVATE KEY" in three */
	static const str pem = {"LS0tLS1CRUdJTi", 14};
	static const char *const private[] = {"UFJJVkFURSBLRV", "BSSVZBVEUgS0VZ", "QUklWQVRFIEtFW"};
	str before = str_sub(text, start < LABEL_MAX ? 0 : start - LABEL_MAX, start),
	    run = str_sub(text, start, end);
	size_t at;

	while ((at = str_find(before, STR("-----BEGIN "))) != STR_NONE) {
		str label;

		before = str_sub(before, at + 11, before.n);
		at = str_find(before, STR("-----"));
		label = str_sub(before, 0, at == STR_NONE ? before.n : at);
		if (str_find(label, STR("PRIVATE")) != STR_NONE)
			return true;
	}
	run.n = run.n < 96 ? run.n : 96;
	if (!str_starts(run, pem))
		return false;
	for (size_t i = 0; i < ARRAY_N(private); i++)
		if (str_find(run, str_from(private[i])) != STR_NONE)
			return true;
	return false;
}
