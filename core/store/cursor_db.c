#include "core/store/cursor_db.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/file.h"

/* Values are blobs with JSON, which the functions of SQLite take as text alone. What is none is left out. */
#define JSON_OF(column) \
	"(SELECT CASE WHEN json_valid(t) THEN t END FROM (SELECT CAST(" column " AS TEXT) AS t))"

const char CURSOR_DB_SESSIONS[] =
	"SELECT id, coalesce(doc ->> '$.workspaceIdentifier.uri.fsPath', "
	"(SELECT dir FROM temp.place WHERE place.id = c.id)), "
	"doc -> '$.subagentInfo' IS NOT NULL OR id IN (SELECT id FROM temp.child) "
	"FROM (SELECT substr(key, 14) AS id, " JSON_OF(
		"value") " AS doc FROM cursorDiskKV "
			 "WHERE key >= 'composerData:' AND key < 'composerData;') AS c "
			 "WHERE doc IS NOT NULL ORDER BY doc ->> '$.createdAt', id";

/* b: the message; t: its call; r: the call's result, in JSON or bare. A command that failed has completed, for Cursor. */
#define FAILED                                                                                     \
	"(t ->> '$.status' = 'error' OR coalesce(r ->> '$.exitCodeV2', r ->> '$.exitCode', 0) <> " \
	"0 "                                                                                       \
	"OR coalesce(r ->> '$.rejected', 0) OR t ->> '$.userDecision' = 'rejected')"
#define INPUT                                                                                  \
	"CASE WHEN json_valid(t ->> '$.rawArgs') AND json_type(t ->> '$.rawArgs') = 'object' " \
	"AND t ->> '$.rawArgs' <> '{}' THEN json(t ->> '$.rawArgs') "                          \
	"WHEN json_valid(t ->> '$.params') THEN json(t ->> '$.params') ELSE json('{}') END"
#define OUTPUT                                                                              \
	"CASE WHEN coalesce(r ->> '$.rejected', 0) OR t ->> '$.userDecision' = 'rejected' " \
	"THEN 'rejected by the user' ELSE coalesce(r ->> '$.output', r ->> '$.contents', "  \
	"CASE WHEN json_valid(t ->> '$.error') THEN t ->> '$.error' ->> "                   \
	"'$.modelVisibleErrorMessage' END, t ->> '$.error', t ->> '$.result') END"
#define PART                                                                                 \
	"CASE WHEN t ->> '$.name' IS NOT NULL THEN json_object('type', 'tool', 'tool', "     \
	"t ->> '$.name', 'callID', coalesce(t ->> '$.toolCallId', b ->> '$.bubbleId', ''), " \
	"'state', CASE WHEN t ->> '$.status' IN ('completed', 'error') THEN json_object("    \
	"'status', iif(" FAILED ", 'error', 'completed'), 'input', " INPUT ", "              \
	"iif(" FAILED ", 'error', 'output'), coalesce(" OUTPUT ", '')) "                     \
	"ELSE json_object('status', 'running', 'input', " INPUT ") END) "                    \
	"ELSE json_object('type', 'text', 'text', coalesce(b ->> '$.text', '')) END"
/* ISO 8601 or milliseconds; where the message has no time, that of the conversation. */
#define TIME                                                                            \
	"CASE WHEN typeof(at) = 'integer' THEN at WHEN julianday(at) IS NOT NULL THEN " \
	"CAST(round((julianday(at) - 2440587.5) * 86400000) AS INTEGER) ELSE -1 END"

const char CURSOR_DB_PARTS[] = "WITH conversation AS MATERIALIZED (SELECT " JSON_OF(
	"value") " AS doc FROM cursorDiskKV "
		 "WHERE key = 'composerData:' || ?1), "
		 "message AS (SELECT h.key AS number, " JSON_OF(
			 "k.value") " AS b FROM conversation, "
				    "json_each(doc, '$.fullConversationHeadersOnly') AS h JOIN "
				    "cursorDiskKV AS k "
				    "ON k.key = 'bubbleId:' || ?1 || ':' || (h.value ->> "
				    "'$.bubbleId') "
				    "UNION ALL SELECT h.key, h.value FROM conversation, "
				    "json_each(doc, '$.conversation') AS h "
				    "WHERE h.type = 'object'), "
				    "called AS (SELECT number, b, b -> '$.toolFormerData' AS t, "
				    "CASE WHEN json_valid(b ->> "
				    "'$.toolFormerData.result') AND json_type(b ->> "
				    "'$.toolFormerData.result') = 'object' "
				    "THEN b ->> '$.toolFormerData.result' END AS r, "
				    "coalesce(b ->> '$.createdAt', doc ->> '$.createdAt') AS at "
				    "FROM message, conversation "
				    "WHERE b IS NOT NULL AND NOT coalesce(b ->> '$.isThought', 0)) "
				    "SELECT iif(b ->> '$.type' = 1, 'user', 'assistant'), " TIME
				    ", " PART " FROM called ORDER BY number";

/* "file:///a%20b": the directory, in place. False: it is not on this machine. */
static bool take_file_uri(char *uri)
{
	static const char SCHEME[] = "file://", HEX[] = "0123456789abcdef";
	char *to = uri;

	if (strncmp(uri, SCHEME, strlen(SCHEME)) != 0 || uri[strlen(SCHEME)] != '/')
		return false;
	for (const char *at = uri + strlen(SCHEME); *at; at++) {
		const char *high = *at == '%' && at[1] ? strchr(HEX, at[1] | 0x20) : NULL;
		const char *low = high && at[2] ? strchr(HEX, at[2] | 0x20) : NULL;

		*to++ = low ? (char)((high - HEX) << 4 | (low - HEX)) : *at;
		at += low ? 2 : 0;
	}
	*to = '\0';
	return true;
}

