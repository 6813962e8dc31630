/* Before the parser.c of a grammar (the Makefile includes it): what makes its lexers several times as fast. Nothing that they find is
 * another one for it. */
#include "tree_sitter/parser.h"

/* Large grammars ask for no optimization at all, which spares them a second of the compiler's time. */
#undef __GNUC__
#undef __clang__

/* Whether a character is in a set, of which most are ASCII: its ranges are in order. */
static inline bool grammar_set_contains(const TSCharacterRange *ranges, uint32_t n, int32_t c)
{
	if (c >= 0x80)
		return set_contains(ranges, n, c);
	for (uint32_t i = 0; i < n && ranges[i].start <= c; i++)
		if (c <= ranges[i].end)
			return true;
	return false;
}
#define set_contains grammar_set_contains

/* The same loop over characters and the states that they lead to, as comparisons with constants. */
#ifdef ADVANCE_MAP
#undef ADVANCE_MAP
#define ADVANCE_MAP(...)                                                                       \
	{                                                                                      \
		static const uint16_t pairs[] = {__VA_ARGS__};                                 \
		_Pragma("GCC unroll 256") for (uint32_t i = 0;                                 \
					       i < sizeof(pairs) / sizeof(pairs[0]); i += 2)   \
			if (pairs[i] == lookahead) {                                           \
				state = pairs[i + 1];                                          \
				goto next_state;                                               \
			}                                                                      \
	}
#endif
