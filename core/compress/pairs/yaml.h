/* yaml: the codec of YAML that a program wrote (kubectl get -o yaml, helm template, docker compose config, gcloud describe):
 * its value in the notation of JSON tables, and in the head line how the writer spelled it:
 *
 *	[yaml: indent 2, quotes "'; rows below their columns]
 *	{apiVersion=v1 kind=PodList items=[2 rows metadata{name namespace=default}
 *	web-1
 *	web-2
 *	}
 *
 * What that writer would have spelled in another way stands letter by letter in a string (core/compress/pairs/scalar.h), so
 * that any text of this shape is given back; a text of another shape is left alone.
 * Thread: any; pure functions in the caller's arena. */
#ifndef CORE_COMPRESS_PAIRS_YAML_H
#define CORE_COMPRESS_PAIRS_YAML_H

#include "core/compress/codec.h"

extern const struct codec yaml_codec;

#endif
