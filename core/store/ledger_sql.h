/* ledger_sql: the ledger's statements, made from one table of what a sum is made of. Not for others
 * than db.h. */
#ifndef CORE_STORE_LEDGER_SQL_H
#define CORE_STORE_LEDGER_SQL_H

/* Requests are what came to a proxy; what else was done has an endpoint with a '/' (LEDGER_OWN_*).
 * The fields of struct ledger_sum, which are the columns of ledger_day: what one row of ledger adds
 * to it. X(field, SQL over a row); Y(field, ...) takes the largest instead of adding. */
#define LEDGER_SUM_FIELDS(X, Y)                              \
	X(requests, "instr(endpoint, '/') = 0")              \
	X(cached, "is_cached")                               \
	X(failed, "status >= 400")                           \
	X(changed, "changed_n > 0")                          \
	X(tokens_before, "tokens_before")                    \
	X(tokens_after, "tokens_after")                      \
	X(input, "input")                                    \
	X(cache_read, "cache_read")                          \
	X(cache_write_5m, "cache_write_5m")                  \
	X(cache_write_1h, "cache_write_1h")                  \
	X(output, "output")                                  \
	X(reasoning, "reasoning")                            \
	X(bytes_in, "bytes_in")                              \
	X(bytes_sent, "bytes_sent")                          \
	X(bytes_out, "bytes_out")                            \
	X(cost_nano, "coalesce(cost_nano, 0)")               \
	X(saved_nano, "coalesce(saved_nano, 0)")             \
	X(cost_unknown_n, "has_usage AND cost_nano IS NULL") \
	X(usage_n, "has_usage")                              \
	X(gone, "is_client_gone")                            \
	X(breaks, "break_cause <> ''")                       \
	X(break_tokens, "break_tokens")                      \
	X(break_nano, "break_nano")                          \
	X(latency_us_sum, "latency_us")                      \
	X(overhead_us_sum, "overhead_us")                    \
	X(ttfb_us_sum, "ttfb_us")                            \
	X(ttfb_n, "ttfb_us > 0")                             \
	Y(latency_us_max, "latency_us")                      \
	Y(overhead_us_max, "overhead_us")                    \
	Y(ttfb_us_max, "ttfb_us")

/* The columns of a row, in the order in which ledger_batch.c gives and ledger_row.c reads them. */
#define LEDGER_ROW_COLUMNS                                                                         \
	"request, at_ms, proxy_run, upstream, endpoint, format, client, model, project, session, " \
	"status, is_stream, is_cached, is_client_gone, is_complete, reason, transforms, error, "   \
	"tokens_before, tokens_after, results_n, changed_n, bytes_in, bytes_sent, bytes_out, "     \
	"has_usage, input, cache_read, cache_write_5m, cache_write_1h, output, reasoning, "        \
	"cost_nano, saved_nano, latency_us, overhead_us, ttfb_us, attempts, "                      \
	"break_cause, break_path, break_at, break_tokens, break_nano, parts, "                     \
	"conversation, asked, arm, again_n, retrievals_n, token"

/* All rows that are in flight (ledger_batch.h). All columns in the table's own order: then SQLite makes the row where it
 * reads, without a copy of each value. */
#define LEDGER_SQL_ADD                                          \
	"INSERT OR IGNORE INTO ledger (id, " LEDGER_ROW_COLUMNS \
	") SELECT NULL, " LEDGER_ROW_COLUMNS " FROM incoming"

/* Rows of one token, or with an empty name of all. */
#define LEDGER_SQL_OF_TOKEN "AND (?5 = '' OR token = ?5) "

/* ?1 from, ?2 to, ?3 run or 0, ?4 at most, ?5 token or empty. */
#define LEDGER_SQL_RECENT                                                             \
	"SELECT " LEDGER_ROW_COLUMNS " FROM ledger WHERE at_ms >= ?1 AND at_ms < ?2 " \
	"AND (?3 = 0 OR proxy_run = ?3) " LEDGER_SQL_OF_TOKEN                         \
	"ORDER BY at_ms DESC, id DESC LIMIT ?4"

/* ?4 is an enum ledger_group whose values ledger_sum.c asserts; groups of time use at_ms. */
#define LEDGER_SQL_KEY                                                                           \
	"CASE ?4 WHEN 1 THEN model WHEN 2 THEN upstream WHEN 3 THEN client WHEN 4 THEN project " \
	"WHEN 9 THEN reason WHEN 10 THEN CAST(status AS TEXT) WHEN 11 THEN endpoint "            \
	"WHEN 12 THEN break_cause WHEN 13 THEN token ELSE '' END"

