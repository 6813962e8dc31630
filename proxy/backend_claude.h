/* backend_claude: Anthropic's Messages as Bedrock and Vertex AI have them: the model is in the URL and called otherwise, the body says a
 * version of its own. Pure functions.
 * Owns: nothing. Thread: any. */
#ifndef PROXY_BACKEND_CLAUDE_H
#define PROXY_BACKEND_CLAUDE_H

#include "core/base/buf.h"
#include "core/base/err.h"

/* The name of a model there, in the arena, for one of Anthropic's API ("claude-sonnet-4-5"). What is a name of the cloud already stays:
 * an ARN, "us.anthropic....", "claude-...@20250929". region chooses the inference profile. */
str bedrock_model(str model, str region, struct arena *a);
str vertex_model(str model, struct arena *a);

enum claude_cloud { CLAUDE_BEDROCK, CLAUDE_VERTEX };

/* Appends the body as the cloud wants it: without model (and, for Bedrock, stream), with anthropic_version; for Bedrock with those of
 * the beta features that it knows in anthropic_beta. All other members are the very bytes of body. betas: values of the header, joined by
 * commas. E_MALFORMED: no JSON object. */
enum err claude_body(enum claude_cloud cloud, str body, str betas, struct arena *a, struct buf *out,
	struct errctx *cx) MUST_CHECK;

#endif
