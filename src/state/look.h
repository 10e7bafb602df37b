/*
 * look.h - when somebody has to look whether Plex has by now what scenes wait for.
 *
 * Plex finds a new file when it likes, and tells nobody. So while any scene waits, whoever
 * comes by asks for a drain 1, 2, 5, 10, 20 and 40 minutes after the newest wait began, and
 * then once an hour; every drain looks, once for all that wait. One record for all of them:
 * ten thousand scenes cost what one costs.
 */
#ifndef PLEXSYNC_STATE_LOOK_H
#define PLEXSYNC_STATE_LOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

struct look {
	int64_t begun_ms; /* the newest wait; or when Stash found new files, which Plex will, too */
	int64_t next_ms;  /* the next look */
};

/* One that cannot be read is due at once. */
void look_load(struct txn *, struct look *);

/* A scene begins to wait, and is about to be listed. */
void look_begin(struct txn *, int64_t now_ms);
/* Stash has found a new file, and so will Plex. */
void look_soon(struct txn *, int64_t now_ms);
/* Somebody looked at that time. Like look_soon it does nothing where no scene waits. */
void look_done(struct txn *, int64_t at_ms);
/* A look failed: not again for a minute. */
void look_failed(struct txn *, int64_t now_ms);

/* True if a scene waits, and a look is due. */
bool look_due(struct txn *, int64_t now_ms);

/* Pure: whether it is due (a time further away than any is due, because the clock was set
 * back); and the next look, after one at 'now_ms' or the beginning. */
bool look_is_due(const struct look *, int64_t now_ms);
int64_t look_next_ms(int64_t begun_ms, int64_t now_ms);

#endif
