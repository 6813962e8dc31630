/* What agents' settings, arguments and variables say, and what the Python headroom left in files: any bytes make a setup or an error,
 * whose environment and arguments can be made; cleaning up is done the first time. */
#include <stdint.h>

#include "core/base/check.h"
#include "wrap/leftover_text.h"
#include "wrap/run.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { AGENT_BITS = 15, TEXT_MAX = 1 << 16 };

static enum err read_any(void *self, const char *path, str *out, struct errctx *cx)
{
	(void)path;
	(void)cx;
	*out = *(const str *)self;
	return E_OK;
}

static bool is_ours(void *self, str url)
{
	(void)self;
	return wrap_loopback_port(url) == 8787;
}

static bool ours_too(void *self, str url)
{
	return is_ours(self, url);
}

static void set_up(struct arena *a, const struct agent *agent, str text)
{
	char *said = arena_cstr(a, text);
	char settings[] = "--settings", c[] = "-c", model[] = "--model=x",
	     one[] = "ANTHROPIC_API_KEY=k", two[] = "GEMINI_API_KEY=k";
	char *const args[] = {settings, said, c, said, model, said, NULL};
	char *const envp[] = {arena_cstr(a, arena_printf(a, "OPENCODE_CONFIG_CONTENT=%s", said)),
		arena_cstr(a, arena_printf(a, "ANTHROPIC_CUSTOM_HEADERS=%s", said)),
		arena_cstr(a, arena_printf(a, "OPENAI_BASE_URL=%s", said)), one, two, NULL};
	const struct setup_in in = {.arena = a,
		.agent = agent,
		.envp = envp,
		.cwd = "/w/a",
		.home = "/h",
		.run_dir = "/r",
		.args = args,
		.args_n = text.n & 1 ? 6 : 2,
		.url = "http://127.0.0.1:8787",
		.project = text,
		.is_persistent = text.n & 2,
		.is_1m = text.n & 4,
		.read = read_any,
		.is_ours = is_ours,
		.self = &text};
	struct errctx cx = {0};
	struct setup s;
	size_t k = 0;

	if (setup_make(&in, &s, &cx))
		return;
	for (char **argv = setup_argv(&s, "agent"); argv[k];)
		k++;
	ASSERT(k == s.args.n + 1);
	ASSERT(setup_envp(&s)[0] != NULL);
	/* what is ours is nobody's upstream */
	for (int u = 0; u < AGENT_TO_N; u++)
		ASSERT(!s.upstreams[u] || wrap_loopback_port(str_from(s.upstreams[u])) != 8787);
}

static void clean(struct arena *a, str text)
{
	const struct leftover_env env = {.arena = a, .is_ours = ours_too};
	struct errctx cx = {0};
	str once, twice;

	once = leftover_clean_codex(&env, text);
	twice = leftover_clean_codex(&env, once);
	ASSERT(str_find(once, STR("[model_providers.headroom]\n")) == STR_NONE ||
		once.n <= text.n + 64);
	ASSERT(twice.n <= once.n);
	if (leftover_clean_json(&env, text, &once, &cx) == E_OK) {
		ASSERT(leftover_clean_json(&env, once, &twice, &cx) == E_OK);
		ASSERT(str_eq(once, twice));
	}
	(void)leftover_drop_section(a, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena a = ARENA_INIT;
	const struct agent *agent = agent_table;
	str text;

	if (n < 1 || n > TEXT_MAX)
		return 0;
	text = arena_str(&a, (str){(const char *)data + 1, n - 1});
	for (int i = data[0] % AGENT_BITS; i > 0 && agent[1].name; i--)
		agent++;
	set_up(&a, agent, text);
	clean(&a, text);
	arena_release(&a);
	return 0;
}
