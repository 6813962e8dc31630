#include "proxy/pages.h"

#include <link.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

static int give_back(struct dl_phdr_info *in, size_t n, void *page)
{
	uintptr_t mask = *(const uintptr_t *)page - 1;

	(void)n;
	for (unsigned i = 0; i < in->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &in->dlpi_phdr[i];
		uintptr_t from = (in->dlpi_addr + p->p_vaddr) & ~mask;
		uintptr_t end = (in->dlpi_addr + p->p_vaddr + p->p_memsz) & ~mask;

		/* What relocation writes to stands in segments that are writable here, even if it is not any more. */
		if (p->p_type == PT_LOAD && !(p->p_flags & PF_W) && from < end)
			(void)madvise((void *)from, end - from, MADV_DONTNEED);
	}
	return 0;
}

void pages_give_back(void)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

	(void)dl_iterate_phdr(give_back, &page);
}
