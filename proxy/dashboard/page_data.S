/* The page that deps/gen/page.mjs has put together in build/tables/, as read-only data (proxy/dashboard/page.c). */
	.section .rodata
	.balign 64
	.globl dashboard_page, dashboard_page_end
	.hidden dashboard_page, dashboard_page_end
dashboard_page:
	.incbin "dashboard.html.gz"
dashboard_page_end:
	.section .note.GNU-stack, "", %progbits
