/*
 * summon.h - makes sure that a drain will come.
 *
 * Nothing wakes us: whoever leaves a job due asks Stash to run the task
 * "Process queue", unless one is asked for already. The decision is taken in
 * the transaction that queues the job, the asking follows its commit.
 */
#ifndef PLEXSYNC_RUN_SUMMON_H
#define PLEXSYNC_RUN_SUMMON_H

#include "state/drain_record.h"
#include "run/env.h"

/* The task's name in plexsync.yml, and how Stash's queue shows it when it was
 * asked for by us; a user's own click shows the name alone. */
#define SUMMON_TASK	   "Process queue"
#define SUMMON_DESCRIPTION "PlexSync: Process queue"

/* In a write transaction on the queue: what has to be done after its commit, if a job is
 * due (but that of scene 'except', unless it is 0), a sweep is owed, or it is time to look
 * for what scenes wait for. */
enum drain_need summon_decide(const struct env *, struct txn *, int64_t except);

/* Does it. False if no drain comes: Stash cannot be asked, which is not a failure of the
 * caller's work. The record is taken back then, and the next event, tick or task asks
 * again. */
bool summon_send(const struct env *, enum drain_need);

/* All of it, for callers without a transaction: if there is anything to do, and no drain
 * comes anyway. True if one was asked for. */
bool summon_if_due(const struct env *);

/* True if this is a task of Stash, which runs one at a time, and another one, which is not
 * ours, waits for its end. Asks Stash. */
bool summon_others_wait(const struct env *);
/* True if this is a task of Stash, and one that was asked for by us is in Stash's list; a
 * task that a person started has another description. Asks Stash. */
bool summon_is_listed(const struct env *);

#endif
