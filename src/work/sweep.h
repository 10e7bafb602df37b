/*
 * sweep.h - looks at many scenes and queues those that differ from their last push.
 *
 * One loop for all of it: every scene, those of the last hours, or those that carry
 * an edited performer; trusting what is remembered, or asking the library index too;
 * queueing, or (in a dry run) saying what would be written. Pages are read by id, and
 * each is queued in one commit together with how far the sweep came, so that one that
 * was cut off continues where it stopped.
 */
#ifndef PLEXSYNC_WORK_SWEEP_H
#define PLEXSYNC_WORK_SWEEP_H

#include "stash/input.h"
#include "state/fields.h"
#include "run/env.h"
#include "state/queue.h"

struct sweep_request {
	int64_t since_ms;     /* only scenes that Stash changed since then; 0: all */
	int64_t hours;	      /* the same as a span, by which a sweep that was cut off is known */
	enum input_noun noun; /* NOUN_SCENE: all; else those that carry this 'id'  */
	int64_t id;
	bool check_items; /* also where the index has the items elsewhere, or not at all */
	bool by_hand;	  /* a person asks: failed and waiting scenes are tried again    */
	bool resumable;
	bool force, dry_run; /* as in struct request */
};

#define SWEEP_REASONS  16 /* more than there are */
#define SWEEP_EXAMPLES 3

/* Scenes that were left alone, or would have been dealt with, for one reason. */
struct sweep_reason {
	const char *reason; /* a literal */
	size_t count, examples;
	int64_t example[SWEEP_EXAMPLES]; /* ids */
};

struct sweep_report {
	size_t seen;
	size_t same;	 /* as they were last pushed            */
	size_t queued;	 /* now                                 */
	size_t in_queue; /* before, and left as they were       */
	size_t ignored;
	struct sweep_reason reasons[SWEEP_REASONS];
	size_t reason_count;
	size_t fields[FIELD_COUNT]; /* dry run: scenes in which it would be written */
};

/* False with the error that stopped it; what was queued until then stays queued.
 * *progress: part of the whole task that the sweep is (0 to 1). */
bool sweep_run(const struct env *, const struct sweep_request *, double progress,
	struct sweep_report *, struct err *);

/* A drain calls it when nothing is due: does one sweep that is owed. FOUND: it did,
 * jobs may be due. ABSENT: none is owed. */
enum lookup sweep_owed(const struct env *, struct err *);

/* --- the decision ------------------------------------------------------------- */

/* What a sweep knows of one scene. */
struct sweep_facts {
	bool force, dry_run, by_hand;
	bool ignored; /* by a filter */
	bool in_queue;
	enum job_state job; /* if it is, its state, */
	bool job_same_file; /* and whether it is of the file that the scene has now */
	/* As it was when it was last pushed: */
	bool content_known, content_same;
	bool owns_items; /* those that a person chose, if any did, and no other scene took one over */
	bool cover_same; /* or pictures are not wanted: judged by Stash's stamp of the scene */
	bool check_items;
	bool items_checked, items_same; /* the index leads to the same items as then */
};

enum sweep_verdict {
	SWEEP_IGNORED,
	SWEEP_IN_QUEUE, /* and left as it is there */
	SWEEP_SAME,
	SWEEP_CHECK_ITEMS, /* look into the index, and decide again */
	SWEEP_DIFFERS,
};

enum sweep_verdict sweep_decide(const struct sweep_facts *);

#endif
