/* cursor_db: how Cursor keeps its conversations. Its format is not documented; what is read here is what several public readers of it agree
 * on, for versions 0.50 to 3.x:
 *	cursorDiskKV    "composerData:ID": the conversation, with the ids of its messages in order (fullConversationHeadersOnly; in
 *	                older ones the messages themselves, conversation); "bubbleId:ID:BUBBLE": a message, type 1 the user's,
 *	                2 the model's, with the call of a tool and its result in toolFormerData
 *	the directory   workspaceIdentifier.uri.fsPath of the conversation, or of its entry in ItemTable's composer.composerHeaders; else
 *	                that of the workspace (workspaceStorage/X/workspace.json) whose own state.vscdb lists it (composer.composerData)
 * Internal to core/store. Owns: nothing. */
#ifndef CORE_STORE_CURSOR_DB_H
#define CORE_STORE_CURSOR_DB_H

#include <sqlite3.h>
#include <stdbool.h>

#include "core/base/err.h"

extern const char CURSOR_DB_SESSIONS[], CURSOR_DB_PARTS[];

/* Before the first of these: where the conversations of the database at path belong, in tables of the connection alone. What cannot be read is
 * left out. False: it is no database of Cursor's. */
bool cursor_db_prepare(sqlite3 *db, const char *path);

/* session_db.c: the name of a file for ATTACH, to be read only. False: it is too long. */
enum { DB_URI_BYTES = 4096 };
bool session_db_uri(const char *path, char uri[static DB_URI_BYTES]);

#endif
