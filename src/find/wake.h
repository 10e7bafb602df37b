/*
 * wake.h - who is tried again when the library index has something new to say: jobs that wait
 * for a file, and jobs that failed because something was not certain.
 */
#ifndef PLEXSYNC_FIND_WAKE_H
#define PLEXSYNC_FIND_WAKE_H

#include "base/digest.h"
#include "run/env.h"

/* Makes the jobs due that wait, or failed, for want of one of these names. Done before the rows
 * are committed: after a kill in between the jobs are tried once in vain; the other way round
 * they would wait for ever. */
bool wake_names(const struct env *, const struct digest *names, size_t count, struct err *);

/* Those that wait for a file that is in the rows that count now. */
bool wake_waiting(const struct env *, struct err *);

/* All that failed because something was not certain. */
bool wake_failed(const struct env *, struct err *);

#endif
