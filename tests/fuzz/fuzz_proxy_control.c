/* What answers at a port may be anything. What is taken from an answer prints, and is no group of processes. */
#include <stdint.h>

#include "core/base/check.h"
#include "proxy/control.h"
#include "core/lease/port_owner.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_text(const char text[CONTROL_TEXT])
{
	size_t n = 0;

	for (; n < CONTROL_TEXT && text[n]; n++)
		ASSERT(text[n] > ' ' && text[n] <= '~');
	ASSERT(n < CONTROL_TEXT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	str text = {(const char *)data, n};
	struct control_health h = {.pid = 0};

	if (control_parse(text, &h, NULL) == E_OK) {
		check_text(h.version);
		check_text(h.mode);
		ASSERT(h.pid >= 0);
	}
	(void)port_owner_inode(text, 0x2253);
	return 0;
}
