/* How this project is tested, built and checked: the commands that worked in several sessions. */
#include "learn/pattern.h"

enum { COMMAND_MAX = 100 };

/* X(what a command begins with): the first row that fits counts. */
static const struct {
	const char *begins;
	const char *what;
} ROWS[] = {
	{"npm test", "Tests"},
	{"npm run test", "Tests"},
	{"pnpm test", "Tests"},
	{"pnpm run test", "Tests"},
	{"yarn test", "Tests"},
	{"bun test", "Tests"},
	{"npx vitest", "Tests"},
	{"npx jest", "Tests"},
	{"pytest", "Tests"},
	{"python -m pytest", "Tests"},
	{"python3 -m pytest", "Tests"},
	{"uv run pytest", "Tests"},
	{"poetry run pytest", "Tests"},
	{".venv/bin/pytest", "Tests"},
	{"tox", "Tests"},
	{"cargo test", "Tests"},
	{"cargo nextest", "Tests"},
	{"go test", "Tests"},
	{"make test", "Tests"},
	{"mvn test", "Tests"},
	{"gradle test", "Tests"},
	{"./gradlew test", "Tests"},
	{"dotnet test", "Tests"},
	{"bundle exec rspec", "Tests"},
	{"ctest", "Tests"},
	{"npm run build", "Builds"},
	{"pnpm build", "Builds"},
	{"pnpm run build", "Builds"},
	{"yarn build", "Builds"},
	{"cargo build", "Builds"},
	{"go build", "Builds"},
	{"mvn package", "Builds"},
	{"./gradlew build", "Builds"},
	{"dotnet build", "Builds"},
	{"npm run check", "Checks"},
	{"npm run lint", "Checks"},
	{"npm run typecheck", "Checks"},
	{"pnpm lint", "Checks"},
	{"pnpm run lint", "Checks"},
	{"pnpm typecheck", "Checks"},
	{"yarn lint", "Checks"},
	{"npx tsc", "Checks"},
	{"cargo clippy", "Checks"},
	{"cargo check", "Checks"},
	{"ruff check", "Checks"},
	{"uv run ruff", "Checks"},
	{"make check", "Checks"},
	{"make lint", "Checks"},
	{"golangci-lint run", "Checks"},
	{"mypy", "Checks"},
};

static const char *what_of(str core)
{
	for (size_t i = 0; i < ARRAY_N(ROWS); i++) {
		str rest = core;

		if (str_take(&rest, str_from(ROWS[i].begins)) && (!rest.n || rest.p[0] == ' '))
			return ROWS[i].what;
	}
	return NULL;
}

/* Without the directory where that is the project's own. */
static str line_of(const struct look *l)
{
	str dir = l->command->dir.n ? look_shown(l, look_path(l, l->c, l->command->dir)) : STR_NULL;

	if (!dir.n || str_eq_c(dir, "."))
		return l->command->core;
	return arena_printf(
		l->scratch, "cd " STR_FMT " && " STR_FMT, STR_ARG(dir), STR_ARG(l->command->core));
}

void pattern_habit(const struct look *l)
{
	struct sighting x = {.kind = RULE_COMMAND, .evidence_min = 3, .sessions_min = 2};
	const char *what;
	struct buf b;
	str line;

	if (!l->command || call_failed(l->c) || !l->command->is_plain)
		return;
	what = what_of(l->command->core);
	line = line_of(l);
	if (!what || text_is_passing(line))
		return;
	x.key = pattern_key(l->scratch, what, line, STR_NULL);
	x.topic = outcome_of("habit", str_from(what));
	buf_init_arena(&b, l->scratch, LIMIT_ERR_TEXT);
	buf_printf(&b, "%s are run with ", what);
	if (!text_add_code(&b, line, COMMAND_MAX))
		return;
	buf_add_byte(&b, '.');
	look_see(l, &x, &b);
}
