/*
 * settle.h - what becomes of a job after its delivery: the retry policy, in one
 * place.
 */
#ifndef PLEXSYNC_PUSH_SETTLE_H
#define PLEXSYNC_PUSH_SETTLE_H

#include <stdbool.h>

#include "base/err.h"
#include "state/queue.h"
#include "run/env.h"
#include "push/outcome.h"

enum settle_next {
	SETTLE_GO_ON, /* with the next job                                        */
	SETTLE_STOP,  /* a server is down, a setting wrong: every job would fail  */
};

/* 'err' is NULL if the delivery succeeded. One commit: the queue, the history,
 * the breaker. Logs what the user has to know. NULL 'job': there is no job; only
 * what was written is remembered. */
enum settle_next settle_job(struct env *, const struct job *, const struct outcome *, struct err *);

/* Says in the log what becomes of a job that failed, for those who do not return
 * the error; what stops a run is said by whoever runs it. */
void settle_log(const struct job *, const struct err *);

/* Trouble before any job was taken: a Plex that is down opens the breaker. */
void settle_trouble(struct env *, struct err *);

/* Plex answered, the settings work: breaker and trouble are over. */
void settle_all_is_well(struct env *);

#endif
