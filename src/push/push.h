/*
 * push.h - one scene on its way from Stash to Plex: one value, three acts.
 *
 *   recall     one snapshot of the queue fills in what is remembered. If it cannot be read,
 *              the push ends here, before anybody talks to Plex.
 *   carry out  gather (the scene, where its files are, the items), decide (pure, each
 *              target by itself), write. The only commits in between are the intents:
 *              what is meant is on the disk before a request leaves.
 *   settle     a decision on plain values, and one commit for all that follows from it.
 *
 * A push holds everything about its scene, and a target everything about one item of it, so
 * that many can be side by side. A dry run is the same push without the writing; explain and
 * preview print it. Everything lives in the push's arena.
 */
#ifndef PLEXSYNC_PUSH_PUSH_H
#define PLEXSYNC_PUSH_PUSH_H

#include "base/digest.h"
#include "base/timer.h"
#include "find/locate.h"
#include "plex/item.h"
#include "push/plan.h"
#include "run/env.h"
#include "run/request.h"
#include "stash/scene.h"
#include "state/choice.h"
#include "state/drain_record.h"
#include "state/history.h"
#include "state/queue.h"
#include "state/trouble.h"

/* A file of the scene, and where Plex has it. */
enum place_state {
	PLACE_FOUND,	 /* every item that it led to holds it               */
	PLACE_AMBIGUOUS, /* candidates, but no certainty                     */
	PLACE_ABSENT,	 /* Plex, asked after the event, does not have it    */
	PLACE_UNKNOWN,	 /* cannot be said now                               */
};
struct place {
	const struct scene_file *file;
	enum place_state state;
	struct location where;
	const char *why;   /* for people, unless it is found */
	const char *doubt; /* why an item that has its path may be another file; NULL: none */
	bool again;	   /* what the caches said was wrong: Plex is asked anew */
};

/* In place of a status: the connection was closed on a request that is too long. */
#define PUSH_CUT_OFF (-1)

/* One item of Plex that plays a file of the scene. */
struct target {
	/* where it was found, and by what */
	const struct scene_file *file;
	struct locate_item found;
	enum match_rule rule;
	/* the item as Plex holds it: read, and known to hold the file */
	struct item item;
	int section, type;
	const char *machine;
	/* what is remembered of earlier pushes to it, and whose it is now */
	struct history before;
	int64_t owner;	  /* the scene that had it; 0: none */
	bool foreign;	  /* it belongs to another scene, and is left alone */
	bool owner_chose; /* a person chose it for that one */
	/* what is to be written */
	struct fields theirs;
	struct fields then; /* see plan.h */
	struct plan_input input;
	struct plan plan;
	/* what was sent: fields are bits, 1 << enum field */
	bool stuck;  /* it could not be, or nobody saw what came of it; the same of its pictures */
	bool shared; /* in one request with other items */
	unsigned sent;		      /* Plex answered, whatever it said */
	unsigned accepted;	      /* of these it said yes to */
	int refusal[FIELD_COUNT];     /* the HTTP status of its no, or PUSH_CUT_OFF */
	struct fields now;	      /* what it holds after that, if somebody 'looked' */
	bool locked_now[FIELD_COUNT]; /* and which it has locked */
	bool looked;
	/* what came of it */
	unsigned written; /* and seen in Plex; or, in a dry run, what would be */
	unsigned kept;	  /* left to Plex */
	unsigned refused; /* by Plex, now or before: all of it, or some names */
	/* what is to be remembered: on the disk before a request leaves if it 'intends' one, and
	 * once 'settled', whatever became of the rest */
	bool intends, settled;
	struct history after;
};

/* The scene's cover; as remembered until it was asked for. */
struct push_cover {
	const char *path;	 /* in Stash, see stash_read_cover */
	const char *etag, *sha1; /* "" if not known, or no cover */
	const void *data;	 /* its bytes; NULL until they are needed */
	size_t len;
	const char *wrong; /* what they are, if it is not a picture for Plex; NULL: they are */
};

