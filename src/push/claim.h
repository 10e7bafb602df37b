/*
 * claim.h - whose an item is: rule 6 of matching. Pure.
 *
 * An item belongs to the scene for which a person chose it (the last one), else to the one whose
 * primary file is its first part, the surer match if two of them say so, else to the first that
 * claimed it. Scenes vanish, and files change hands, without any hook (merging scenes, assigning
 * files): a claim holds only while its scene is there and has the file, so the owner is asked for
 * in Stash before an item is refused.
 */
#ifndef PLEXSYNC_PUSH_CLAIM_H
#define PLEXSYNC_PUSH_CLAIM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct claim_facts {
	int64_t scene, owner;  /* owner 0: nobody's */
	bool owner_lives;      /* as far as we remember */
	int plays_first;       /* how surely the scene's primary file is the item's first part, as
				 match_strength; 0: it is not */
	int64_t chosen;	       /* the number of the choice of it for this scene; 0: none was made */
	int64_t owner_chosen;  /* the same for its owner */
	bool asked;	       /* Stash was asked for the owner: */
	bool owner_has_it;     /* it is there, passes the filters, and has the file or the choice */
	int owner_plays_first; /* as plays_first */
};

enum claim {
	CLAIM_OURS,
	CLAIM_ASK, /* look for the owner in Stash, and decide again */
	CLAIM_THEIRS,
};

enum claim claim_decide(const struct claim_facts *);

#endif
