/*
 * day.h - a day of the calendar in a text. Stash knows days, months and years; Plex only days,
 * and answers 500 to one that does not exist.
 */
#ifndef PLEXSYNC_BASE_DAY_H
#define PLEXSYNC_BASE_DAY_H

#include "base/arena.h"

/* "YYYY-MM-DD": of a year or a month the first day, of a time stamp its date. "" if the text is
 * blank; NULL if it is not a date. */
const char *day_of(const char *text, struct arena *);

#endif
