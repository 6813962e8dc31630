#include "proxy/aws_profile.h"

static const struct {
	const char *key;
	size_t off;
} KEYS[] = {
	{"aws_access_key_id", offsetof(struct aws_profile, access)},
	{"aws_secret_access_key", offsetof(struct aws_profile, secret)},
	{"aws_session_token", offsetof(struct aws_profile, session)},
	{"region", offsetof(struct aws_profile, region)},
	{"role_arn", offsetof(struct aws_profile, role)},
	{"source_profile", offsetof(struct aws_profile, source_profile)},
	{"credential_source", offsetof(struct aws_profile, credential_source)},
	{"external_id", offsetof(struct aws_profile, external_id)},
	{"role_session_name", offsetof(struct aws_profile, role_session)},
	{"mfa_serial", offsetof(struct aws_profile, mfa_serial)},
	{"web_identity_token_file", offsetof(struct aws_profile, web_token_file)},
	{"sso_session", offsetof(struct aws_profile, sso_session)},
	{"sso_start_url", offsetof(struct aws_profile, sso_start_url)},
	{"sso_region", offsetof(struct aws_profile, sso_region)},
	{"sso_account_id", offsetof(struct aws_profile, sso_account)},
	{"sso_role_name", offsetof(struct aws_profile, sso_role)},
	{"credential_process", offsetof(struct aws_profile, process)},
};

static void keep(struct aws_profile *out, str key, str value)
{
	for (size_t i = 0; i < ARRAY_N(KEYS); i++) {
		if (str_eq_nocase(key, str_from(KEYS[i].key))) {
			str *field = (str *)(void *)((char *)out + KEYS[i].off);

			if (!field->n)
				*field = value;
			return;
		}
	}
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The name between brackets, with its kind ("profile", "sso-session" or "") taken off. */
static str section_name(str line, str *kind)
{
	size_t end = str_find_byte(line, ']');
	str name = str_trim(str_sub(line, 1, end == STR_NONE ? line.n : end));
	static const str kinds[] = {{"profile", 7}, {"sso-session", 11}, {"services", 8}};

	*kind = STR("");
	for (size_t i = 0; i < ARRAY_N(kinds); i++) {
		if (name.n > kinds[i].n && str_starts(name, kinds[i]) &&
			is_blank(name.p[kinds[i].n])) {
			*kind = kinds[i];
			return str_trim(str_sub(name, kinds[i].n, name.n));
		}
	}
	return name;
}

/* Whatever stands behind " #" or " ;" is a remark. */
static str without_remark(str value)
{
	for (size_t i = 1; i < value.n; i++)
		if ((value.p[i] == '#' || value.p[i] == ';') && is_blank(value.p[i - 1]))
			return str_trim(str_sub(value, 0, i));
	return value;
}

/* All values of the sections of that kind and name. */
static void read_section(str text, str kind, str name, struct aws_profile *out)
{
	bool is_in = false;
	str line;

	while (str_next_line(&text, &line, NULL)) {
		bool is_nested = line.n && is_blank(line.p[0]);
		size_t eq;

		line = str_trim(line);
		if (!line.n || line.p[0] == '#' || line.p[0] == ';')
			continue;
		if (line.p[0] == '[') {
			str its_kind, its_name = section_name(line, &its_kind);

			is_in = str_eq(its_kind, kind) && str_eq(its_name, name);
			out->is_there |= is_in;
			continue;
		}
		eq = str_find_byte(line, '=');
		if (is_in && !is_nested && eq != STR_NONE)
			keep(out, str_trim(str_sub(line, 0, eq)),
				without_remark(str_trim(str_sub(line, eq + 1, line.n))));
	}
}

void aws_profile_read(str config, str credentials, str name, struct aws_profile *out)
{
	*out = (struct aws_profile){.is_there = false};
	read_section(credentials, STR(""), name, out);
	read_section(config, STR("profile"), name, out);
	if (str_eq(name, STR("default")))
		read_section(config, STR(""), name, out);
	if (out->sso_session.n) {
		struct aws_profile session = {.is_there = false};

		read_section(config, STR("sso-session"), out->sso_session, &session);
		if (session.sso_start_url.n)
			out->sso_start_url = session.sso_start_url;
		if (session.sso_region.n)
			out->sso_region = session.sso_region;
	}
}
