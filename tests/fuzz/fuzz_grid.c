/* Any bytes as a table: what is encoded, in either notation, comes back byte for byte, what is left out keeps its contract.
 * And any bytes as an encoded table: reading and checking it stays within it. */
#include "core/base/check.h"
#include "core/compress/grid/cells.h"
#include "core/compress/grid/grid.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_encoded(str text, struct arena *a)
{
	struct codec_in in = {.text = text, .kind = KIND_TABLE, .query = STR("find needle")};
	struct codec_out out;
	str back;

	if (grid_codec.encode(&in, a, &out)) {
		ASSERT(out.form == CODEC_EXACT);
		ASSERT(grid_codec.decode(out.text, a, &back) && str_eq(back, text));
	}
	if (cells_codec.encode(&in, a, &out)) {
		ASSERT(out.form == CODEC_EXACT);
		ASSERT(cells_codec.decode(out.text, a, &back) && str_eq(back, text));
	}
	in.route = STR("headroom retrieve 3fa97c01");
	if (grid_codec.encode(&in, a, &out)) {
		ASSERT(out.form == CODEC_ELIDED);
		ASSERT(grid_codec.holds(text, out.text, a));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	str text = {(const char *)data, n}, back;
	struct arena a = ARENA_INIT;
	size_t cut = str_find_byte(text, '\0');

	check_encoded(text, &a);
	if (grid_codec.decode(text, &a, &back))
		check_encoded(back, &a);
	if (cells_codec.decode(text, &a, &back))
		check_encoded(back, &a);
	if (cut != STR_NONE)
		(void)!grid_codec.holds(str_sub(text, 0, cut), str_sub(text, cut + 1, n), &a);
	arena_release(&a);
	return 0;
}
