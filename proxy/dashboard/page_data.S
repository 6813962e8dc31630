/* The page that deps/gen/page.mjs has put together in build/tables/, as read-only data (proxy/dashboard/page.c). */
	.section .rodata
	.balign 64
	.globl dashboard_page, dashboard_page_n
	.hidden dashboard_page, dashboard_page_n
dashboard_page:
	.incbin "dashboard.html.gz"
.Lend:
	.balign 4
dashboard_page_n:
	.long .Lend - dashboard_page
	.section .note.GNU-stack, "", %progbits
