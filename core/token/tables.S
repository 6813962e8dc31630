/* The tables that deps/gen/ wrote into build/tables/, as read-only data. Their layouts: vocab.h,
 * unicode.h. */
	.macro table name, file
	.balign 64
	.globl \name
	.hidden \name
\name:
	.incbin "\file"
	.endm

	.section .rodata
	table token_table_o200k, "o200k_base.bin"
	table token_table_cl100k, "cl100k_base.bin"
	table token_table_unicode, "unicode.bin"
	.section .note.GNU-stack, "", %progbits
