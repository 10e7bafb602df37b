/*
 * recent.h - what was done a short time ago, and need not be done again.
 *
 * Forgetting it costs a scene that is checked twice, or a folder that is scanned twice.
 */
#ifndef PLEXSYNC_STATE_RECENT_H
#define PLEXSYNC_STATE_RECENT_H

#include "base/digest.h"
#include "store/store.h"

/* Bulk edits, in queue/: the input that names many scenes, by its digest. When it was queued,
 * if that is less than LIMIT_BULK_MEMORY_MS ago; or 0. */
int64_t recent_edit_ms(struct txn *, const struct digest *, int64_t now_ms);
void recent_note_edit(struct txn *, const struct digest *, int64_t now_ms);

/* Folders that Plex is asked to scan, in cache/, so that a burst of scenes in one folder asks
 * once. True if no process asked for this folder of this library within LIMIT_SCAN_AGAIN_MS; then
 * it is noted as asked for now. */
bool recent_claim_folder(struct txn *, int section, const char *folder, int64_t now_ms);

#endif
