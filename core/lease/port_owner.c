#include "core/lease/port_owner.h"

#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

enum {
	LISTENERS_MAX = 256, /* sockets at one port: one per worker (64 at most) and address */
	LISTEN_STATE = 0x0a, /* TCP_LISTEN of the kernel's net/tcp_states.h */
	HEX = 16,
	LINE_MAX_BYTES = 512, /* those of the kernel have 150, padded with blanks */
};

/* A socket that listens at the port. */
struct listener {
	uint64_t inode, uid;
};

struct listeners {
	struct listener v[LISTENERS_MAX];
	size_t n;
};

/* The next word of *rest, which blanks stand around. */
static str next_word(str *rest)
{
	size_t n = 0;
	str word;

	while (rest->n && *rest->p == ' ')
		*rest = str_sub(*rest, 1, rest->n);
	while (n < rest->n && rest->p[n] != ' ' && rest->p[n] != '\n')
		n++;
	word = str_sub(*rest, 0, n);
	*rest = str_sub(*rest, n, rest->n);
	return word;
}

static bool parse_hex(str s, uint64_t *out)
{
	*out = 0;
	if (!s.n || s.n > HEX)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c >= '0' && c <= '9')
			*out = *out * HEX + (uint64_t)(c - '0');
		else if (c >= 'A' && c <= 'F')
			*out = *out * HEX + (uint64_t)(c - 'A' + 10);
		else
			return false;
	}
	return true;
}

/* "  0: 0100007F:2253 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 12345 1 ..." */
static bool read_listener(str line, uint16_t port, struct listener *out)
{
	uint64_t value;
	str word[10];
	size_t colon;

	for (size_t i = 0; i < ARRAY_N(word); i++)
		word[i] = next_word(&line);
	colon = str_rfind_byte(word[1], ':');
	if (colon == STR_NONE || !parse_hex(str_sub(word[1], colon + 1, word[1].n), &value) ||
		value != port)
		return false;
	return parse_hex(word[3], &value) && value == LISTEN_STATE && str_u64(word[7], &out->uid) &&
	       str_u64(word[9], &out->inode) && out->inode;
}

uint64_t port_owner_inode(str line, uint16_t port)
{
	struct listener l;

	return read_listener(line, port, &l) ? l.inode : 0;
}

static void read_table(const char *path, uint16_t port, struct listeners *out)
{
	FILE *f = fopen(path, "re");
	char line[LINE_MAX_BYTES];

	if (!f)
		return;
	while (out->n < LISTENERS_MAX && fgets(line, sizeof line, f))
		out->n += read_listener(str_from(line), port, &out->v[out->n]);
	(void)fclose(f);
}

static void read_listeners(uint16_t port, struct listeners *out)
{
	out->n = 0;
	read_table("/proc/net/tcp", port, out);
	read_table("/proc/net/tcp6", port, out);
}

bool port_owner_is_user(uint16_t port, uid_t uid)
{
	struct listeners list;

	read_listeners(port, &list);
	for (size_t i = 0; i < list.n; i++)
		if (list.v[i].uid != uid)
			return false;
	/* What did not fit has not been looked at. */
	return list.n && list.n < LISTENERS_MAX;
}

static bool has_inode(const struct listeners *list, uint64_t inode)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->v[i].inode == inode)
			return true;
	return false;
}

/* Whether one of the open files of the process is such a socket. */
static bool holds_one(uint64_t pid, const struct listeners *list)
{
	bool is_held = false;
	char path[64];
	DIR *dir;

	(void)snprintf(path, sizeof path, "/proc/%llu/fd", (unsigned long long)pid);
	dir = opendir(path);
	if (!dir)
		return false;
	for (struct dirent *d; !is_held && (d = readdir(dir));) {
		char target[64];
		ssize_t n = readlinkat(dirfd(dir), d->d_name, target, sizeof target);
		str rest = {target, n > 0 ? (size_t)n : 0};
		uint64_t inode;

		is_held = str_take(&rest, STR("socket:[")) && str_ends(rest, STR("]")) &&
			  str_u64(str_sub(rest, 0, rest.n - 1), &inode) && has_inode(list, inode);
	}
	(void)closedir(dir);
	return is_held;
}

/* The name that the process gives itself; what does not print becomes '?'. */
static void read_name(struct port_owner *o)
{
	char path[64];
	FILE *f;
	size_t n = 0;

	(void)snprintf(path, sizeof path, "/proc/%lld/comm", (long long)o->pid);
	f = fopen(path, "re");
	if (f) {
		n = fread(o->name, 1, sizeof o->name - 1, f);
		(void)fclose(f);
	}
	while (n && o->name[n - 1] == '\n')
		n--;
	o->name[n] = '\0';
	for (size_t i = 0; i < n; i++)
		if (o->name[i] < ' ' || o->name[i] > '~')
			o->name[i] = '?';
}

bool port_owner_find(uint16_t port, pid_t pid, struct port_owner *out)
{
	struct listeners list;
	DIR *dir;

	*out = (struct port_owner){.pid = 0};
	read_listeners(port, &list);
	dir = list.n ? opendir("/proc") : NULL;
	if (!dir)
		return false;
	for (struct dirent *d; !out->pid && (d = readdir(dir));) {
		uint64_t one;

		if (str_u64(str_from(d->d_name), &one) && (!pid || one == (uint64_t)pid) &&
			holds_one(one, &list))
			out->pid = (pid_t)one;
	}
	(void)closedir(dir);
	if (out->pid)
		read_name(out);
	return out->pid != 0;
}
