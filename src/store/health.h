/*
 * health.h - whether an environment is damaged.
 *
 * A process that meets a damaged page ends, or gets an error. Neither proves
 * anything: a disk that could not be read once looks the same, and so does a
 * program that was killed. So signs are kept in the environment's folder, and what
 * they are worth is found out by reading everything, when it is next opened:
 *
 *   opened    a byte for every opening; removed by whoever closes it. Two bytes and
 *             nobody inside: two runs in a row died in it
 *   damaged   an operation was told of damage
 */
#ifndef PLEXSYNC_STORE_HEALTH_H
#define PLEXSYNC_STORE_HEALTH_H

#include <stdbool.h>

/* Whether there is a sign. 'alone': nobody has the environment open. */
bool health_is_doubtful(const char *dir, bool alone);

void health_opened(const char *dir);
void health_closed(const char *dir);
/* An operation was told of damage. */
void health_mark(const char *dir);
/* Removes all signs: it was found to be whole. */
void health_clear(const char *dir);

/* Numbers that no child ends with by accident. */
enum health { HEALTH_UNKNOWN = 40, HEALTH_WHOLE, HEALTH_DAMAGED };

/* Reads every entry of every database, in a child process that ends before this
 * returns, so that a page that cannot be read is the child's end and a verdict.
 * UNKNOWN: there is no child, or it could not open the environment for a reason that
 * is none of its pages' (no room in the table of readers). */
enum health health_verify(const char *dir);

#endif
