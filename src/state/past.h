/*
 * past.h - what an item's fields held before, and what a person left out: that is what a database
 * that is put back shows again. Values and names are digests, so that no more is kept of them than
 * it takes to know them again.
 */
#ifndef PLEXSYNC_STATE_PAST_H
#define PLEXSYNC_STATE_PAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "state/fields.h"
#include "store/record.h"

/* Of all fields of an item together. */
#define PAST_MOST 32u

/* Numbers are stored on the disk: add at the end, never renumber. */
enum past_kind {
	PAST_FORMER =
		1,    /* a value that we had written, until a later push replaced it; of a set, the
			    list that a later push changed; of a picture, its SHA-1 */
	PAST_LEFT,    /* a person's value, left to Plex; of a set, a name that a person took away */
	PAST_DROPPED, /* of a set: a name that went because Stash dropped it */
};

struct past_entry {
	uint8_t field, kind;
	struct digest what;
};

struct past {
	size_t count;
	struct past_entry entries[PAST_MOST]; /* the oldest first */
};

/* A value as Plex compares it: a text without regard to blanks, a list to its order. */
struct digest past_value(enum field, const struct value *, struct arena *);
struct digest past_name(const char *name, struct arena *);

/* Where there is no room, the oldest entry goes. */
void past_note(struct past *, enum field, enum past_kind, struct digest);
bool past_has(const struct past *, enum field, enum past_kind, struct digest);
bool past_has_any(const struct past *, enum field, enum past_kind);
void past_forget(struct past *, enum field, enum past_kind, struct digest);
void past_forget_all(struct past *, enum field, enum past_kind);
/* The field's entries become those that 'from' has. */
void past_take(struct past *, enum field, const struct past *from);

void past_record(struct record *, struct past *);

#endif
