#include "push/claim.h"

enum claim claim_decide(const struct claim_facts *facts)
{
	if (facts->owner == 0 || facts->owner == facts->scene || !facts->owner_lives ||
		facts->chosen > facts->owner_chosen)
		return CLAIM_OURS;
	if (!facts->asked)
		return CLAIM_ASK;
	if (!facts->owner_has_it ||
		(facts->owner_chosen == 0 && facts->plays_first > facts->owner_plays_first))
		return CLAIM_OURS;
	return CLAIM_THEIRS;
}
