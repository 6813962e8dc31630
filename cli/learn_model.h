/* learn_model: asks a model to phrase rules (learn/phrase.h), by a program that reads a prompt and prints an answer: an agent that is
 * installed, with its own account, or any command. It runs in the root directory, so that the agent records it for no project, and
 * without the variables that would send it through a proxy. Thread: the main thread. */
#ifndef CLI_LEARN_MODEL_H
#define CLI_LEARN_MODEL_H

#include "cli/learn.h"

/* Changes the rules of the run, project by project. Where it fails the rules stay as they were, with a warning that says why. */
void learn_ask_model(struct learn_run *r);

#endif
