#include "core/store/schema.h"

#include <inttypes.h>
#include <stdio.h>

#include "core/base/attr.h"

/* What is summed of a day, since there are breaks; what a step says stays as it is. */
#define DAY_SUMS                              \
	"  requests INTEGER NOT NULL,"        \
	"  cached INTEGER NOT NULL,"          \
	"  failed INTEGER NOT NULL,"          \
	"  changed INTEGER NOT NULL,"         \
	"  tokens_before INTEGER NOT NULL,"   \
	"  tokens_after INTEGER NOT NULL,"    \
	"  input INTEGER NOT NULL,"           \
	"  cache_read INTEGER NOT NULL,"      \
	"  cache_write_5m INTEGER NOT NULL,"  \
	"  cache_write_1h INTEGER NOT NULL,"  \
	"  output INTEGER NOT NULL,"          \
	"  reasoning INTEGER NOT NULL,"       \
	"  bytes_in INTEGER NOT NULL,"        \
	"  bytes_sent INTEGER NOT NULL,"      \
	"  bytes_out INTEGER NOT NULL,"       \
	"  cost_nano INTEGER NOT NULL,"       \
	"  saved_nano INTEGER NOT NULL,"      \
	"  cost_unknown_n INTEGER NOT NULL,"  \
	"  usage_n INTEGER NOT NULL,"         \
	"  gone INTEGER NOT NULL,"            \
	"  breaks INTEGER NOT NULL,"          \
	"  break_tokens INTEGER NOT NULL,"    \
	"  break_nano INTEGER NOT NULL,"      \
	"  latency_us_sum INTEGER NOT NULL,"  \
	"  overhead_us_sum INTEGER NOT NULL," \
	"  ttfb_us_sum INTEGER NOT NULL,"     \
	"  ttfb_n INTEGER NOT NULL,"          \
	"  latency_us_max INTEGER NOT NULL,"  \
	"  overhead_us_max INTEGER NOT NULL," \
	"  ttfb_us_max INTEGER NOT NULL,"

/* Step i leads from version i to version i + 1. Columns that grow large stand last, so that
 * reading or marking the others does not touch overflow pages. bytes: what a row counts for
 * against the maximum. */
