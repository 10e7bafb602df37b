/*
 * scavenge.c - see scavenge.h.
 *
 * What has to be known of LMDB's file: the first page holds the size of all pages; a page
 * begins with its number, as wide as a pointer, two bytes, its flags, and the end of its list
 * of offsets; a leaf's entry is the size of its value, flags, and the size of its key, 8 bytes
 * in all, then key and value.
 */
#include "store/scavenge.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/limits.h"

#define FLAGS_AT   (sizeof(size_t) + 2)
#define END_AT	   (sizeof(size_t) + 4)
#define PAGE_HEAD  (sizeof(size_t) + 8)
#define SIZE_AT	   (PAGE_HEAD + 8 + 2 * sizeof(size_t)) /* of the first page only */
#define ENTRY_HEAD 8u
#define LEAF	   0x02u
#define KINDS	   0x6fu /* branch, leaf, overflow, meta, and the kinds of leaves without values */

static unsigned u16_at(const unsigned char *page, size_t at)
{
	uint16_t n;

	memcpy(&n, page + at, sizeof(n));
	return n;
}

static void scavenge_page(const unsigned char *page, size_t size, size_t key_len,
	void (*each)(void *, struct bytes, struct bytes), void *user)
{
	size_t slots_end = u16_at(page, END_AT);

	if ((u16_at(page, FLAGS_AT) & KINDS) != LEAF || slots_end < PAGE_HEAD || slots_end > size)
		return;
	for (size_t slot = PAGE_HEAD; slot + 2 <= slots_end; slot += 2) {
		size_t at = u16_at(page, slot), len, keys;
		if (at < slots_end || at + ENTRY_HEAD > size)
			continue;
		len = u16_at(page, at) | (size_t)u16_at(page, at + 2) << 16;
		keys = u16_at(page, at + 6);
		if (u16_at(page, at + 4) != 0 || keys != key_len || len > size ||
			at + ENTRY_HEAD + keys + len > size)
			continue;
		each(user, (struct bytes){page + at + ENTRY_HEAD, keys},
			(struct bytes){page + at + ENTRY_HEAD + keys, len});
	}
}

/* Another machine may have written the file; if its first page is damaged, this one did. */
static size_t page_size(int fd)
{
	uint32_t size;

	if (pread(fd, &size, sizeof(size), SIZE_AT) == sizeof(size) && size >= 512 &&
		size <= 65536 && (size & (size - 1)) == 0)
		return size;
	return (size_t)sysconf(_SC_PAGESIZE);
}

void scavenge(const char *dir, size_t key_len,
	void (*each)(void *user, struct bytes key, struct bytes value), void *user)
{
	char path[LIMIT_PATH_BYTES];
	unsigned char *page;
	size_t size;
	off_t at = 0;
	int fd;

	snprintf(path, sizeof(path), "%s/data.mdb", dir);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	size = page_size(fd);
	page = arena_malloc(size);
	for (; pread(fd, page, size, at) == (ssize_t)size; at += (off_t)size)
		scavenge_page(page, size, key_len, each, user);
	close(fd);
	free(page);
}
