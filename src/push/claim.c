#include "push/claim.h"

enum claim claim_decide(const struct claim_facts *facts)
{
	if (facts->owner == 0 || facts->owner == facts->scene || !facts->owner_lives ||
		facts->chosen > facts->owner_chosen ||
		(facts->plays_first && facts->owner_chosen == 0))
		return CLAIM_OURS;
	if (!facts->asked)
		return CLAIM_ASK;
	return facts->owner_has_it ? CLAIM_THEIRS : CLAIM_OURS;
}