static const char *const steps[] = {
	"CREATE TABLE original ("
	"  id INTEGER PRIMARY KEY,"
	"  sha BLOB NOT NULL UNIQUE," /* SHA-256 of the text */
	"  used_ms INTEGER NOT NULL," /* 1970-01-01 UTC */
	"  made_ms INTEGER NOT NULL,"
	"  text_bytes INTEGER NOT NULL,"
	"  bytes INTEGER NOT NULL,"
	"  tool TEXT NOT NULL,"
	"  data BLOB NOT NULL" /* a zstd frame */
	") STRICT;"
	"CREATE INDEX original_by_use ON original (used_ms);"

	"CREATE TABLE rendering ("
	"  id INTEGER PRIMARY KEY,"
	"  key BLOB NOT NULL UNIQUE," /* 16 bytes */
	"  used_ms INTEGER NOT NULL,"
	"  made_ms INTEGER NOT NULL,"
	"  is_changed INTEGER NOT NULL,"
	"  loss INTEGER NOT NULL,"
	"  tokens_before INTEGER NOT NULL,"
	"  tokens_after INTEGER NOT NULL,"
	"  label TEXT NOT NULL,"
	"  original TEXT NOT NULL," /* first 24 hex digits of original.sha, or empty */
	"  text_bytes INTEGER NOT NULL,"
	"  bytes INTEGER NOT NULL,"
	"  hash INTEGER NOT NULL," /* XXH3-64 of the row's meaning: finds damage */
	"  data BLOB NOT NULL"     /* a zstd frame; empty when the text is */
	") STRICT;"
	"CREATE INDEX rendering_by_use ON rendering (used_ms);"
	"CREATE INDEX rendering_by_original ON rendering (original) WHERE original <> '';"

	"CREATE TABLE total ("
	"  name TEXT PRIMARY KEY,"
	"  rows_n INTEGER NOT NULL,"
	"  bytes INTEGER NOT NULL"
	") STRICT;"
	"INSERT INTO total VALUES ('original', 0, 0), ('rendering', 0, 0);",

	"CREATE TABLE ledger ("
	"  id INTEGER PRIMARY KEY,"
	"  request TEXT NOT NULL UNIQUE," /* a ULID */
	"  at_ms INTEGER NOT NULL,"
	"  proxy_run INTEGER NOT NULL,"
	"  upstream TEXT NOT NULL,"
	"  endpoint TEXT NOT NULL,"
	"  format TEXT NOT NULL,"
	"  client TEXT NOT NULL,"
	"  model TEXT NOT NULL,"
	"  project TEXT NOT NULL,"
	"  session TEXT NOT NULL,"
	"  status INTEGER NOT NULL,"
	"  is_stream INTEGER NOT NULL,"
	"  is_cached INTEGER NOT NULL,"
	"  is_client_gone INTEGER NOT NULL,"
	"  is_complete INTEGER NOT NULL,"
	"  reason TEXT NOT NULL,"
	"  transforms TEXT NOT NULL,"
	"  error TEXT NOT NULL,"
	"  tokens_before INTEGER NOT NULL,"
	"  tokens_after INTEGER NOT NULL,"
	"  results_n INTEGER NOT NULL,"
	"  changed_n INTEGER NOT NULL,"
	"  bytes_in INTEGER NOT NULL,"
	"  bytes_sent INTEGER NOT NULL,"
	"  bytes_out INTEGER NOT NULL,"
	"  has_usage INTEGER NOT NULL,"
	"  input INTEGER NOT NULL,"
	"  cache_read INTEGER NOT NULL,"
	"  cache_write_5m INTEGER NOT NULL,"
	"  cache_write_1h INTEGER NOT NULL,"
	"  output INTEGER NOT NULL,"
	"  reasoning INTEGER NOT NULL,"
	"  cost_nano INTEGER,"  /* NULL: not known */
	"  saved_nano INTEGER," /* the same */
	"  latency_us INTEGER NOT NULL,"
	"  overhead_us INTEGER NOT NULL,"
	"  ttfb_us INTEGER NOT NULL,"
	"  attempts INTEGER NOT NULL"
	") STRICT;"
	"CREATE INDEX ledger_by_time ON ledger (at_ms);"

	/* Sums of rows that are gone, per day and what they have in common. */
	"CREATE TABLE ledger_day ("
	"  at_ms INTEGER NOT NULL," /* the beginning of the day, UTC */
	"  upstream TEXT NOT NULL,"
	"  endpoint TEXT NOT NULL,"
	"  client TEXT NOT NULL,"
	"  model TEXT NOT NULL,"
	"  project TEXT NOT NULL,"
	"  reason TEXT NOT NULL,"
	"  status INTEGER NOT NULL,"
	"  requests INTEGER NOT NULL,"
	"  cached INTEGER NOT NULL,"
	"  failed INTEGER NOT NULL,"
	"  changed INTEGER NOT NULL,"
	"  tokens_before INTEGER NOT NULL,"
	"  tokens_after INTEGER NOT NULL,"
	"  input INTEGER NOT NULL,"
	"  cache_read INTEGER NOT NULL,"
	"  cache_write_5m INTEGER NOT NULL,"
	"  cache_write_1h INTEGER NOT NULL,"
	"  output INTEGER NOT NULL,"
	"  reasoning INTEGER NOT NULL,"
	"  bytes_in INTEGER NOT NULL,"
	"  bytes_sent INTEGER NOT NULL,"
	"  bytes_out INTEGER NOT NULL,"
	"  cost_nano INTEGER NOT NULL,"
	"  saved_nano INTEGER NOT NULL,"
	"  cost_unknown_n INTEGER NOT NULL,"
	"  usage_n INTEGER NOT NULL,"
	"  gone INTEGER NOT NULL,"
	"  latency_us_sum INTEGER NOT NULL,"
	"  overhead_us_sum INTEGER NOT NULL,"
	"  ttfb_us_sum INTEGER NOT NULL,"
	"  ttfb_n INTEGER NOT NULL,"
	"  latency_us_max INTEGER NOT NULL,"
	"  overhead_us_max INTEGER NOT NULL,"
	"  ttfb_us_max INTEGER NOT NULL,"
	"  PRIMARY KEY (at_ms, upstream, endpoint, client, model, project, reason, status)"
	") STRICT, WITHOUT ROWID;"

	"CREATE TABLE calibration ("
	"  model TEXT NOT NULL PRIMARY KEY COLLATE NOCASE,"
	"  counted REAL NOT NULL," /* decayed sums */
	"  reported REAL NOT NULL,"
	"  samples INTEGER NOT NULL,"
	"  used_ms INTEGER NOT NULL"
	") STRICT;"
	"INSERT INTO total VALUES ('ledger', 0, 0);",

	"CREATE TABLE feedback ("
	"  id INTEGER PRIMARY KEY,"
	"  tool TEXT NOT NULL,"
	"  encoder TEXT NOT NULL,"
	"  shape TEXT NOT NULL,"
	"  level INTEGER NOT NULL,"     /* enum feedback_level */
	"  epoch INTEGER NOT NULL,"     /* how often the level has changed */
	"  elided INTEGER NOT NULL,"    /* since ever, */
	"  retrieved INTEGER NOT NULL," /* the same, */
	"  whole INTEGER NOT NULL,"     /* the same */
	"  recent_elided INTEGER NOT NULL,"
	"  recent_retrieved INTEGER NOT NULL,"
	"  used_ms INTEGER NOT NULL,"
	"  changed_ms INTEGER NOT NULL,"
	"  UNIQUE (tool, encoder, shape)"
	") STRICT;"

	/* Where a retrieval counts. */
	"CREATE TABLE elision ("
	"  original TEXT NOT NULL PRIMARY KEY," /* first 24 hex digits of original.sha */
	"  feedback INTEGER NOT NULL,"          /* feedback.id */
	"  epoch INTEGER NOT NULL,"             /* of that row; -1: it is not judged by this */
	"  elided INTEGER NOT NULL,"
	"  retrieved INTEGER NOT NULL"
	") STRICT, WITHOUT ROWID;"

	/* Originals that were evicted in the last day. */
	"CREATE TABLE gone ("
	"  original TEXT NOT NULL PRIMARY KEY,"
	"  at_ms INTEGER NOT NULL"
	") STRICT, WITHOUT ROWID;",

	/* What broke the provider's prompt cache; a key of days, too. */
	"ALTER TABLE ledger ADD COLUMN break_cause TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE ledger ADD COLUMN break_path TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE ledger ADD COLUMN break_at INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE ledger ADD COLUMN break_tokens INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE ledger ADD COLUMN break_nano INTEGER NOT NULL DEFAULT 0;"
	"CREATE TABLE ledger_day_with_breaks ("
	"  at_ms INTEGER NOT NULL," /* the beginning of the day, UTC */
	"  upstream TEXT NOT NULL,"
	"  endpoint TEXT NOT NULL,"
	"  client TEXT NOT NULL,"
	"  model TEXT NOT NULL,"
	"  project TEXT NOT NULL,"
	"  reason TEXT NOT NULL,"
	"  status INTEGER NOT NULL,"
	"  break_cause TEXT NOT NULL," DAY_SUMS
	"  PRIMARY KEY (at_ms, upstream, endpoint, client, model, project, reason, status, "
	"break_cause)"
	") STRICT, WITHOUT ROWID;"
	"INSERT INTO ledger_day_with_breaks (at_ms, upstream, endpoint, client, model, "
	"project, reason, status, requests, cached, failed, changed, tokens_before, "
	"tokens_after, input, cache_read, cache_write_5m, cache_write_1h, output, reasoning, "
	"bytes_in, bytes_sent, bytes_out, cost_nano, saved_nano, cost_unknown_n, usage_n, "
	"gone, latency_us_sum, overhead_us_sum, ttfb_us_sum, ttfb_n, latency_us_max, "
	"overhead_us_max, ttfb_us_max, break_cause, breaks, break_tokens, break_nano) "
	"SELECT at_ms, upstream, endpoint, client, model, project, reason, status, requests, "
	"cached, failed, changed, tokens_before, tokens_after, input, cache_read, "
	"cache_write_5m, cache_write_1h, output, reasoning, bytes_in, bytes_sent, bytes_out, "
	"cost_nano, saved_nano, cost_unknown_n, usage_n, gone, latency_us_sum, "
	"overhead_us_sum, ttfb_us_sum, ttfb_n, latency_us_max, overhead_us_max, ttfb_us_max, "
	"'', 0, 0, 0 FROM ledger_day; "
	"DROP TABLE ledger_day;"
	"ALTER TABLE ledger_day_with_breaks RENAME TO ledger_day;",

	/* What was saved in the results of each tool, and by each encoder. */
	"ALTER TABLE ledger ADD COLUMN parts TEXT NOT NULL DEFAULT '[]';" /* ledger_parts_write */
	"CREATE TABLE ledger_part_day ("
	"  at_ms INTEGER NOT NULL,"
	"  kind INTEGER NOT NULL," /* enum ledger_part_kind */
	"  name TEXT NOT NULL,"
	"  results INTEGER NOT NULL,"
	"  saved INTEGER NOT NULL,"
	"  PRIMARY KEY (at_ms, kind, name)"
	") STRICT, WITHOUT ROWID;",

	/* Of which conversation a request is, and how it went on. */
	"ALTER TABLE ledger ADD COLUMN conversation INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE ledger ADD COLUMN asked INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE ledger ADD COLUMN arm INTEGER NOT NULL DEFAULT 0;" /* enum ledger_arm */
	"ALTER TABLE ledger ADD COLUMN again_n INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE ledger ADD COLUMN retrievals_n INTEGER NOT NULL DEFAULT 0;"
	"CREATE INDEX ledger_by_arm ON ledger (conversation) WHERE arm <> 0;",

	/* With whose token a request came; a key of days, too. */
	"ALTER TABLE ledger ADD COLUMN token TEXT NOT NULL DEFAULT '';"
	"CREATE TABLE ledger_day_with_tokens ("
	"  at_ms INTEGER NOT NULL," /* the beginning of the day, UTC */
	"  upstream TEXT NOT NULL,"
	"  endpoint TEXT NOT NULL,"
	"  client TEXT NOT NULL,"
	"  model TEXT NOT NULL,"
	"  project TEXT NOT NULL,"
	"  reason TEXT NOT NULL,"
	"  status INTEGER NOT NULL,"
	"  break_cause TEXT NOT NULL,"
	/* Columns of the key come first: SQLite before 3.41 checks others of such a table by wrong places. */
	"  token TEXT NOT NULL," DAY_SUMS
	"  PRIMARY KEY (at_ms, upstream, endpoint, client, model, project, reason, status, "
	"break_cause, token)"
	") STRICT, WITHOUT ROWID;"
	"INSERT INTO ledger_day_with_tokens SELECT at_ms, upstream, endpoint, client, model, "
	"project, "
	"reason, status, break_cause, '', "
	"requests, cached, failed, changed, tokens_before, tokens_after, input, "
	"cache_read, cache_write_5m, cache_write_1h, output, reasoning, bytes_in, "
	"bytes_sent, bytes_out, cost_nano, saved_nano, cost_unknown_n, usage_n, gone, "
	"breaks, break_tokens, break_nano, latency_us_sum, overhead_us_sum, "
	"ttfb_us_sum, ttfb_n, latency_us_max, overhead_us_max, ttfb_us_max"
	" FROM ledger_day; "
	"DROP TABLE ledger_day;"
	"ALTER TABLE ledger_day_with_tokens RENAME TO ledger_day;",

	/* What this store is called among those of other machines, and how far it has heard them. */
	"CREATE TABLE peer (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT "
	"ROWID;",
};

