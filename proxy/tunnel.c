#include "proxy/tunnel.h"

void tunnel_begin(struct exchange *x)
{
	x->reason = "upgrade_refused";
	exchange_refuse(x, 426, STR("WebSocket is not spoken here: use HTTP"), -1);
}

bool tunnel_is(const struct exchange *x)
{
	(void)x;
	return false;
}

void tunnel_from_client(struct exchange *x, str bytes)
{
	(void)x;
	(void)bytes;
}
