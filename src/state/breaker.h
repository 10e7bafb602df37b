/*
 * breaker.h - remembers, for all processes, that Plex is down.
 *
 * While it is open no process waits for Plex in vain: hooks queue at once, and a
 * drain is asked for only when a probe is due. One success closes it.
 *
 * Most outages are a restart of some seconds. A fresh one is waited for by one drain, which
 * probes soon and often; if Plex does not come back, the breaker trips again, and from then
 * on probes are far apart.
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
	int64_t since_ms;  /* when Plex was first missed */
	bool asked;	   /* Plex itself said when to come back: not before probe_ms */
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

/* True while the outage is so young that a drain waits for its end: one probe failed, and
 * what Plex asked for is not beyond LIMIT_OUTAGE_MS. */
bool breaker_is_fresh(const struct breaker *, int64_t now_ms);

/* Of a drain that waits: when to probe next, in ms since the outage began, if 'elapsed_ms'
 * have passed: after 1, 2, 4, 8 s, then every 10 s, and not before Plex asked for. -1: the
 * wait is over. */
int64_t breaker_next_look_ms(const struct breaker *, int64_t elapsed_ms);

/* True while Plex is away, or came back less than LIMIT_GENTLE_MS ago: a server that has
 * just started should not get all that has piled up at once. */
bool breaker_wants_care(const struct breaker *, int64_t now_ms);

#endif