int64_t schema_version(void)
{
	return ARRAY_N(steps);
}

/* *version is 0 for an empty file. */
static enum err read_version(struct db *db, int64_t *version, struct errctx *cx)
{
	int64_t application, tables;

	TRY(db_query_i64(db, "PRAGMA application_id", &application, cx));
	TRY(db_query_i64(db, "PRAGMA user_version", version, cx));
	TRY(db_query_i64(db, "SELECT count(*) FROM sqlite_schema", &tables, cx));
	if (!application && !*version && !tables)
		return E_OK;
	if (application != SCHEMA_APPLICATION_ID)
		FAIL(cx, E_CONFIG, "%s is the database of another program: name another file",
			sqlite3_db_filename(db->handle, "main"));
	if (*version > schema_version())
		FAIL(cx, E_UNSUPPORTED,
			"%s was written by a newer headroom (schema %" PRId64
			", this one knows up to %" PRId64 "): upgrade, or name another file",
			sqlite3_db_filename(db->handle, "main"), *version, schema_version());
	return E_OK;
}

static enum err take_steps(struct db *db, struct errctx *cx)
{
	int64_t version;
	char sql[96];

	TRY(read_version(db, &version, cx)); /* again: now nobody else can change it */
	for (; version < schema_version(); version++)
		TRY(db_exec(db, steps[version], cx));
	(void)snprintf(sql, sizeof sql,
		"PRAGMA application_id = %d; PRAGMA user_version = %" PRId64, SCHEMA_APPLICATION_ID,
		version);
	TRY(db_exec(db, sql, cx));
	return db_run_plain(db, DB_COMMIT, cx);
}

enum err schema_migrate(struct db *db, struct errctx *cx)
{
	int64_t version;
	enum err e;

	TRY(read_version(db, &version, cx));
	if (version == schema_version())
		return E_OK;
	TRY(db_run_plain(db, DB_BEGIN, cx));
	e = take_steps(db, cx);
	if (e)
		db_rollback(db);
	return e;
}

enum err schema_check(struct db *db, struct errctx *cx)
{
	int64_t version;

	TRY(read_version(db, &version, cx));
	if (version < schema_version())
		FAIL(cx, E_UNSUPPORTED,
			"%s has schema %" PRId64 ", this headroom reads %" PRId64
			": open it once for writing",
			sqlite3_db_filename(db->handle, "main"), version, schema_version());
	return E_OK;
}
