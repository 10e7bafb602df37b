/*
 * record.h - the bytes of a stored value: numbers big-endian, texts with their
 * length before them.
 *
 * A reader remembers that it ran over the end and then answers zeros and empty
 * texts, so that a record is read in straight lines and judged once, by
 * record_ok(). Every record begins with a version byte of its owner.
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

struct bytes record_bytes(const struct str *);

/* A key of one number, in the order of numbers. */
struct bytes record_key(unsigned char key[8], int64_t number);
/* The number that begins at 'offset' in a key; the caller knows the length. */
int64_t record_key_number(const void *key, size_t offset);

void record_put_u8(struct str *, uint8_t);
void record_put_u32(struct str *, uint32_t);
void record_put_u64(struct str *, uint64_t);
void record_put_digest(struct str *, const struct digest *);
/* NULL is stored as "". */
void record_put_text(struct str *, const char *);
/* Distinguishes NULL from "". */
void record_put_maybe(struct str *, const char *);

struct record_reader {
	const unsigned char *at;
	size_t left;
	bool bad;
	struct arena *arena; /* where texts are copied to */
};

void record_open(struct record_reader *, struct bytes, struct arena *);
uint8_t record_u8(struct record_reader *);
uint32_t record_u32(struct record_reader *);
uint64_t record_u64(struct record_reader *);
struct digest record_digest(struct record_reader *);
char *record_text(struct record_reader *);
char *record_maybe(struct record_reader *);
/* True if everything was there and nothing is left over. */
bool record_ok(const struct record_reader *);

#endif
