/*
 * pace.h - remembers, for all hooks, what Save had to wait for.
 *
 * A Plex that is slow for a while is not down, and its breaker stays closed; but Save must
 * not wait twice for the same trouble. A hook that ran out of its time, or was slow a few
 * times in a row, lets the next ones only queue, for a minute. Then one tries again.
 */
#ifndef PLEXSYNC_STATE_PACE_H
#define PLEXSYNC_STATE_PACE_H

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

struct pace {
	int64_t slow;	 /* hooks in a row that were slow, LIMIT_SLOW_HOOKS at most */
	int64_t held_ms; /* since when hooks only queue */
	bool stash_away; /* it was told that Stash cannot be reached */
};

void pace_load(struct txn *, struct pace *);
/* Writes nothing if that is what is stored. */
void pace_save(struct txn *, const struct pace *);

/* Stash could, or could not, be reached. True if that is news. */
bool pace_note_stash(struct txn *, bool away);

/* True while hooks only queue. */
bool pace_holds(const struct pace *, int64_t now_ms);

/* What it becomes after a hook's push. Pure. */
struct pace_facts {
	bool out_of_time;
	int64_t at_plex_ms;
	bool plex_answered;
	bool stash_away; /* it could not be reached */
};
struct pace pace_after(const struct pace *, const struct pace_facts *, int64_t now_ms);

#endif
