/*
 * cache_mark.h - whether cache/ may hold commits that are not on the disk.
 *
 * A file beside it, cache-dirty, there while that is so; its text is the boot of the
 * machine they were made in. After another boot what the cache holds means nothing.
 */
#ifndef PLEXSYNC_STATE_CACHE_MARK_H
#define PLEXSYNC_STATE_CACHE_MARK_H

#include <stdbool.h>

/* True if the machine stopped while the mark was there. 'dir' is the state's folder. */
bool cache_mark_survived_a_stop(const char *dir);

/* In a write transaction on the cache, which keeps two processes from doing it at once;
 * the mark reaches the disk before anything of the transaction can. */
void cache_mark_set(const char *dir);
void cache_mark_remove(const char *dir);

#endif
