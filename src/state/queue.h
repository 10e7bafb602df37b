/*
 * queue.h - the durable list of scenes that still have to be pushed to Plex.
 *
 * One job per scene: pushing an event for a scene that is already queued folds
 * into its job. Jobs survive a kill at any point; a job whose taker died is
 * handed out again, so whatever acts on a job must be repeatable.
 *
 * Taking a job writes nothing: it is a record lock on the scene, which dies
 * with its holder. Functions with a transaction do their part in the caller's,
 * so that "push and ask for a drain" or "ack and save history" are one commit.
 */
#ifndef PLEXSYNC_STATE_QUEUE_H
#define PLEXSYNC_STATE_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/lock.h"
#include "store/store.h"

/* Who asked for it. Events by hand come before jobs of a sweep. */
enum origin { ORIGIN_HAND = 0, ORIGIN_SWEEP = 1 };

enum job_state {
	JOB_READY = 0, /* due at due_ms                                          */
	JOB_WAITING,   /* Plex does not have the file: due when the index gains it */
	JOB_FAILED,    /* stays listed until it is retried, cleared, or edited    */
};

struct event {
	int64_t scene;
	enum origin origin;
	bool force;	 /* Stash's values win everywhere         */
	bool unattended; /* queued by a sweep that no person started */
	bool restored;	 /* queued because Plex's database was put back */
};

struct job {
	int64_t scene;
	enum origin origin;
	enum job_state state;
	bool force;
	bool unattended; /* all its events are */
	bool retry;	 /* a person asks again for what Plex refused */
	bool restored;	 /* Plex's database was put back since it was pushed */
	int64_t due_ms;
	int64_t event_ms;	   /* time of the newest event */
	uint64_t events;	   /* number of its newest event */
	uint32_t attempts;	   /* that failed and counted */
	const char *path;	   /* the scene's file when it was last tried; "" if never */
	int64_t size, duration_ms; /* of that file; 0: not known */
	const char *title;	   /* the scene's, then; "" if it had none */
	const char *reason;	   /* why it is not done; "" if never tried */
	struct digest *names;	   /* what it waits for: file names, and items of other scenes */
	size_t name_count;
	bool damaged; /* its record could not be read */
};

/* Adds an event for a scene, or folds it into the job that is there: due now,
 * with no attempts, whatever its state was. */
void queue_add(struct txn *, const struct event *, int64_t now_ms);

/* Takes the first due job that no process holds: events by hand before jobs of a sweep,
 * then by due time; the first of those that come after the job 'after', if it is not NULL.
 * It is ours until queue_release, or until this process dies. Its texts live in the arena.
 * FOUND, ABSENT (nothing is due), or FAILED with the error set. */
enum lookup queue_take(struct store *, struct locks *, const struct job *after, int64_t now_ms,
	struct job *, struct arena *, struct err *);

/* Takes the job of one scene, due or not. ABSENT: there is none, or another process holds
 * it. */
enum lookup queue_take_scene(
	struct store *, struct locks *, int64_t scene, struct job *, struct arena *, struct err *);

void queue_release(struct locks *, const struct job *);

/* What became of a taken job. None of these does anything if a new event came meanwhile:
 * that made the job due again. */
void queue_ack(struct txn *, const struct job *);
/* Due again at that time, with this reason; counts as an attempt. */
void queue_defer(struct txn *, const struct job *, int64_t due_ms, const char *reason);
/* Stays due, after the others that are, with this reason; not counted as an attempt. */
void queue_keep(struct txn *, const struct job *, int64_t now_ms, const char *reason);
/* Waits until the index gains a part with one of job->names. */
void queue_wait(struct txn *, const struct job *, const char *reason);
/* Failed. Something that wakes one of job->names, if there are any, revives it, and so does
 * queue_wake_failed. */
void queue_fail(struct txn *, const struct job *, const char *reason);

/* Removes the job of a scene, if there is one. */
void queue_remove(struct txn *, int64_t scene);

/* Makes due the jobs that wait, or failed, for want of this name. Returns how many. */
size_t queue_wake(struct txn *, const struct digest *name, int64_t now_ms);
/* Makes due all failed jobs that have names; or, of many, those whose turn it is today, about
 * 'most' of them. Returns how many. */
size_t queue_wake_failed(struct txn *, int64_t now_ms);
size_t queue_wake_some_failed(struct txn *, size_t most, int64_t now_ms);
/* The next name after '*name' that a job waits for. */
enum lookup queue_next_awaited(struct txn *, struct digest *name);

/* True if a record says that its job is in this state, whatever the rest of it says;
 * if it is that of a job; of a failed job. */
bool queue_record_is(struct bytes record, enum job_state);
bool queue_is_job(struct bytes record);
bool queue_is_failed(struct bytes record);

/* True if a job waits for this name. */
bool queue_is_awaited(struct txn *, const struct digest *name);

/* FOUND if a job is in the queue for this scene (whatever its state); ABSENT, or FAILED
 * with the transaction. */
enum lookup queue_get(struct txn *, int64_t scene, struct job *, struct arena *) MUST_USE;

/* True if a ready job with this time is due; also if the time is further away than any
 * back-off: then the clock was set back. */
bool queue_is_due(int64_t due_ms, int64_t now_ms);

/* True if a job is due that is not 'except' (0: any). */
bool queue_due(struct txn *, int64_t now_ms, int64_t except);

/* True if one is due that is no job of a sweep. */
bool queue_due_by_hand(struct txn *, int64_t now_ms);

/* How many are due. */
size_t queue_count_due(struct txn *, int64_t now_ms);

/* Makes a job due, with no attempts, if there is one. 'asked': a person asks again, so
 * what was known of Plex before then does not count. */
void queue_revive(struct txn *, int64_t scene, bool asked, int64_t now_ms);

/* How many jobs are ready, due or not; cheap. */
size_t queue_ready(struct txn *);

struct queue_counts {
	size_t ready, due, waiting, failed;
};
void queue_count(struct txn *, int64_t now_ms, struct queue_counts *);

/* Jobs of one state in the order of their scenes, beginning after 'after';
 * ABSENT at the end. */
enum lookup queue_next(struct txn *, enum job_state, int64_t after, struct job *, struct arena *);

/* A person asks for failed jobs again: one scene's, or all (0). They are due, with no
 * attempts, and attended. Returns how many. */
size_t queue_retry_failed(struct txn *, int64_t scene, int64_t now_ms);
/* Removes failed jobs, those with the oldest events first: all whose newest event is older
 * than 'before_ms', and more until 'most' are left. Returns how many. */
size_t queue_clear_failed(struct txn *, int64_t before_ms, size_t most);
/* Removes all jobs that are not failed. Returns how many. */
size_t queue_clear(struct txn *);

/* Queues every scene again that can be found in the damaged queue in the folder 'from'.
 * An old page may name one that is done: pushing that again changes nothing. *count: how
 * many. */
bool queue_rescue(const char *from, struct store *to, size_t *count, struct err *);

/* Pure: of so many jobs, of which 'most' have a turn each day, it is the turn of this scene's. */
bool queue_has_turn(int64_t scene, size_t count, size_t most, int64_t now_ms);

/* The next try of a job that failed 'attempts' times before: 30 s, doubling to
 * 10 min, and up to a fifth more, spread by 'scene' so that jobs that failed
 * together do not come back together. */
int64_t queue_backoff_ms(uint32_t attempts, int64_t scene);

#endif
