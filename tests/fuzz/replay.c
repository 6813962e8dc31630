/* replay: runs a fuzz target over files and the files of directories, given as arguments; without
 * arguments over the empty input. Linked in place of libFuzzer's main, so that every compiler and every
 * profile can run the corpora. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static int replay_bytes(FILE *f, const char *path, size_t n)
{
	/* Exactly as large as the input, so that a sanitizer sees the first byte read behind it. */
	uint8_t *data = calloc(n ? n : 1, 1);
	size_t got = data ? fread(data, 1, n, f) : 0;

	if (got != n) {
		(void)fprintf(stderr, "replay: cannot read %s\n", path);
		free(data);
		return 1;
	}
	(void)LLVMFuzzerTestOneInput(data, n);
	free(data);
	return 0;
}

static int replay_file(const char *path, size_t n)
{
	FILE *f = fopen(path, "rb");
	int status;

	if (!f) {
		perror(path);
		return 1;
	}
	status = replay_bytes(f, path, n);
	(void)fclose(f);
	return status;
}

static int replay_path(const char *path);

static int replay_dir(const char *path)
{
	struct dirent **names;
	int status = 0, n = scandir(path, &names, NULL, alphasort);

	if (n < 0) {
		perror(path);
		return 1;
	}
	for (int i = 0; i < n; i++) {
		char file[4096];
		int len = snprintf(file, sizeof file, "%s/%s", path, names[i]->d_name);

		if (len < 0 || (size_t)len >= sizeof file)
			status = 1;
		else if (names[i]->d_name[0] != '.')
			status |= replay_path(file);
		free(names[i]);
	}
	free(names);
	return status;
}

static int replay_path(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0) {
		perror(path);
		return 1;
	}
	return S_ISDIR(st.st_mode) ? replay_dir(path) : replay_file(path, (size_t)st.st_size);
}

int main(int argc, char **argv)
{
	int status = 0;

	if (argc < 2)
		(void)LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	for (int i = 1; i < argc; i++)
		status |= replay_path(argv[i]);
	return status;
}
