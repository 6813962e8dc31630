#include "core/lease/process.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	STAT_MAX = 1024, /* a name of 64 bytes and 50 numbers of at most 20 digits */
	STATE_FIELD = 3, /* the first behind the name */
	START_TIME_FIELD = 22,
};

uint64_t process_parse_stat(str stat)
{
	size_t close = str_rfind_byte(stat, ')');
	uint64_t start = 0;
	str rest, word;

	if (close == STR_NONE || close + 2 > stat.n)
		return 0;
	rest = str_sub(stat, close + 2, stat.n);
	for (int field = STATE_FIELD; str_split(&rest, ' ', &word); field++) {
		if (field == STATE_FIELD && (str_eq_c(word, "Z") || str_eq_c(word, "X")))
			return 0;
		if (field == START_TIME_FIELD)
			return str_u64(str_trim(word), &start) ? start : 0;
	}
	return 0;
}

uint64_t process_start_time(pid_t pid)
{
	char path[64], text[STAT_MAX];
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof path, "/proc/%lld/stat", (long long)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof text);
	(void)close(fd);
	return n > 0 ? process_parse_stat((str){text, (size_t)n}) : 0;
}

uint64_t process_network(void)
{
	struct stat st;

	return stat("/proc/self/ns/net", &st) == 0 ? (uint64_t)st.st_ino : 0;
}
