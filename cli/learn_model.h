/* learn_model: asks a model to phrase rules (learn/phrase.h): one of a provider (cli/learn_provider.h), or by a program that reads a prompt and
 * prints an answer: an agent that is installed, with its own account, or any command. A program runs in the root directory, so that the agent records it for no project, and
 * without the variables that would send it through a proxy. Thread: the main thread. */
#ifndef CLI_LEARN_MODEL_H
#define CLI_LEARN_MODEL_H

#include "cli/learn.h"
#include "cli/learn_provider.h"

/* Whom --model means, before anything is read; out->name is NULL where it is a program. Errors as learn_provider_find. */
enum err learn_model_find(struct cli *cli, const struct learn_args *args,
	struct learn_provider *out, struct errctx *cx) MUST_CHECK;
/* Changes the rules of the run, project by project. Where it fails the rules stay as they were, with a warning that says why. */
void learn_ask_model(struct learn_run *r, const struct learn_provider *p);

#endif
