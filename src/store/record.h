/*
 * record.h - the bytes of a stored value: numbers big-endian, texts with their
 * length before them.
 *
 * One function per kind of record describes its layout: the same calls write what
 * their pointers hold or read into them, depending on how the record was opened.
 * Reading beyond the end gives zeros and empty texts, and is remembered, so that a
 * record is read in straight lines and checked once, by record_ok(). Every record
 * begins with a version byte of its owner.
 */
#ifndef PLEXSYNC_STORE_RECORD_H
#define PLEXSYNC_STORE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/str.h"

struct bytes {
	const void *data;
	size_t len;
};

/* A key of one number, in the order of numbers. */
struct bytes record_key(unsigned char key[8], int64_t number);
/* The number that begins at 'offset' in a key; the caller knows the length. */
int64_t record_key_number(const void *key, size_t offset);

struct record {
	bool writes;
	struct str out;		 /* what was written */
	const unsigned char *at; /* what is still to be read */
	size_t left;
	bool bad;
	struct arena *arena; /* where texts are copied to, and 'out' grows */
};

void record_read(struct record *, struct bytes, struct arena *);
void record_write(struct record *, struct arena *);

void record_u8(struct record *, uint8_t *);
void record_u32(struct record *, uint32_t *);
void record_u64(struct record *, uint64_t *);
void record_i64(struct record *, int64_t *);
void record_bool(struct record *, bool *);
void record_digest(struct record *, struct digest *);
/* NULL is written as "". */
void record_text(struct record *, const char **);
void record_texts(struct record *, struct str_list *);
/* The number of elements of a list, each of 'size' bytes in memory and of 'least' or
 * more in the record. Returns where they are: the list itself if it is written, or a
 * new one in the arena, zeroed, if it is read. The elements follow, by the caller. */
void *record_list(struct record *, void *list, size_t *count, size_t size, size_t least);
/* The record is bad, unless this is true: what the layout does not allow. */
void record_refuse(struct record *, bool unless);

/* Of one that was read: everything was there and nothing is left over. */
bool record_ok(const struct record *);
/* Of one that was written; borrowed. */
struct bytes record_bytes(const struct record *);

#endif
