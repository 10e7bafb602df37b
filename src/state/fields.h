/*
 * fields.h - the metadata of one film as plain values: what Stash wants, what
 * Plex holds, and what we remember are all of this one shape.
 *
 * A field is a text or a set of names. Numbers of enum field are stored on the
 * disk: add at the end, never renumber.
 */
#ifndef PLEXSYNC_STATE_FIELDS_H
#define PLEXSYNC_STATE_FIELDS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"
#include "store/record.h"

enum field {
	FIELD_TITLE = 0,
	FIELD_SUMMARY,
	FIELD_DATE,
	FIELD_STUDIO,
	FIELD_PERFORMERS,
	FIELD_TAGS,
	FIELD_RATING,
	FIELD_DIRECTOR,
	FIELD_COLLECTIONS,	 /* of the groups                            */
	FIELD_STUDIO_COLLECTION, /* of the studio: the same list in Plex     */
	FIELD_POSTER,		 /* pictures: SHA-1 of what was uploaded, hex */
	FIELD_BACKGROUND,
	FIELD_COUNT
};

struct value {
	bool known;	       /* false: nothing is said about this field */
	const char *text;      /* a scalar's; "" is empty, never NULL if known */
	struct str_list names; /* a set's, in order */
};

struct fields {
	struct value v[FIELD_COUNT];
};

/* The bits of the fields whose values are names in one of Plex's lists, and those that
 * are pictures. */
unsigned fields_sets(void);
#define FIELDS_PICTURES (1u << FIELD_POSTER | 1u << FIELD_BACKGROUND)

/* The word for users: "title", "summary", … */
const char *fields_name(enum field);
bool fields_is_set(enum field);

void fields_put(struct str *record, const struct fields *);
void fields_get(struct record_reader *, struct fields *);

#endif
