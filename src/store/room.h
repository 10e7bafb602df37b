/*
 * room.h - how large the files of an environment are.
 *
 * What is missing at their ends would be the end of the process (SIGBUS).
 */
#ifndef PLEXSYNC_STORE_ROOM_H
#define PLEXSYNC_STORE_ROOM_H

#include <stddef.h>

struct MDB_env;

/* Before an environment is opened. LMDB makes its lock file long and writes to it
 * through a map, also on a full disk: so it gets its room before, where the file system
 * can do that. 0 or an errno. */
int room_for_lock(const char *dir);

/* A file may end before its last page: LMDB does not write pages that were allocated
 * and freed at once. One that was cut ends early, too. Made as long as it says it is, it
 * has empty pages instead, and those LMDB recognises as damage. Never
 * shrinks. 0 or an errno. */
int room_fill_up(struct MDB_env *);

/* What the map is at first, and at most, in bytes. A test build may have smaller ones:
 * PLEXSYNC_TEST_MAP, "FIRST" or "FIRST:MOST", after the name of the environment if it is
 * for one of them: "queue 65536:65536". */
void room_for_map(const char *name, size_t *first, size_t *most);

#endif
