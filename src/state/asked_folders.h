/*
 * asked_folders.h - which folders Plex was asked to scan, so that a burst of scenes in one
 * folder asks once. Kept in cache/: forgetting it costs one scan too many.
 */
#ifndef PLEXSYNC_STATE_ASKED_FOLDERS_H
#define PLEXSYNC_STATE_ASKED_FOLDERS_H

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

/* True if nobody asked for this folder of this library within LIMIT_SCAN_AGAIN_MS;
 * then it is remembered as asked for now. */
bool asked_folders_claim(struct txn *, int section, const char *folder, int64_t now_ms);

#endif
