/* dashboard: a page that says where the figures are. */
#include "proxy/own/own.h"

static const char PAGE[] =
	"<!doctype html>\n"
	"<html lang=\"en\">\n"
	"<head><meta charset=\"utf-8\"><title>headroom proxy</title>"
	"<meta name=\"viewport\" content=\"width=device-width\"></head>\n"
	"<body>\n"
	"<h1>headroom proxy</h1>\n"
	"<p>This proxy runs. A page that draws its figures is not part of it yet; the figures "
	"themselves are here:</p>\n"
	"<ul>\n"
	"<li><a href=\"/stats\">/stats</a>: requests, tokens, savings and cost since the "
	"start</li>\n"
	"<li><a href=\"/stats-history\">/stats-history</a>: the same over time (<a "
	"href=\"/stats-history?format=csv&amp;series=daily\">CSV by day</a>)</li>\n"
	"<li><a href=\"/metrics\">/metrics</a>: for Prometheus</li>\n"
	"<li><a href=\"/health\">/health</a>: how it is set up and how it fares</li>\n"
	"</ul>\n"
	"</body>\n"
	"</html>\n";

void own_dashboard(struct own_call *c)
{
	c->type = "text/html; charset=utf-8";
	buf_add(&c->out, STR(PAGE));
}
