#include "core/retrieve/retrieve.h"

const char retrieve_tool_name[] = "headroom_retrieve";

const char retrieve_tool_description[] =
	"Returns the original of a tool result that was shortened to save space. Where something "
	"was left "
	"out, a line in brackets ends in \"original: headroom_retrieve HASH\". Call this with that "
	"hash "
	"when what was left out matters, and narrow it down with lines, rows or query.";

const char retrieve_tool_schema[] =
	"{\"type\":\"object\",\"properties\":{"
	"\"hash\":{\"type\":\"string\",\"description\":\"The hash in the bracketed line\"},"
	"\"lines\":{\"type\":\"string\",\"description\":\"Only these lines, counted from 1: 10-40 "
	"or 7,10-40\"},"
	"\"rows\":{\"type\":\"string\",\"description\":\"Only these elements of a JSON array, "
	"counted from 1\"},"
	"\"query\":{\"type\":\"string\",\"description\":\"Only the lines or rows that fit these "
	"words best\"},"
	"\"offset\":{\"type\":\"integer\",\"description\":\"Lines or rows to pass over\"},"
	"\"limit\":{\"type\":\"integer\",\"description\":\"Lines or rows at most\"}},"
	"\"required\":[\"hash\"]}";
