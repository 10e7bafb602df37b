/*
 * lock.h - who works on what, among all processes of the program.
 *
 * Record locks on one file: they die with their holder. A process must open the file only
 * once, because closing any descriptor of it drops all its locks; so state_open makes the
 * one struct locks. A process's own locks do not exclude it.
 */
#ifndef PLEXSYNC_BASE_LOCK_H
#define PLEXSYNC_BASE_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct locks {
	int fd;		/* -1: not open, every lock is granted */
	bool joined;	/* see store/sharing.h */
	bool alone;	/* a process is alone while it is in a transaction: LOCK_ALONE */
	unsigned depth; /* how many times lock_enter has it */
};

/* Bytes of the file that stand for something. */
enum lock_name {
	LOCK_NONE = -1,
	LOCK_INLINE = 0,  /* the one hook that may talk to Plex inside Save */
	LOCK_DRAIN,	  /* the one drain                                  */
	LOCK_INDEX,	  /* the one builder of the library index           */
	LOCK_OPEN,	  /* opening and closing an LMDB environment        */
	LOCK_CACHE,	  /* throwing the cache away, setting the queue aside */
	LOCK_CACHE_WRITE, /* the one writer of the cache                    */
	LOCK_IN_QUEUE,	  /* shared by all who have it open                 */
	LOCK_IN_CACHE,	  /* the same                                       */
	LOCK_ALONE,	  /* in a transaction, where LMDB's own locks do not work */
	LOCK_SHARING,	  /* and the next ones: one for each way of sharing, store/sharing.h */
};

bool lock_open(struct locks *, const char *path, struct err *);
void lock_close(struct locks *);

/* FOUND: it is ours now. ABSENT: another process has it. FAILED: errno says why. */
enum lookup lock_try(struct locks *, enum lock_name) MUST_USE;
enum lookup lock_try_scene(struct locks *, int64_t scene) MUST_USE;
/* Waits for it. False if it cannot be had. */
bool lock_wait(struct locks *, enum lock_name);
/* Takes it together with others that share it. */
bool lock_share(struct locks *, enum lock_name);

/* Where one process at a time is in a transaction: waits until that is us, however many times,
 * until lock_leave was called as often. Comes before every other lock that is waited for.
 * False if it cannot be had. Elsewhere it does nothing. */
bool lock_enter(struct locks *);
void lock_leave(struct locks *);

void lock_release(struct locks *, enum lock_name);
void lock_release_scene(struct locks *, int64_t scene);

/* True if another process has it, alone or shared. */
bool lock_held(struct locks *, enum lock_name);

#endif
