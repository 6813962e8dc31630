/* The table that bench/memory/distill.py has made, as read-only data (core/memory/embed.c). Of its 4 MB only the pages with the
 * pieces of a text are ever read. */
	.section .rodata
	.balign 64
	.globl memory_embed_table
	.hidden memory_embed_table
memory_embed_table:
	.incbin "embed.bin"
	.section .note.GNU-stack, "", %progbits
