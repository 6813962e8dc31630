/* process: what the kernel says about a process: a number alone may be another one's by now. Reads /proc (proc(5),
 * namespaces(7)). Owns: nothing. Thread: any. */
#ifndef CORE_LEASE_PROCESS_H
#define CORE_LEASE_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/base/str.h"

/* Clock ticks from boot to its start, field 22 of /proc/PID/stat; 0: there is no such process, or one that has ended and
 * is not waited for. With pid it names a process until the next boot. */
uint64_t process_start_time(pid_t pid);

/* For tests: the same from the text of that file. The name in it may hold blanks and parentheses. */
uint64_t process_parse_stat(str stat);

/* The number of the network that this process lives in: a loopback address is another one in each; 0: not known. */
uint64_t process_network(void);

#endif
