/*
 * match.h - which Plex item plays this file: the right one or none.
 *
 * Pure: plain values in, a verdict out. Never by title.
 */
#ifndef PLEXSYNC_FIND_MATCH_H
#define PLEXSYNC_FIND_MATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "state/library_index.h"

/* How an item was found. Stored in the match cache: never renumber. */
enum match_rule {
	MATCH_NONE = 0,
	MATCH_PATH,	     /* exactly the mapped path: high                          */
	MATCH_PATH_FOLDED,   /* the same path but for its case (and, on Windows, slashes): high */
	MATCH_NAME_SIZE,     /* same file name and size, where the path says nothing: high  */
	MATCH_NAME,	     /* same file name only: low                               */
	MATCH_NAME_DURATION, /* same file name and duration, where the path says nothing: high */
	MATCH_CHOSEN,	     /* a person chose it, whatever its file (never by match_pick): high */
	MATCH_RULES
};

/* "path", "path_folded", "name_size", "name", "name_duration", "chosen" */
const char *match_rule_name(enum match_rule);
/* "high" or "low" */
const char *match_confidence(enum match_rule);

/* The surer, the greater; 0: MATCH_NONE. What a person chose is no evidence of the file. */
int match_strength(enum match_rule);

/* True if 'by' is at least as good evidence as 'rule', so that it proves what that rule found. */
bool match_proves(enum match_rule by, enum match_rule rule);

struct match_query {
	const char *path;    /* as Plex would say it */
	int64_t size;	     /* bytes; 0: not evidence */
	int64_t duration_ms; /* 0: not evidence */
	bool inside;	     /* the path lies in a location of a library */
	bool crowded;	     /* so many parts have this name that one may be missing here: then
				name and size are no evidence */
	bool accept_name;    /* setting matchByName */
};

/* Sizes in bytes, durations in milliseconds; 0 is not known, and is the same as nothing. A
 * duration is the same within a second, and says something from half a minute on. */
bool match_same_size(int64_t, int64_t);
bool match_same_duration(int64_t, int64_t);
/* True if size and duration are known on both sides, and both differ: another file, whatever
 * its path. */
bool match_is_another(const struct match_query *, const struct index_part *);

enum match_answer { MATCH_ABSENT, MATCH_FOUND, MATCH_AMBIGUOUS };

struct match_verdict {
	enum match_answer answer;
	enum match_rule rule;		 /* of a found one */
	const struct index_part **parts; /* found: one per item; ambiguous: the candidates */
	size_t count;
};

/* 'by_path' and 'by_name' are the index's answers for the path; the verdict
 * points into them. Several items of one library with equal evidence are
 * ambiguous; one in each of several libraries are all found. */
void match_pick(const struct match_query *, const struct index_part *by_path, size_t path_count,
	const struct index_part *by_name, size_t name_count, struct match_verdict *,
	struct arena *);

#endif
