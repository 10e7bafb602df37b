/*
 * health.h - the signs that an environment may be damaged.
 *
 * A process that meets a damaged page dies, or gets an error. Neither proves anything: a
 * disk that failed once looks the same, and so does a program that was killed. So signs are
 * kept in the environment's folder, and when it is next opened everything is read (see verify.h):
 *
 *   opened    one byte: how many openings there were since somebody closed it. Two and no
 *             process inside: two runs in a row died in it. It is written over, since to
 *             make and remove a file for each hook takes longer
 *   damaged   an operation reported damage
 */
#ifndef PLEXSYNC_STORE_HEALTH_H
#define PLEXSYNC_STORE_HEALTH_H

#include <stdbool.h>

/* Whether there is a sign. 'alone': no process has the environment open. */
bool health_is_doubtful(const char *dir, bool alone);

void health_opened(const char *dir);
void health_closed(const char *dir);
/* An operation reported damage. */
void health_mark(const char *dir);
/* Removes all signs: it was found to be whole. */
void health_clear(const char *dir);

#endif
