/*
 * sample.h - a sample of Stash's scenes, and whether Plex has them: what doctor judges the
 * settings about paths and scenes by.
 */
#ifndef PLEXSYNC_CMD_SAMPLE_H
#define PLEXSYNC_CMD_SAMPLE_H

#include "find/match.h"
#include "run/env.h"

/* Pairs of folders that are counted. */
#define SAMPLE_PREFIXES 50

struct sample {
	struct str_list paths; /* of the files of all scenes that were looked at, in Stash */

	/* Scenes that are left alone, the last of them, and why. */
	size_t left_alone;
	int64_t left_example;
	const char *left_reason; /* a literal */

	/* The others, and how Plex has them. */
	size_t seen, by_rule[MATCH_RULES], uncertain, absent;
	int64_t absent_example;

	/* Folders in Stash, and what Plex seems to call them. */
	struct sample_prefix {
		const char *from, *to;
		size_t count;
	} prefixes[SAMPLE_PREFIXES];
	size_t prefix_count, differing;
	size_t by_duration; /* of these: with another size, but the same duration */

	/* Of each rule of the map: files that it leads to their place in Plex, and those that Plex
	 * has elsewhere. */
	struct sample_rule {
		size_t right, wrong;
	} * rules;
};

/* Takes the sample, by the settings in use and the library index as it is. What is in it lives
 * in the arena. Errors as scenes_walk. */
bool sample_take(const struct env *, struct sample *, struct arena *, struct err *);

#endif
