/*
 * trouble.h - remembers, for all processes, that a setting is wrong.
 *
 * It is told once, as an error; while the text stays the same it is only a
 * debug line. Hooks go on trying, because the next one may find the setting
 * corrected; drains, which would fail for every job, are asked for once a
 * minute at most.
 */
#ifndef PLEXSYNC_STATE_TROUBLE_H
#define PLEXSYNC_STATE_TROUBLE_H

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

/* Remembers the trouble, and of which settings it is (a digest, no secret).
 * True if it is news: another text, or none before. */
bool trouble_note(struct txn *, const char *text, uint64_t settings, int64_t now_ms);
/* True if there is trouble, and it is that of other settings than these. */
bool trouble_is_of_others(struct txn *, uint64_t settings);
/* The settings work. Writes only if there was trouble. */
void trouble_clear(struct txn *);
/* True while another attempt would be too early. */
bool trouble_blocks(struct txn *, int64_t now_ms);

#endif
