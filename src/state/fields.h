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
#include "base/digest.h"
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
	FIELD_SORT_TITLE,
	FIELD_CONTENT_RATING,
	FIELD_CRITIC_RATING,
	FIELD_LABELS,	       /* tags as labels                 */
	FIELD_TAG_COLLECTIONS, /* tags as collections            */
	FIELD_COUNT
};

enum field_kind {
	KIND_TEXT,
	KIND_DAY,    /* a text: YYYY-MM-DD          */
	KIND_RATING, /* a text: a number of 0 to 10 */
	KIND_PICTURE,
	KIND_NAMES, /* a set, all others are scalars */
};

/* What is remembered of a text of more than LIMIT_REMEMBERED_BYTES is its beginning and
 * two digests. So 'text' and the names of a remembered value are compared only by value_is(),
 * value_alike() and fields_name_key(). */
struct value {
	bool known;	       /* false: nothing is said about this field */
	bool cut;	       /* 'text' is the beginning of what was remembered */
	const char *text;      /* a scalar's; "" is empty, never NULL if known */
	struct digest exact;   /* if it was cut: of the text, */
	struct digest alike;   /* and of the text as Plex compares it */
	const char *by;	       /* the setting that has a part in it; NULL: none has, or it is "" */
	bool ordered;	       /* of Stash's names: their order is given; not remembered */
	struct str_list names; /* a set's, in order */
};

struct fields {
	struct value v[FIELD_COUNT];
};

/* The word for users: "title", "summary", … */
const char *fields_name(enum field);
/* Plex's word in an edit ("actor"), and in its list of locks. */
const char *fields_plex_name(enum field);
/* Two fields that are one list in Plex. */
bool fields_share(enum field, enum field);
/* The setting that leaves the field out, or brings it. */
const char *fields_setting(enum field);
bool fields_is_optional(enum field); /* the setting brings it */
enum field_kind fields_kind(enum field);
bool fields_is_set(enum field);

/* True if it is not known, or nothing. */
bool value_is_empty(const struct value *);
/* True if the value is known and is exactly this text. */
bool value_is(const struct value *, const char *text);
/* The same as Plex compares texts: white space at the ends, and how much of it there is, do
 * not count (utf8_squeeze). */
bool value_alike(const struct value *, const char *text, struct arena *);
/* False if something of what is remembered was cut, or masked: it cannot be written again. */
bool value_is_whole(enum field, const struct value *);
/* The value for people: names with commas between them; what was cut ends in "…". */
const char *value_show(enum field, const struct value *, struct arena *);

/* What two spellings of one name of a set have in common, remembered or not. */
char *fields_name_key(const char *name, struct arena *);
/* Two spellings of one name, and a list with one of its spellings. */
bool fields_same_name(const char *, const char *, struct arena *);
bool fields_has_name(const struct str_list *, const char *name, struct arena *);

/* The fields in a record of the present version. What equals 'like' (NULL: nothing does)
 * costs two bytes; when they are read, 'like' is what it was when they were written. */
void fields_record(struct record *, struct fields *, const struct fields *like);
/* The same, with texts and names as they are, up to LIMIT_WHOLE_BYTES each. */
void fields_record_whole(struct record *, struct fields *);
/* Reads them from a record of version 1 of the history. */
void fields_record_1(struct record *, struct fields *);

#endif