enum push_result {
	PUSH_SYNCED,
	PUSH_UNCHANGED,
	PUSH_QUEUED,	/* not done now; it stays in the queue */
	PUSH_NOT_FOUND, /* Plex does not have the file         */
	PUSH_AMBIGUOUS, /* somebody has to decide              */
	PUSH_IGNORED,	/* the settings, or the scene itself, say so */
	PUSH_UNDONE,	/* what another push wrote was put back: push/undo.h */
};

enum push_next {
	PUSH_GO_ON, /* with the next scene                                       */
	PUSH_PASS,  /* the same, but this job stays due: the state is full       */
	PUSH_STOP,  /* a server is down, a setting wrong: every one would fail   */
};

struct ahead; /* push/ahead.h */

struct push {
	struct request asked;
	bool is_art;	       /* it is about a collection, and no scene: push/art.h */
	const struct job *job; /* NULL: the scene is not in the queue */
	struct arena *arena;

	bool recalled;
	struct history_scene before;
	struct history *known;	/* of before.items, one each */
	struct choice choice;	/* what a person chose for the scene */
	struct trouble trouble; /* a setting that is wrong, as another push found out */

	/* gathered */
	bool gone; /* Stash no longer has the scene */
	struct scene scene;
	const char *ignored;	      /* why it is left alone; NULL: it is pushed */
	const struct tag_cover *tags; /* see run/tags.h */
	struct fields ours;
	const char *notes[FIELD_COUNT]; /* for people, about ours; NULL: none */
	struct digest content; /* of all that decides what is pushed where, except the cover */
	struct place *places;  /* one for each file that was looked for */
	size_t place_count;
	struct target *targets[LIMIT_ITEMS];
	size_t target_count;
	struct push_cover cover;

	/* on its way */
	const struct ahead *ahead; /* what was read for several at once; NULL: it is alone */
	bool gathered;		   /* all of it; else 'err' says what is missing */
	bool pictured;		   /* the same of its pictures */

	/* what came of it */
	bool over;   /* 'pushed', or 'err' says why not; and what comes next */
	bool stored; /* and it is on the disk */
	bool left;   /* it was left as it was, for another time */
	bool pushed;
	struct err err;
	enum push_next next;
	enum push_result result;
	const char *reason;  /* for people; NULL if the result says it all */
	const char *missing; /* why one of its files waits, if others were dealt with; else NULL */
	const char *taken;   /* the same of an item that is left to another scene */
	const char *refusal; /* what Plex does not take, if anything; else NULL */
	struct timer timer;
	double ms;
};

/* 'job': as taken, or NULL. Both live at least as long as the push. */
void push_init(struct push *, const struct request *, const struct job *, struct arena *);

/* All three acts. False with the error if the scene was not pushed; the push then has
 * what was found out until then. *need: what has to be done for a drain to come, if a hook
 * asks; may be NULL. */
bool push_run(
	const struct env *, struct push *, enum push_next *, enum drain_need *need, struct err *);

/* The same for up to LIMIT_BATCH scenes side by side, as if each were alone but for the requests
 * that they share. Each is over afterwards, or was left for another time: because everything
 * would fail after the one that has PUSH_STOP, or 'go_on' (may be NULL), which is asked before
 * each one is written, says no. */
typedef bool push_go_on(void *what, const struct push *);
void push_run_all(const struct env *, struct push **, size_t count, push_go_on *go_on, void *what,
	enum drain_need *need);

/* Of all targets together. */
unsigned push_written(const struct push *);
unsigned push_kept(const struct push *);
unsigned push_refused(const struct push *);
/* Fields that Plex had lost. */
unsigned push_reset(const struct push *);
/* Fields that only a person may decide on: see PLAN_HOLD. */
unsigned push_held(const struct push *);
/* Targets that are the scene's own. */
size_t push_owned(const struct push *);

#endif