/* Runs a statement with up to two texts; whether it went well. out: the first column of its first row; NULL: not wanted. */
static bool run(sqlite3 *db, const char *sql, const char *one, const char *two, char *out)
{
	sqlite3_stmt *s = NULL;
	bool is_done = sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK &&
		       (!one || sqlite3_bind_text(s, 1, one, -1, SQLITE_TRANSIENT) == SQLITE_OK) &&
		       (!two || sqlite3_bind_text(s, 2, two, -1, SQLITE_TRANSIENT) == SQLITE_OK);
	int rc = is_done ? sqlite3_step(s) : SQLITE_ERROR;

	if (rc == SQLITE_ROW && out) {
		const char *text = (const char *)sqlite3_column_text(s, 0);

		(void)snprintf(out, DB_URI_BYTES, "%s", text ? text : "");
	}
	(void)sqlite3_finalize(s);
	return rc == SQLITE_ROW || rc == SQLITE_DONE;
}

/* The directory that was opened in a workspace. */
static bool read_folder(sqlite3 *db, const char *dir, char folder[static DB_URI_BYTES])
{
	char path[DB_URI_BYTES];
	struct buf text;
	bool is_read = false;

	buf_init(&text, DB_URI_BYTES);
	if (snprintf(path, sizeof path, "%s/workspace.json", dir) < (int)sizeof path &&
		file_read(path, &text, NULL) == E_OK) {
		buf_add_byte(&text, '\0');
		is_read = !text.err && run(db, "SELECT ?1 ->> '$.folder'", text.p, NULL, folder) &&
			  take_file_uri(folder);
	}
	buf_release(&text);
	return is_read;
}

/* The conversations that the database of one workspace lists. */
static void add_workspace(sqlite3 *db, const char *dir)
{
	char path[DB_URI_BYTES], uri[DB_URI_BYTES], folder[DB_URI_BYTES] = "";

	if (!read_folder(db, dir, folder) ||
		snprintf(path, sizeof path, "%s/state.vscdb", dir) >= (int)sizeof path ||
		!session_db_uri(path, uri) || !run(db, "ATTACH ?1 AS w", uri, NULL, NULL))
		return;
	(void)run(db,
		"INSERT INTO temp.place SELECT c.value ->> '$.composerId', ?1 FROM w.ItemTable, "
		"json_each(" JSON_OF(
			"ItemTable.value") ", '$.allComposers') AS c "
					   "WHERE ItemTable.key = 'composer.composerData' AND "
					   "c.type = 'object'",
		folder, NULL, NULL);
	(void)run(db,
		"INSERT INTO temp.place SELECT c.value, ?1 FROM w.ItemTable, "
		"json_each(" JSON_OF(
			"ItemTable.value") ", '$.selectedComposerIds') AS c "
					   "WHERE ItemTable.key = 'composer.composerData'",
		folder, NULL, NULL);
	(void)run(db, "DETACH w", NULL, NULL, NULL);
}

/* .../User/globalStorage/state.vscdb: the workspaces are in .../User/workspaceStorage. */
static void add_workspaces(sqlite3 *db, const char *path)
{
	char dir[DB_URI_BYTES], each[2 * DB_URI_BYTES];
	const char *end = strrchr(path, '/');
	struct dirent *e;
	DIR *d;

	if (!end || snprintf(dir, sizeof dir, "%.*s/../workspaceStorage", (int)(end - path),
			    path) >= (int)sizeof dir)
		return;
	d = opendir(dir);
	while (d && (e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		(void)snprintf(each, sizeof each, "%s/%s", dir, e->d_name);
		add_workspace(db, each);
	}
	if (d)
		(void)closedir(d);
}

bool cursor_db_prepare(sqlite3 *db, const char *path)
{
	if (!run(db, "SELECT 1 FROM main.cursorDiskKV", NULL, NULL, NULL) ||
		!run(db, "PRAGMA temp_store = MEMORY", NULL, NULL, NULL) ||
		!run(db,
			"CREATE TEMP TABLE place (id TEXT PRIMARY KEY ON CONFLICT IGNORE, dir "
			"TEXT)",
			NULL, NULL, NULL) ||
		!run(db, "CREATE TEMP TABLE child (id TEXT PRIMARY KEY ON CONFLICT IGNORE)", NULL,
			NULL, NULL))
		return false;
	(void)run(db,
		"INSERT INTO temp.place SELECT c.value ->> '$.composerId', "
		"c.value ->> '$.workspaceIdentifier.uri.fsPath' FROM main.ItemTable, "
		"json_each(" JSON_OF(
			"ItemTable.value") ", '$.allComposers') AS c "
					   "WHERE ItemTable.key = 'composer.composerHeaders' AND "
					   "c.type = "
					   "'object' "
					   "AND c.value ->> '$.workspaceIdentifier.uri.fsPath' IS "
					   "NOT NULL",
		NULL, NULL, NULL);
	(void)run(db,
		"INSERT INTO temp.child SELECT c.value FROM (SELECT " JSON_OF(
			"value") " AS doc "
				 "FROM main.cursorDiskKV WHERE key >= 'composerData:' AND key < "
				 "'composerData;'), "
				 "json_each(doc, '$.subagentComposerIds') AS c WHERE doc IS NOT "
				 "NULL",
		NULL, NULL, NULL);
	add_workspaces(db, path);
	return true;
}
