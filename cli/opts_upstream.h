/* opts_upstream: the options of headroom proxy that say where requests go, written once. S: struct proxy_args. All of it is
 * constant. Thread: any. */
#ifndef CLI_OPTS_UPSTREAM_H
#define CLI_OPTS_UPSTREAM_H

/* A base URL of a provider; AT is its enum upstream. */
#define OPT_UPSTREAM(S, AT, NAME, DEF, ENV, KEY, HELP, MORE)                                  \
	{                                                                                     \
		.name = (NAME), .type = OPT_STRING, .def = (DEF), .env = (ENV), .key = (KEY), \
		.metavar = "URL", .help = (HELP), .more = (MORE),                             \
		.off = offsetof(S, upstreams[AT])                                             \
	}

#define OPTS_UPSTREAMS(S)                                                                          \
	OPT_UPSTREAM(S, 0, "anthropic-api-url", "https://api.anthropic.com",                       \
		"ANTHROPIC_TARGET_API_URL", "proxy.anthropic_api_url",                             \
		"Where requests for the API of Anthropic go.",                                     \
		"A slash or /v1 at the end is dropped."),                                          \
		OPT_UPSTREAM(S, 1, "openai-api-url", "https://api.openai.com",                     \
			"OPENAI_TARGET_API_URL", "proxy.openai_api_url",                           \
			"Where requests for the API of OpenAI go.", NULL),                         \
		OPT_UPSTREAM(S, 2, "gemini-api-url", "https://generativelanguage.googleapis.com",  \
			"GEMINI_TARGET_API_URL", "proxy.gemini_api_url",                           \
			"Where requests for the API of Gemini go.", NULL),                         \
		OPT_UPSTREAM(S, 3, "cloudcode-api-url", "https://cloudcode-pa.googleapis.com",     \
			"CLOUDCODE_TARGET_API_URL", "proxy.cloudcode_api_url",                     \
			"Where requests for Gemini Code Assist go.", NULL),                        \
		OPT_UPSTREAM(S, 4, "chatgpt-api-url", "https://chatgpt.com",                       \
			"HEADROOM_CHATGPT_API_URL", "proxy.chatgpt_api_url",                       \
			"Where requests for Codex with a ChatGPT login go.", NULL),                \
		OPT_UPSTREAM(S, 5, "vertex-api-url",                                               \
			"https://us-central1-aiplatform.googleapis.com", "VERTEX_TARGET_API_URL",  \
			"proxy.vertex_api_url", "Where requests for Vertex AI go.", NULL),         \
		OPT_UPSTREAM(S, 6, "bedrock-api-url", NULL, "BEDROCK_TARGET_API_URL",              \
			"proxy.bedrock_api_url", "Where requests for Amazon Bedrock go.",          \
			"A gateway, or an endpoint of your own network; without it, AWS in the "   \
			"region. Without --backend bedrock requests go there as clients have "     \
			"signed them."),                                                           \
		{.name = "backend",                                                                \
			.type = OPT_STRING,                                                        \
			.def = "anthropic",                                                        \
			.env = "HEADROOM_BACKEND",                                                 \
			.key = "proxy.backend",                                                    \
			.metavar = "NAME",                                                         \
			.help = "Who answers models' requests.",                                   \
			.more = "anthropic: whom the client means, with the client's key. "        \
				"bedrock, openrouter, anyllm (see --anyllm-provider), "            \
				"litellm-NAME or the NAME of a provider: that one, with the key "  \
				"in its own variable. A name that is none is answered with a "     \
				"list of them.",                                                   \
			.off = offsetof(S, backend)},                                              \
		{.name = "anyllm-provider",                                                        \
			.type = OPT_STRING,                                                        \
			.def = "openai",                                                           \
			.env = "HEADROOM_ANYLLM_PROVIDER",                                         \
			.key = "proxy.anyllm_provider",                                            \
			.metavar = "NAME",                                                         \
			.help = "The provider of --backend anyllm.",                               \
			.more = "Its base URL can be replaced by --openai-api-url.",               \
			.off = offsetof(S, anyllm_provider)},                                      \
		{.name = "region",                                                                 \
			.type = OPT_STRING,                                                        \
			.def = "us-west-2",                                                        \
			.env = "HEADROOM_REGION",                                                  \
			.key = "proxy.region",                                                     \
			.metavar = "NAME",                                                         \
			.help = "Region of Bedrock, Vertex AI and watsonx.",                       \
			.more = "Where it is not given, AWS_REGION and the AWS profile go before " \
				"the default, which is one of AWS. Vertex AI takes "               \
				"CLOUD_ML_REGION then, watsonx WATSONX_REGION, or neither "        \
				"starts.",                                                         \
			.off = offsetof(S, region)},                                               \
	{                                                                                          \
		.name = "bedrock-profile", .type = OPT_STRING, .env = "HEADROOM_BEDROCK_PROFILE",  \
		.key = "proxy.bedrock_profile", .metavar = "NAME",                                 \
		.help = "Profile of the AWS files to use.", .more = "Without it, AWS_PROFILE.",    \
		.off = offsetof(S, aws_profile)                                                    \
	}

#endif