#define LEDGER_SQL_FIELD(field, sql)  ", " sql
#define LEDGER_SQL_COLUMN(field, sql) ", " #field
#define LEDGER_SQL_SUM(field, sql)    ", sum(" sql ")"
#define LEDGER_SQL_MAX(field, sql)    ", max(" sql ")"
#define LEDGER_SQL_SUM_OF(field, sql) ", sum(" #field ")"
#define LEDGER_SQL_MAX_OF(field, sql) ", max(" #field ")"
/* Bounded so that a sum never leaves what an INTEGER can hold. */
#define LEDGER_SQL_ADD_TO(field, sql) \
	", " #field " = max(min(" #field " + excluded." #field ", 4e18), -4e18)"
#define LEDGER_SQL_MAX_TO(field, sql) ", " #field " = max(" #field ", excluded." #field ")"

/* ?1 from, ?2 to, ?3 run or 0, ?5 token or empty. Single rows newest first, then the folded ones. */
#define LEDGER_SQL_SUMS                                                                          \
	"SELECT at_ms, " LEDGER_SQL_KEY LEDGER_SUM_FIELDS(LEDGER_SQL_FIELD,                      \
		LEDGER_SQL_FIELD) " FROM ledger "                                                \
				  "WHERE at_ms >= ?1 AND at_ms < ?2 AND (?3 = 0 OR proxy_run = " \
				  "?3) " LEDGER_SQL_OF_TOKEN                                     \
				  "UNION ALL SELECT at_ms, " LEDGER_SQL_KEY                      \
				  LEDGER_SUM_FIELDS(LEDGER_SQL_COLUMN,                           \
					  LEDGER_SQL_COLUMN) " FROM ledger_day "                 \
							     "WHERE at_ms >= ?1 AND at_ms < ?2 " \
							     "AND ?3 = 0 " LEDGER_SQL_OF_TOKEN

/* The parts of rows: kind, name, results, saved. A text that is none says nothing. */
#define LEDGER_SQL_PARTS                                                                    \
	"SELECT at_ms, proxy_run, json_extract(p.value, '$[0]') AS kind, "                  \
	"json_extract(p.value, '$[1]') AS name, json_extract(p.value, '$[2]') AS results, " \
	"json_extract(p.value, '$[3]') AS saved "                                           \
	"FROM ledger, json_each(CASE WHEN json_valid(parts) THEN parts ELSE '[]' END) AS p "

/* ?1 from, ?2 to, ?3 run or 0, ?4 kind, ?5 at most. What no part says is '(rest)', and stands last. */
#define LEDGER_SQL_PART_SUMS                                                                \
	"WITH part(name, results, saved) AS ("                                              \
	"SELECT name, results, saved FROM (" LEDGER_SQL_PARTS                               \
	"WHERE at_ms >= ?1 AND at_ms < ?2 AND (?3 = 0 OR proxy_run = ?3)) WHERE kind = ?4 " \
	"UNION ALL SELECT name, results, saved FROM ledger_part_day "                       \
	"WHERE at_ms >= ?1 AND at_ms < ?2 AND ?3 = 0 AND kind = ?4), "                      \
	"rest(saved) AS (SELECT tokens_before - tokens_after FROM ledger "                  \
	"WHERE at_ms >= ?1 AND at_ms < ?2 AND (?3 = 0 OR proxy_run = ?3) "                  \
	"UNION ALL SELECT tokens_before - tokens_after FROM ledger_day "                    \
	"WHERE at_ms >= ?1 AND at_ms < ?2 AND ?3 = 0 "                                      \
	"UNION ALL SELECT -saved FROM part) "                                               \
	"SELECT name, sum(results), sum(saved), 0 AS is_rest FROM part GROUP BY name "      \
	"UNION ALL SELECT '(rest)', 0, coalesce(sum(saved), 0), 1 FROM rest "               \
	"ORDER BY is_rest, 3 DESC, 1 LIMIT ?5"

/* ?1 from, ?2 to, ?3 run or 0. Kinds 2 and 3. */
#define LEDGER_SQL_RETURNS                                                                         \
	"SELECT kind, name, sum(results), sum(saved) FROM ("                                       \
	"SELECT kind, name, results, saved FROM (" LEDGER_SQL_PARTS                                \
	"WHERE at_ms >= ?1 AND at_ms < ?2 AND (?3 = 0 OR proxy_run = ?3)) WHERE kind >= 2 "        \
	"UNION ALL SELECT kind, name, results, saved FROM ledger_part_day "                        \
	"WHERE at_ms >= ?1 AND at_ms < ?2 AND ?3 = 0 AND kind >= 2) GROUP BY kind, name ORDER BY " \
	"name, kind"

