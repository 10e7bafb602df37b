/*
 * picture_step.h - one picture of one item on its way: what is known of it, and what Plex is asked
 * for that.
 */
#ifndef PLEXSYNC_PUSH_PICTURE_STEP_H
#define PLEXSYNC_PUSH_PICTURE_STEP_H

#include "plex/picture.h"
#include "push/picture_decide.h"
#include "push/push.h"

/* Whether an item that Plex shows after an upload proves that the picture is shown, where Plex is
 * known to show what is uploaded: nothing else brings a first one, or a lock. Pure. */
struct picture_look {
	bool shows, locked;
};
bool picture_step_proves(const struct picture_look *before, const struct picture_look *now);

enum { PICTURE_KINDS = 2 };

/* In place of a status: Plex says yes, and does not list it. */
#define PICTURE_UNLISTED (-1)

struct picture_step {
	struct push *push;
	struct target *target;
	enum picture_kind kind;
	enum field field;
	enum picture_act what;
	bool listed; /* Plex was asked: */
	struct picture_list list;
	bool unseen;	/* it was uploaded, and nobody has looked what came of it */
	bool locked;	/* as somebody saw after that */
	int refusal;	/* the HTTP status of Plex's no to this picture, or PICTURE_UNLISTED */
	struct err why; /* in words */
};

void picture_step_init(struct picture_step *, struct push *, struct target *, enum picture_kind);

/* Whether an item shows a picture there, and has it locked. */
struct picture_look picture_step_look(const struct picture_step *, const struct item *);

bool picture_step_read_list(const struct env *, struct picture_step *, struct err *);
/* True if the scene's cover is in the list that was read. */
bool picture_step_is_listed(const struct picture_step *);

/* Of the list what is known once it was read. */
struct picture_facts picture_step_facts(const struct picture_step *);

/* Of a picture that is ours: whether Plex says that it is locked. One that it shows without a lock
 * is not missing its lock from then on. */
void picture_step_note_lock(struct picture_step *);

/* Shows the cover, which is uploaded if it is not listed. 'together': somebody will look at the
 * item, so that Plex need not be asked now if it is known to show what is uploaded; the step is
 * 'unseen' then. Otherwise it is PICTURE_LOCK. */
bool picture_step_put(const struct env *, struct picture_step *, bool together, struct err *);
/* The same without the upload. What fails because of this picture is its 'refusal'; a 500 may be
 * of the item as well. */
bool picture_step_see(const struct env *, struct picture_step *, struct err *);
/* An item as Plex shows it after the upload: it may prove that nobody has to see more. */
void picture_step_believe(struct picture_step *, const struct item *);

/* Locks those of the steps that are PICTURE_LOCK, and not locked, in one edit. All are of one
 * item. */
bool picture_step_lock(const struct env *, const struct picture_step *, size_t count, struct err *);

#endif
