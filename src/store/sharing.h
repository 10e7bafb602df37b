/*
 * sharing.h - by whose locks processes share an environment.
 *
 * LMDB's lock file holds mutexes of the C library: programs of different ones must not have the
 * environment open at once. And where there are no mutexes that survive their holder (an
 * emulated processor, some containers), LMDB's locks are left out, and one process at a time
 * is in a transaction (lock_enter).
 */
#ifndef PLEXSYNC_STORE_SHARING_H
#define PLEXSYNC_STORE_SHARING_H

#include <stdbool.h>

#include "base/lock.h"

enum sharing { SHARING_GLIBC, SHARING_OTHER_LIBC, SHARING_ALONE, SHARINGS };

/* This process's. In a test build PLEXSYNC_TEST_SHARING is its number. */
enum sharing sharing_here(void);

/* Announces it, until the locks are closed. False if, a second later still, another process
 * shares in another way. */
bool sharing_join(struct locks *);

#endif
