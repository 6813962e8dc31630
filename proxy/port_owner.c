#include "proxy/port_owner.h"

#include <stdio.h>

#include "core/lease/port_owner.h"
#include "proxy/control.h"

enum { DEFAULT_PORT = 8787 };

enum err port_owner_describe(uint16_t port, struct errctx *cx)
{
	struct control_health health;
	struct port_owner owner;
	struct errctx ignored;
	bool is_known = port_owner_find(port, 0, &owner);
	char stop[32] = "";

	if (control_health(port, PORT_OWNER_ASK_MS, &health, &ignored) == E_OK) {
		if (port != DEFAULT_PORT)
			(void)snprintf(stop, sizeof stop, " -p %u", port);
		return err_set(cx, E_BUSY,
			"port %u is taken by headroom %s (pid %lld): use it, stop it with "
			"'headroom proxy stop%s', or choose another with --port",
			port, health.version,
			health.pid ? (long long)health.pid : (long long)owner.pid, stop);
	}
	if (is_known)
		return err_set(cx, E_BUSY,
			"port %u is taken by %s (pid %lld): choose another with --port", port,
			owner.name, (long long)owner.pid);
	return err_set(cx, E_BUSY,
		"port %u is taken by a program of another user: choose another with --port", port);
}