/* ?1 from, ?2 to, ?3 run or 0. */
#define LEDGER_SQL_CONVERSATIONS                                                             \
	"SELECT conversation, max(arm = 1), max(arm = 2), count(*), count(DISTINCT asked), " \
	"sum(status = 429 OR status >= 500), sum(has_usage), "                               \
	"sum(input + cache_read + cache_write_5m + cache_write_1h), sum(output), "           \
	"count(cost_nano), "                                                                 \
	"total(cost_nano), sum(again_n), sum(retrievals_n) FROM ledger "                     \
	"WHERE arm <> 0 AND at_ms >= ?1 AND at_ms < ?2 AND (?3 = 0 OR proxy_run = ?3) GROUP BY 1"

#define LEDGER_SQL_PART_ON_CONFLICT                         \
	" ON CONFLICT (at_ms, kind, name) DO UPDATE SET "   \
	"results = min(results + excluded.results, 4e18), " \
	"saved = max(min(saved + excluded.saved, 4e18), -4e18)"
/* ?1: rows up to this time, before they go. */
#define LEDGER_SQL_PART_FOLD                                                             \
	"INSERT INTO ledger_part_day (at_ms, kind, name, results, saved) "               \
	"SELECT at_ms / 86400000 * 86400000, kind, name, sum(results), sum(saved) FROM " \
	"(" LEDGER_SQL_PARTS                                                             \
	"WHERE at_ms <= ?1) WHERE true GROUP BY 1, 2, 3" LEDGER_SQL_PART_ON_CONFLICT
/* Folded parts up to ?1 lose their names. */
#define LEDGER_SQL_PART_DAY_FOLD                                                        \
	"INSERT INTO ledger_part_day (at_ms, kind, name, results, saved) "              \
	"SELECT at_ms, kind, '(other)', sum(results), sum(saved) FROM ledger_part_day " \
	"WHERE at_ms <= ?1 AND name <> '(other)' GROUP BY 1, 2" LEDGER_SQL_PART_ON_CONFLICT

/* ?1 since. total() counts in floating point, which cannot overflow and is exact below 9 million
 * dollars. */
#define LEDGER_SQL_SPENT                                                             \
	"SELECT CAST(min((SELECT total(cost_nano) FROM ledger WHERE at_ms >= ?1) + " \
	"(SELECT total(cost_nano) FROM ledger_day WHERE at_ms > ?1 - 86400000), "    \
	"4e18) AS INTEGER)"

#define LEDGER_DAY_KEYS \
	"upstream, endpoint, client, model, project, reason, status, break_cause, token"
#define LEDGER_SQL_ON_CONFLICT                  \
	" ON CONFLICT (at_ms, " LEDGER_DAY_KEYS \
	") DO UPDATE SET at_ms = at_ms" LEDGER_SUM_FIELDS(LEDGER_SQL_ADD_TO, LEDGER_SQL_MAX_TO)

/* ?1: rows up to this time. */
#define LEDGER_SQL_FOLD                                                                        \
	"INSERT INTO ledger_day (at_ms, " LEDGER_DAY_KEYS LEDGER_SUM_FIELDS(LEDGER_SQL_COLUMN, \
		LEDGER_SQL_COLUMN) ") "                                                        \
				   "SELECT at_ms / 86400000 * 86400000, " LEDGER_DAY_KEYS      \
				   LEDGER_SUM_FIELDS(LEDGER_SQL_SUM,                           \
					   LEDGER_SQL_MAX) " FROM ledger WHERE at_ms <= ?1 "   \
							   "GROUP BY 1, 2, 3, 4, 5, 6, 7, "    \
							   "8, 9, 10" LEDGER_SQL_ON_CONFLICT

/* Folded rows up to ?1 that still have what is in a client's hand. */
#define LEDGER_SQL_DETAILED "at_ms <= ?1 AND model || project || client <> ''"
#define LEDGER_SQL_DAY_FOLD                                                                    \
	"INSERT INTO ledger_day (at_ms, " LEDGER_DAY_KEYS LEDGER_SUM_FIELDS(LEDGER_SQL_COLUMN, \
		LEDGER_SQL_COLUMN) ") "                                                        \
				   "SELECT at_ms, upstream, endpoint, '', '', '', reason, "    \
				   "status, break_cause, token" LEDGER_SUM_FIELDS(             \
					   LEDGER_SQL_SUM_OF,                                  \
					   LEDGER_SQL_MAX_OF) " FROM ledger_day "              \
							      "WHERE " LEDGER_SQL_DETAILED " " \
							      "GROUP BY 1, 2, 3, 7, "          \
							      "8, 9, 10" LEDGER_SQL_ON_CONFLICT

#endif
