/*
 * activity.h - the journal: what was done to Plex, one entry for each push that changed something
 * or needs somebody, and for each undo.
 *
 * An entry is written in the commit that ends its job. It has the values that the push replaced,
 * whole, so that they can be put back. The newest LIMIT_ACTIVITY_ENTRIES are kept, or fewer if
 * they take LIMIT_ACTIVITY_BYTES.
 */
#ifndef PLEXSYNC_STATE_ACTIVITY_H
#define PLEXSYNC_STATE_ACTIVITY_H

#include <stdbool.h>
#include <stdint.h>

#include "state/fields.h"
#include "store/store.h"

/* Stored by number. */
enum activity_result {
	ACTIVITY_SYNCED = 0,
	ACTIVITY_FAILED,
	ACTIVITY_AMBIGUOUS,
	ACTIVITY_NOT_FOUND,
	ACTIVITY_UNDONE,
	ACTIVITY_RESULTS
};

/* In place of a picture's key: Plex showed one that nobody chose, and was not asked which. */
#define ACTIVITY_PLEX_CHOICE "Plex's own choice"

/* One item of Plex. Fields that were not changed are unknown in 'before' and 'after'; a picture is
 * the key that Plex has for it, or ACTIVITY_PLEX_CHOICE. */
struct activity_item {
	const char *machine, *rating_key, *library;
	const char *path; /* of the part that the scene's file was found by, as Plex sees it */
	uint32_t section, type, rule;
	uint32_t locked_before, locked_after; /* bits, of the fields that were changed */
	struct fields before, after;	      /* as read before the edit, and after it */
};

struct activity {
	int64_t id;
	int64_t at_ms, us; /* when it was over, and how long it took */
	int64_t run;	   /* the pushes of one run of the program share it */
	int64_t scene;
	uint32_t result;	    /* enum activity_result */
	uint32_t kept;		    /* fields that were left to Plex, bits */
	const char *title, *reason; /* "" if there is none */
	int64_t undoes;		    /* the entry that this one put back; 0: it is a push */
	int64_t undone;		    /* the entry that put this one back; 0: none did */
	struct activity_item *items;
	size_t count;
};

/* The word for users: "synced", "failed", … */
const char *activity_word(enum activity_result);
/* False if it changed nothing. */
bool activity_has_changes(const struct activity *);

/* Adds an entry, whose id this sets, and drops some of the oldest if there are too many. Where the
 * state is nearly full, the journal makes room instead: id 0. */
void activity_add(struct txn *, struct activity *);
/* Replaces the entry of this id. */
void activity_put(struct txn *, const struct activity *);
/* ABSENT also if it cannot be read. */
enum lookup activity_get(struct txn *, int64_t id, struct activity *, struct arena *) MUST_USE;
/* The newest entry that is older than 'before' (0: of all). */
enum lookup activity_older(
	struct txn *, int64_t before, struct activity *, struct arena *) MUST_USE;

/* A number for the entries of one run. */
int64_t activity_new_run(struct txn *);

#endif
