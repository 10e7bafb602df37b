/*
 * settle.h - the third act of a push: what becomes of its job, and what is remembered.
 *
 * The retry policy is one decision on plain values, settle_decide(); what it says is carried
 * out in one commit.
 */
#ifndef PLEXSYNC_PUSH_SETTLE_H
#define PLEXSYNC_PUSH_SETTLE_H

#include "push/push.h"

struct settle_facts {
	bool failed; /* then: */
	enum err_kind kind;
	enum err_party party;
	bool full; /* the state has no room for what has to be remembered */
	/* else: */
	enum push_result result;
	bool missing; /* a file of the scene is still to come, or its item is another scene's */
	bool put_off; /* such a file may be in Plex, but a hook had no time to look */
	bool refused; /* there is something that Plex does not take */

	bool plex_answered;	/* something that it said is in the result */
	bool in_hook;		/* a drain comes after it */
	bool trouble_of_others; /* a setting was wrong, and settings were changed since */
	uint32_t attempts;	/* of the job, before this one */
	int64_t scene;
};

struct settle_verdict {
	enum {
		SETTLE_LEAVE, /* the job stays as it is                                      */
		SETTLE_ACK,   /* done                                                        */
		SETTLE_WAIT,  /* until Plex has the file                                     */
		SETTLE_FAIL,  /* listed, until somebody decides                              */
		SETTLE_AGAIN, /* due again in 'again_ms'; counts as an attempt               */
		SETTLE_KEEP,  /* due, after the others that are; counts as nothing           */
	} job;
	int64_t again_ms;
	enum { SETTLE_BREAKER_STAYS, SETTLE_BREAKER_TRIPS, SETTLE_BREAKER_CLOSES } breaker;
	enum { SETTLE_TROUBLE_STAYS, SETTLE_TROUBLE_NOTED, SETTLE_TROUBLE_OVER } trouble;
	bool gives_up; /* after the last of its attempts */
	enum push_next next;
};

/* Pure. */
struct settle_verdict settle_decide(const struct settle_facts *);

/* What is to be remembered of the scene. 'complete': all of it could be dealt with; else
 * what was remembered before still holds where nothing new is known. Pure. */
void settle_remember(
	const struct push *, bool complete, int64_t now_ms, struct history_scene *, struct arena *);

/* Jobs that failed because an item belonged to this scene are due: of all items that it had,
 * and does not have any more. */
void settle_given_up(struct txn *, const struct history_scene *before,
	const struct history_scene *after, int64_t now_ms);

/* Decides what comes after a push that is over, if it was not pushed for the reason in its 'err',
 * and counts it; one that was pushed is reported in the log. */
void settle_over(const struct env *, struct push *, bool pushed);

/* Stores what came of all of these (up to LIMIT_BATCH) that are over, in one commit: the jobs, the
 * histories, the breaker, what the run counted, and, unless 'need' is NULL, what has to be done
 * for a drain to come if one is needed. If that commit fails, they are stored one by one; one that
 * cannot be is reported, what comes after it is not PUSH_GO_ON, and its 'err' says why unless it
 * was set before. A dry run writes nothing. */
void settle_all(const struct env *, struct push *const *, size_t count, enum drain_need *need);

/* Says in the log what becomes of a scene that was not pushed, for those who do not return
 * the error; what stops a run is said by whoever runs it. */
void settle_log(const struct push *);

/* Trouble outside of a push: a Plex that is down opens the breaker. */
void settle_trouble(const struct env *, struct err *);

/* Plex answered, the settings work: breaker and trouble are over. */
void settle_all_is_well(const struct env *);

#endif
