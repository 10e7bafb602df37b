/*
 * room.h - how large the files of an environment are. Where they are too short, reading
 * their map ends the process (SIGBUS).
 */
#ifndef PLEXSYNC_STORE_ROOM_H
#define PLEXSYNC_STORE_ROOM_H

#include <stddef.h>
#include <stdint.h>

/* Before an environment is opened: room for its lock file, to which LMDB writes through a
 * map also on a full disk, where the file system can reserve it. 0 or an errno. */
int room_for_lock(const char *dir);

/* A file may end before its last page: LMDB does not write pages that were allocated and
 * freed at once. One that was cut ends early, too; made as long as it says it is, it has
 * empty pages, which LMDB recognises as damage. Never shrinks. Called with the open file and
 * what it says. 0 or an errno. */
int room_fill_up(int fd, uint64_t bytes);

/* The size of the map at first, and at most, in bytes. In a test build PLEXSYNC_TEST_MAP makes
 * them smaller: "FIRST" or "FIRST:MOST", after the name of an environment if it is for that
 * one only: "queue 65536:65536". */
void room_for_map(const char *name, size_t *first, size_t *most);

#endif
