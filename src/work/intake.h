/*
 * intake.h - an event comes in: it is made durable in one commit, and in that commit it is
 * decided whether this process pushes the scene at once, and whom to wake.
 */
#ifndef PLEXSYNC_WORK_INTAKE_H
#define PLEXSYNC_WORK_INTAKE_H

#include "push/push.h"
#include "stash/input.h"

enum intake_answer {
	INTAKE_QUEUED,	/* a drain will push it */
	INTAKE_AWAY,	/* the same, because Plex is known to be down */
	INTAKE_SLOW,	/* the same, because Save has just waited in vain, see pace.h */
	INTAKE_COVERED, /* by the first hook of the same bulk edit */
	INTAKE_BUSY,	/* queued; another process pushes the scene at this moment */
	INTAKE_CALM,	/* queued, and ours: job and push are ready; intake_release() ends it */
	INTAKE_FAILED,	/* not queued: the error says why */
};

/* The scenes of a hook. 'push' is begun with 'asked' and has recalled what is remembered
 * if the answer is INTAKE_CALM. *need: what has to be done for a drain to come. */
enum intake_answer intake_scenes(const struct env *, const struct input_hook *,
	const struct request *asked, struct job *, struct push *, enum drain_need *need,
	struct arena *, struct err *);
void intake_release(const struct env *, const struct job *);

/* The scene of a hook is gone: its items are free for others, Plex is left alone. Their
 * history stays, should the file come back. False with the error. */
bool intake_gone(const struct env *, const struct input_hook *, enum drain_need *, struct err *);

/* A performer, studio, tag or group was edited: which scenes carry it the drain finds out.
 * One that is gone is carried by none: then all scenes are compared. */
bool intake_carrier(const struct env *, const struct input_hook *, enum drain_need *, struct err *);

/* One scene by hand: durable, and taken if nobody else pushes it. FOUND: it is ours.
 * ABSENT: it is queued, and another process pushes it at this moment. */
enum lookup intake_by_hand(
	const struct env *, const struct request *, struct job *, struct arena *, struct err *);

/* What a person chose for the scene, in the commit that queues it by hand as above. *from: the
 * scene that has had the item, and is queued too; 0: none. */
enum lookup intake_choice(const struct env *, const struct request *, const struct choice *,
	int64_t *from, struct job *, struct arena *, struct err *);

/* Queues what a hook names, and nothing else: for input that makes no sense otherwise.
 * True if it is durable. */
bool intake_rescued(const struct env *, const struct input_hook *);

/* Whether a hook may push its scene inside of Save (INTAKE_CALM), as far as it can be known
 * before the locks are tried: one scene, edited by a person, with Plex not known to be down
 * or slow. Else why not. Pure. */
struct intake_facts {
	bool stash_known;
	enum input_verb verb;
	bool names_one;	 /* the edit names this scene alone */
	bool queue_only; /* setting hookQueueOnly, as it was last read */
	bool breaker_open;
	bool plex_slow;
};
enum intake_answer intake_decide(const struct intake_facts *);

/* Whether an earlier hook of the same bulk edit has done what this one would. Pure. */
struct intake_cover {
	int64_t seen_ms;    /* when the edit was first seen; 0: it was not */
	bool queued;	    /* the scene is in the queue */
	int64_t settled_ms; /* when it was last dealt with; 0: never */
};
bool intake_is_covered(const struct intake_cover *);

#endif
