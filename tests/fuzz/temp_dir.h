/* temp_dir: a directory for the files that a fuzz target works on, in memory where there is such a place, since most are made for each
 * input. One for the whole run; it goes when the program ends, with the files that are in it then.
 * Owns: the directory. Thread: one. */
#ifndef TESTS_FUZZ_TEMP_DIR_H
#define TESTS_FUZZ_TEMP_DIR_H

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/check.h"

enum { TEMP_PATH_MAX = 96 }; /* of a file in it */

static char temp_dir[64];

/* Removes every file of a directory; those that are in it further down stay. */
static inline void temp_dir_empty(const char *dir)
{
	DIR *d = opendir(dir);

	ASSERT(d);
	for (const struct dirent *e; (e = readdir(d));)
		(void)unlinkat(dirfd(d), e->d_name, 0);
	(void)closedir(d);
}

static inline void temp_dir_remove(void)
{
	temp_dir_empty(temp_dir);
	(void)rmdir(temp_dir);
}

/* Makes the directory; false when it was made before. */
static inline bool temp_dir_make(void)
{
	if (*temp_dir)
		return false;
	(void)snprintf(temp_dir, sizeof temp_dir, "%s/headroom-fuzz-XXXXXX",
		access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	ASSERT(mkdtemp(temp_dir));
	ASSERT(atexit(temp_dir_remove) == 0);
	return true;
}

/* The path of a file in it. */
static inline void temp_dir_file(char out[static TEMP_PATH_MAX], const char *name)
{
	int n = snprintf(out, TEMP_PATH_MAX, "%s/%s", temp_dir, name);

	ASSERT(n > 0 && n < TEMP_PATH_MAX);
}

#endif
