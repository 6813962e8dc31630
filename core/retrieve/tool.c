#include "core/retrieve/retrieve.h"

const char retrieve_tool_name[] = "headroom_retrieve";

/* Every request carries both: each word is paid in every turn. */
const char retrieve_tool_description[] =
	"The original of a tool result that was shortened: a line in brackets there ends in "
	"\"original: headroom_retrieve HASH\". Narrow it down with lines, rows or query.";

const char retrieve_tool_schema[] =
	"{\"type\":\"object\",\"properties\":{"
	"\"hash\":{\"type\":\"string\"},"
	"\"lines\":{\"type\":\"string\",\"description\":\"from 1: 10-40 or 7,10-40\"},"
	"\"rows\":{\"type\":\"string\",\"description\":\"elements of a JSON array, likewise\"},"
	"\"query\":{\"type\":\"string\",\"description\":\"words of the lines or rows sought\"},"
	"\"offset\":{\"type\":\"integer\"},"
	"\"limit\":{\"type\":\"integer\"}},"
	"\"required\":[\"hash\"]}";
