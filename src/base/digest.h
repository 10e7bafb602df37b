/*
 * digest.h - 128 bits of SHA-256: the key of a text in the store.
 *
 * LMDB's keys are limited to 511 bytes and paths are not, so a text is stored under its
 * digest, with the text itself in the value for comparison.
 */
#ifndef PLEXSYNC_BASE_DIGEST_H
#define PLEXSYNC_BASE_DIGEST_H

#include <stddef.h>

#include "base/arena.h"

#define DIGEST_BYTES ((size_t)16)

struct digest {
	unsigned char bytes[DIGEST_BYTES];
};

struct digest digest_of(const void *data, size_t len);
struct digest digest_text(const char *);

/* SHA-1 as lower-case hexadecimal: what Plex calls an uploaded picture. No secret
 * depends on it. */
char *digest_sha1(const void *data, size_t len, struct arena *);

/* Lower-case hexadecimal, NUL-terminated. */
void digest_hex(const struct digest *, char hex[2 * DIGEST_BYTES + 1]);

#endif
