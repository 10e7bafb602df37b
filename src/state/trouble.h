/*
 * trouble.h - remembers, for all processes, that a setting is wrong.
 *
 * It is reported once; while the text and the settings stay the same it is only a
 * debug line. Hooks go on trying, because the next one may find the setting
 * corrected; drains, which would fail for every job, are asked for at most once a
 * minute.
 */
#ifndef PLEXSYNC_STATE_TROUBLE_H
#define PLEXSYNC_STATE_TROUBLE_H

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

struct trouble {
	int64_t since_ms;
	uint64_t settings; /* which ones it is about: a digest, no secret */
	const char *text;  /* "": there is none */
};

void trouble_load(struct txn *, struct trouble *, struct arena *);

/* True while another attempt would be too early. */
bool trouble_blocks(const struct trouble *, int64_t now_ms);
/* True if there is trouble, and it is about other settings than these. */
bool trouble_is_of_others(const struct trouble *, uint64_t settings);

/* Remembers the trouble, with its secrets masked. True if it is new: another text, other
 * settings, or none before. */
bool trouble_note(struct txn *, const char *text, uint64_t settings, int64_t now_ms);
/* The settings work. Writes only if there was trouble. */
void trouble_clear(struct txn *);

#endif
