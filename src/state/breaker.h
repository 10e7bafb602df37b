/*
 * breaker.h - remembers, for all processes, that Plex is down.
 *
 * While it is open no process waits for Plex in vain: hooks queue at once, and a
 * drain is asked for only when a probe is due. One success closes it.
 */
#ifndef PLEXSYNC_STATE_BREAKER_H
#define PLEXSYNC_STATE_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

struct breaker {
	bool open;
	uint32_t failures; /* probes that failed in a row */
	int64_t probe_ms;  /* when the next one is due */
	int64_t back_ms;   /* when Plex came back last; 0: it was never away */
};

void breaker_load(struct txn *, struct breaker *);
/* Writes nothing if that is what is stored. */
void breaker_save(struct txn *, const struct breaker *);

/* Plex may be talked to: closed, or a probe is due (also if the probe's time
 * is so far away that the clock must have jumped). */
bool breaker_allows(const struct breaker *, int64_t now_ms);

/* "closed", "open" or "half_open" (a probe is due). */
const char *breaker_word(const struct breaker *, int64_t now_ms);

/* What it becomes when Plex did not answer. The next probe is due after 30 s, doubling
 * to 10 min, or when the server asked for (retry_after_ms > 0). */
struct breaker breaker_tripped(const struct breaker *, int64_t now_ms, int64_t retry_after_ms);
/* What it becomes when Plex answered: the same if it was closed. */
struct breaker breaker_closed(const struct breaker *, int64_t now_ms);

/* True while Plex is away, or came back less than LIMIT_GENTLE_MS ago: a server that has
 * just started should not get all that has piled up at once. */
bool breaker_wants_care(const struct breaker *, int64_t now_ms);

#endif
