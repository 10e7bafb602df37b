/*
 * scavenge.c - see scavenge.h.
 *
 * What has to be known of LMDB's file: the first page holds the size of all pages; a page
 * begins with its number, as wide as a pointer (a word), two bytes, its flags, and the end of its
 * list of offsets; a leaf's entry is the size of its value, flags, and the size of its key, 8 bytes
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

#define FLAGS_AT(word)	((word) + 2)
#define END_AT(word)	((word) + 4)
#define PAGE_HEAD(word) ((word) + 8)
#define SIZE_AT(word)	(PAGE_HEAD(word) + 8 + 2 * (word)) /* of the first page only */
#define MAGIC_AT(word)	PAGE_HEAD(word)			   /* the same */
#define FIRST_BYTES	64
#define ENTRY_HEAD	8u
#define LEAF		0x02u
#define KINDS		0x6fu /* branch, leaf, overflow, meta, and the kinds of leaves without values */
#define MAGIC		0xbeefc0deu

struct layout {
	size_t page, word;
};

static unsigned u16_at(const unsigned char *page, size_t at)
{
	uint16_t n;

	memcpy(&n, page + at, sizeof(n));
	return n;
}

static uint32_t u32_at(const unsigned char *page, size_t at)
{
	uint32_t n;

	memcpy(&n, page + at, sizeof(n));
	return n;
}

static void scavenge_page(const unsigned char *page, const struct layout *layout, size_t key_len,
	void (*each)(void *, struct bytes, struct bytes), void *user)
{
	size_t slots_end = u16_at(page, END_AT(layout->word)), size = layout->page;

	if ((u16_at(page, FLAGS_AT(layout->word)) & KINDS) != LEAF ||
		slots_end < PAGE_HEAD(layout->word) || slots_end > size)
		return;
	for (size_t slot = PAGE_HEAD(layout->word); slot + 2 <= slots_end; slot += 2) {
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

/* Another machine may have written the file, one of 32 bit, say; if its first page is damaged,
 * this one did. */
static struct layout layout_of(int fd)
{
	static const size_t words[] = {4, 8};
	struct layout layout = {(size_t)sysconf(_SC_PAGESIZE), sizeof(size_t)};
	unsigned char first[FIRST_BYTES];

	if (pread(fd, first, sizeof(first), 0) != sizeof(first))
		return layout;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		uint32_t size = u32_at(first, SIZE_AT(words[i]));
		if (u32_at(first, MAGIC_AT(words[i])) == MAGIC && size >= 512 && size <= 65536 &&
			(size & (size - 1)) == 0)
			layout = (struct layout){size, words[i]};
	}
	return layout;
}

void scavenge(const char *dir, size_t key_len,
	void (*each)(void *user, struct bytes key, struct bytes value), void *user)
{
	char path[LIMIT_PATH_BYTES];
	struct layout layout;
	unsigned char *page;
	off_t at = 0;
	int fd;

	snprintf(path, sizeof(path), "%s/data.mdb", dir);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	layout = layout_of(fd);
	page = arena_malloc(layout.page);
	for (; pread(fd, page, layout.page, at) == (ssize_t)layout.page; at += (off_t)layout.page)
		scavenge_page(page, &layout, key_len, each, user);
	close(fd);
	free(page);
}
