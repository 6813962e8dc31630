/* go_ahead: is what a person has written only leave to go on ("yes, continue", "looks good, commit"), with nothing new to think about? A pure
 * function over a table of phrases, in English. Inner header of core/engine. Owns: nothing. Thread: any. */
#ifndef CORE_ENGINE_GO_AHEAD_H
#define CORE_ENGINE_GO_AHEAD_H

#include "core/base/str.h"

/* Case, punctuation and white space do not matter. A question never is, nor what has any word that the table has not. */
bool go_ahead_is(str said);

#endif
