/*
 * arena.h - memory that is freed all at once.
 *
 * A function that takes an arena returns what lives in it. Running out of memory ends the
 * process with one message, which is safe because everything durable was committed before.
 */
#ifndef PLEXSYNC_BASE_ARENA_H
#define PLEXSYNC_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *blocks; /* newest first */
};

void arena_init(struct arena *);
/* Frees everything; the arena can be used again. */
void arena_clear(struct arena *);

/* Zeroed memory, aligned for any type. Never NULL. */
void *arena_alloc(struct arena *, size_t size);
/* The same for 'count' things of 'size' bytes; ends the process on overflow. */
void *arena_array(struct arena *, size_t count, size_t size);

/* Copies. A NULL string stays NULL. */
char *arena_strdup(struct arena *, const char *);
char *arena_strndup(struct arena *, const char *, size_t len);

char *arena_printf(struct arena *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* For the few things that do not live in an arena. Never NULL. */
void *arena_malloc(size_t size);
void *arena_realloc(void *, size_t size);

#endif
