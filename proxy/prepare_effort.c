#include "proxy/guard.h"
#include "proxy/prepare.h"

/* "https://host:80/x" -> "host:80" */
static str authority_of(str base)
{
	size_t end = str_find(base, STR("://"));
	str s = str_sub(base, end == STR_NONE ? 0 : end + strlen("://"), base.n);

	end = str_find_byte(s, '/');
	return end == STR_NONE ? s : str_sub(s, 0, end);
}

/* .../build-with-claude/effort: "On the Claude API and Google Cloud". Bedrock wants the beta in the body; others have not said that they take
 * it, and who does not takes the message for an error. What listens on this machine is taken to pass on what it gets. */
bool prepare_takes_effort(const struct route *r, str base)
{
	str authority = authority_of(base), host = authority;

	if (r->kind != ROUTE_LLM || r->format != WIRE_ANTHROPIC)
		return false;
	if (str_find_byte(host, ':') != STR_NONE)
		host = str_sub(host, 0, str_find_byte(host, ':'));
	switch (r->upstream) {
	case UPSTREAM_ANTHROPIC:
		return str_eq_nocase(host, STR("api.anthropic.com")) ||
		       address_is_loopback(authority);
	case UPSTREAM_VERTEX:
		return str_ends(host, STR(".googleapis.com")) || address_is_loopback(authority);
	default:
		return false;
	}
}
