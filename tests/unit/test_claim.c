/*
 * test_claim.c - whose an item is.
 */
#include "helpers.h"

#include "push/claim.h"

static void test_claims(void **state)
{
	static const struct {
		const char *name;
		struct claim_facts facts;
		enum claim want;
	} rows[] = {
		{"nobody's", {.scene = 45}, CLAIM_OURS},
		{"ours", {.scene = 45, .owner = 45, .owner_lives = true}, CLAIM_OURS},
		{"ours, though nobody remembers that", {.scene = 45, .owner = 45}, CLAIM_OURS},
		{"of a scene that gave it up", {.scene = 45, .owner = 7}, CLAIM_OURS},
		{"another's: Stash is asked first", {.scene = 45, .owner = 7, .owner_lives = true},
			CLAIM_ASK},
		{"another's, which has the file",
			{.scene = 45,
				.owner = 7,
				.owner_lives = true,
				.asked = true,
				.owner_has_it = true},
			CLAIM_THEIRS},
		{"another's, which has gone or lost the file",
			{.scene = 45, .owner = 7, .owner_lives = true, .asked = true}, CLAIM_OURS},
		{"our primary file is its first part: so may be the owner's",
			{.scene = 45, .owner = 7, .owner_lives = true, .plays_first = 5},
			CLAIM_ASK},
		{"the owner has another part of it",
			{.scene = 45,
				.owner = 7,
				.owner_lives = true,
				.plays_first = 1,
				.asked = true,
				.owner_has_it = true},
			CLAIM_OURS},
		{"the owner's file is its first part less surely",
			{.scene = 45,
				.owner = 7,
				.owner_lives = true,
				.plays_first = 5,
				.asked = true,
				.owner_has_it = true,
				.owner_plays_first = 2},
			CLAIM_OURS},
		{"just as surely: the first claim holds",
			{.scene = 45,
				.owner = 7,
				.owner_lives = true,
				.plays_first = 5,
				.asked = true,
				.owner_has_it = true,
				.owner_plays_first = 5},
			CLAIM_THEIRS},
		{"more surely",
			{.scene = 45,
				.owner = 7,
				.owner_lives = true,
				.plays_first = 2,
				.asked = true,
				.owner_has_it = true,
				.owner_plays_first = 3},
			CLAIM_THEIRS},
		{"chosen for us, while another has it by a rule: nobody is asked",
			{.scene = 45, .owner = 7, .owner_lives = true, .chosen = 1}, CLAIM_OURS},
		{"chosen for both, for us last",
			{.scene = 45,
				.owner = 7,
				.owner_lives = true,
				.chosen = 3,
				.owner_chosen = 2},
			CLAIM_OURS},
		{"chosen for both, for the other last",
			{.scene = 45,
				.owner = 7,
				.owner_lives = true,
				.chosen = 2,
				.owner_chosen = 3,
				.asked = true,
				.owner_has_it = true},
			CLAIM_THEIRS},
		{"chosen for the other, and we play it first: Stash is asked first",
			{.scene = 45,
				.owner = 7,
				.owner_lives = true,
				.owner_chosen = 3,
				.plays_first = 5},
			CLAIM_ASK},
		{"which is there",
			{.scene = 45,
				.owner = 7,
				.owner_lives = true,
				.owner_chosen = 3,
				.plays_first = 5,
				.asked = true,
				.owner_has_it = true},
			CLAIM_THEIRS},
		{"which has gone",
			{.scene = 45,
				.owner = 7,
				.owner_lives = true,
				.owner_chosen = 3,
				.asked = true},
			CLAIM_OURS},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		ok &= row_int(rows[i].name, claim_decide(&rows[i].facts), rows[i].want);
	assert_true(ok);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_claims)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
