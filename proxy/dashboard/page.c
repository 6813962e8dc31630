/* page: the page of the dashboard, made of page.html, page.css and page.js when headroom is built. It is in the binary as
 * gzip, and loads nothing: its policy names the hashes of the one script and the one style sheet that are in it. */
#include "core/base/attr.h"
#include "dashboard_policy.h"
#include "proxy/coding.h"
#include "proxy/own/own.h"

enum { PAGE_MAX = 1 << 20 }; /* unpacked */

/* page_data.S */
extern const char dashboard_page[];
extern const uint32_t dashboard_page_n;

/* RFC 9110 section 12.5.3, without weights but for "not at all". */
static bool takes_gzip(const struct exchange *x)
{
	str list = http_header_find(x->head, STR("accept-encoding")), part;

	while (list.n && str_split(&list, ',', &part)) {
		size_t end = str_find_byte(part, ';');
		str name = str_trim(end == STR_NONE ? part : str_sub(part, 0, end));
		str weight = end == STR_NONE ? STR("") : str_trim(str_sub(part, end + 1, part.n));

		if (str_eq_nocase(name, STR("gzip")) || str_eq_nocase(name, STR("*")))
			return !str_eq(weight, STR("q=0")) && !str_starts(weight, STR("q=0.0"));
	}
	return false;
}

void own_dashboard(struct own_call *c)
{
	str page = {dashboard_page, dashboard_page_n};
	struct errctx cx = {0};
	enum err err = E_OK;

	if (takes_gzip(c->x)) {
		buf_add(&c->out, page);
		c->coding = "gzip";
	} else {
		err = coding_decode(CODING_GZIP, page, PAGE_MAX, &c->out, &cx);
	}
	c->type = "text/html; charset=utf-8";
	c->policy = DASHBOARD_POLICY;
	if (err)
		own_fail_err(c, err, &cx);
}
