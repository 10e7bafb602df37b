/*
 * remembered.h - what must be known before Stash is asked: who we are to Plex, and what the
 * settings said when they were last read. It holds no secret.
 */
#ifndef PLEXSYNC_STATE_REMEMBERED_H
#define PLEXSYNC_STATE_REMEMBERED_H

#include <stdint.h>

#include "base/arena.h"
#include "state/state.h"

struct remembered {
	bool hook_queue_only;
	bool hide_paths;
	uint8_t stash_lacking; /* of a scene: bits, by the caller */
	const char *client_id; /* names this installation to Plex; NULL: none yet */
};

/* All false and NULL if nothing is remembered, or it cannot be read. */
void remembered_load(struct txn *, struct remembered *, struct arena *);
/* All but the client id. */
void remembered_save(struct txn *, const struct remembered *);

/* Whether the Plex of this machine id was found to take only the first item of an edit that
 * names several. */
bool remembered_one_by_one(struct txn *, const char *machine);
void remembered_note_one_by_one(struct txn *, const char *machine);

/* Makes the client id, once; from then on it is stable. Without a store it is derived from
 * the folder's name. */
char *remembered_make_client_id(struct state *, struct arena *);

#endif
