/* xml: the codec of XML that a program wrote (lists of S3, JUnit reports, feeds, nmap -oX, Maven's poms): its elements in the
 * notation of JSON tables, and in the head line how the writer laid them out:
 *
 *	[xml: indent 2; @a attribute a, rows below their columns]
 *	{ListBucketResult={@xmlns="http://s3.amazonaws.com/doc/2006-03-01/" Name=logs Contents=[3 rows Key Size
 *	a.gz 12
 *	b.gz 7
 *	c.gz 9]}}
 *
 * An element is what it holds: text, a value for each name of an element within it (a list, where several of one name follow
 * each other), "@name" for an attribute, "#" for text beside attributes, null for <a/>. An element that is laid out in
 * another way holds its letters, which have a '<' in them. A name that occurs again further below is "name#2".
 * Thread: any; pure functions in the caller's arena. */
#ifndef CORE_COMPRESS_PAIRS_XML_H
#define CORE_COMPRESS_PAIRS_XML_H

#include "core/compress/codec.h"

extern const struct codec xml_codec;

#endif
