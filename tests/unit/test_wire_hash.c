#include "tests/unit/wire_help.h"

/* The hashes of all blocks of a body, chained. */
static struct hash128 chain_of(enum wire_format f, const char *body)
{
	struct arena a = ARENA_INIT;
	struct wire_doc d = walked(&a, f, body);
	struct hash128 h = {0, 0};

	for (uint32_t i = 0; i < d.n; i++)
		h = hash128_chain(h, d.blocks[i].hash);
	arena_release(&a);
	return h;
}

struct pair {
	enum wire_format format;
	const char *one, *other;
};

static void what_a_client_changes_beside_the_content_keeps_the_hash(void **state)
{
	static const struct pair PAIRS[] = {
		/* a string and a list of one text; a breakpoint that moves on */
		{WIRE_ANTHROPIC, "{'messages':[{'role':'user','content':'two'}]}",
			"{'messages':[{'role':'user','content':["
			"{'type':'text','text':'two','cache_control':{'type':'ephemeral'}}]}]}"},
		{WIRE_ANTHROPIC, "{'system':'a','messages':[]}",
			"{'messages':[],'system':[{'text':'a','type':'text'}]}"},
		{WIRE_ANTHROPIC,
			"{'messages':[{'role':'user','content':["
			"{'type':'tool_result','tool_use_id':'t','content':'x'}]}]}",
			"{'messages':[{'role':'user','content':["
			"{'type':'tool_result','tool_use_id':'t','is_error':false,"
			"'cache_control':{'type':'ephemeral','ttl':'1h'},"
			"'content':[{'type':'text','text':'x'}]}]}]}"},
		{WIRE_ANTHROPIC,
			"{'messages':[{'role':'assistant','content':["
			"{'type':'tool_use','id':'t','name':'A','input':{'a':1}}]}]}",
			"{'messages':[{'role':'assistant','content':["
			"{'type':'tool_use','id':'t','name':'A','input':{'a':1},"
			"'cache_control':{'type':'ephemeral'}}]}]}"},
		/* the same on blocks that we do not know, signatures too */
		{WIRE_ANTHROPIC,
			"{'messages':[{'role':'user','content':[{'type':'image','source':{}}]}]}",
			"{'messages':[{'role':'user','content':["
			"{'type':'image','cache_control':{},'source':{}}]}]}"},
		{WIRE_ANTHROPIC,
			"{'messages':[{'role':'assistant','content':["
			"{'type':'thinking','thinking':'a','signature':'x'}]}]}",
			"{'messages':[{'role':'assistant','content':["
			"{'type':'thinking','thinking':'a','signature':'y'}]}]}"},
		/* the billing line of Claude Code, with its checksum */
		{WIRE_ANTHROPIC,
			"{'messages':[],'system':[{'type':'text',"
			"'text':'x-anthropic-billing-header: cc_version=1; cch=aaaaa;'}]}",
			"{'messages':[],'system':[{'type':'text',"
			"'text':'x-anthropic-billing-header: cc_version=1; cch=bbbbb;'}]}"},
		/* white space between tokens */
		{WIRE_ANTHROPIC, "{'messages':[{'role':'user','content':'x'}]}",
			" { 'messages' : [ { 'role' : 'user' , 'content' : 'x' } ] } "},
		{WIRE_OPENAI_CHAT,
			"{'messages':[{'role':'tool','tool_call_id':'t','content':'x'}]}",
			"{'messages':[{'role':'tool','tool_call_id':'t','content':["
			"{'type':'text','text':'x','cache_control':{}}]}]}"},
		{WIRE_OPENAI_RESPONSES, "{'input':'x'}",
			"{'input':[{'type':'message','role':'user','id':'i','content':["
			"{'type':'input_text','text':'x'}],"
			"'internal_chat_message_metadata_passthrough':{'create_time':2}}]}"},
		{WIRE_OPENAI_RESPONSES,
			"{'input':[{'type':'reasoning','encrypted_content':'x',"
			"'internal_chat_message_metadata_passthrough':{'create_time':1}}]}",
			"{'input':[{'type':'reasoning','encrypted_content':'x'}]}"},
		{WIRE_OPENAI_RESPONSES,
			"{'input':[{'type':'custom_tool_call_output','call_id':'c','output':'x'}]}",
			"{'input':[{'type':'custom_tool_call_output','call_id':'c','output':["
			"{'type':'input_text','text':'x'}]}]}"},
		{WIRE_GEMINI,
			"{'contents':[{'role':'model','parts':["
			"{'functionCall':{'name':'x','args':{}},'thoughtSignature':'s'}]}]}",
			"{'contents':[{'role':'model','parts':["
			"{'thought_signature':'t','function_call':{'name':'x','args':{}}}]}]}"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(PAIRS); i++) {
		if (!hash128_eq(chain_of(PAIRS[i].format, PAIRS[i].one),
			    chain_of(PAIRS[i].format, PAIRS[i].other)))
			fail_msg("%s\n%s", PAIRS[i].one, PAIRS[i].other);
	}
}

static void other_content_has_another_hash(void **state)
{
	static const struct pair PAIRS[] = {
		/* text, role, kind, order */
		{WIRE_ANTHROPIC, "{'messages':[{'role':'user','content':'a'}]}",
			"{'messages':[{'role':'user','content':'b'}]}"},
		{WIRE_ANTHROPIC, "{'messages':[{'role':'user','content':'a'}]}",
			"{'messages':[{'role':'assistant','content':'a'}]}"},
		{WIRE_ANTHROPIC, "{'messages':[{'role':'user','content':'a'}]}",
			"{'messages':[{'role':'user','content':["
			"{'type':'tool_result','content':'a'}]}]}"},
		{WIRE_ANTHROPIC,
			"{'messages':[{'role':'user','content':'a'},{'role':'user','content':'b'}]"
			"}",
			"{'messages':[{'role':'user','content':'b'},"
			"{'role':'user','content':'a'}]}"},
		/* id, tool, error */
		{WIRE_ANTHROPIC,
			"{'messages':[{'role':'user','content':["
			"{'type':'tool_result','tool_use_id':'s','content':'a'}]}]}",
			"{'messages':[{'role':'user','content':["
			"{'type':'tool_result','tool_use_id':'t','content':'a'}]}]}"},
		{WIRE_ANTHROPIC,
			"{'messages':[{'role':'user','content':["
			"{'type':'tool_result','tool_use_id':'s','content':'a'}]}]}",
			"{'messages':[{'role':'user','content':["
			"{'type':'tool_result','tool_use_id':'s','content':'a','is_error':true}]}]"
			"}"},
		{WIRE_ANTHROPIC,
			"{'messages':[{'role':'assistant','content':["
			"{'type':'tool_use','id':'t','name':'A','input':{}}]}]}",
			"{'messages':[{'role':'assistant','content':["
			"{'type':'tool_use','id':'t','name':'B','input':{}}]}]}"},
		/* what is opaque is looked at as well, keys and values apart */
		{WIRE_ANTHROPIC,
			"{'messages':[{'role':'user','content':[{'type':'image','s':1}]}]}",
			"{'messages':[{'role':'user','content':[{'type':'image','s':2}]}]}"},
		{WIRE_ANTHROPIC, "{'messages':[{'role':'user','content':[{'a':1,'b':2}]}]}",
			"{'messages':[{'role':'user','content':[{'a':1,'c':2}]}]}"},
		/* a line like the billing line, but said by the user */
		{WIRE_ANTHROPIC,
			"{'messages':[{'role':'user','content':'x-anthropic-billing-header: a'}]}",
			"{'messages':[{'role':'user','content':'x-anthropic-billing-header: b'}]}"},
		{WIRE_GEMINI,
			"{'contents':[{'parts':[{'functionResponse':"
			"{'name':'x','response':{'output':'a'}}}]}]}",
			"{'contents':[{'parts':[{'functionResponse':"
			"{'name':'x','response':{'error':'a'}}}]}]}"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_N(PAIRS); i++) {
		if (hash128_eq(chain_of(PAIRS[i].format, PAIRS[i].one),
			    chain_of(PAIRS[i].format, PAIRS[i].other)))
			fail_msg("%s\n%s", PAIRS[i].one, PAIRS[i].other);
	}
}

static void a_block_has_the_same_hash_in_every_place(void **state)
{
	struct arena a = ARENA_INIT;
	struct wire_doc d = walked(&a, WIRE_ANTHROPIC,
		"{'messages':[{'role':'user','content':'x'},"
		"{'role':'user','content':[{'type':'text','text':'y'},{'type':'text','text':'x'}]}]"
		"}");

	(void)state;
	assert_int_equal(d.n, 3);
	assert_true(hash128_eq(d.blocks[0].hash, d.blocks[2].hash));
	assert_false(hash128_eq(d.blocks[0].hash, d.blocks[1].hash));
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_client_changes_beside_the_content_keeps_the_hash),
		cmocka_unit_test(other_content_has_another_hash),
		cmocka_unit_test(a_block_has_the_same_hash_in_every_place),
	};

	return cmocka_run_group_tests_name("wire: hashes of blocks", tests, NULL, NULL);
}
