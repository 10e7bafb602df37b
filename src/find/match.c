/* match.c - see match.h. The rules are those of the README, in their order. */
#include "find/match.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/utf8.h"

const char *match_rule_name(enum match_rule rule)
{
	static const char *const names[] = {"none", "path", "path_folded", "name_size", "name"};

	return names[rule];
}

const char *match_confidence(enum match_rule rule)
{
	return rule == MATCH_NAME ? "low" : "high";
}

/* A choice of parts, one per item. */
struct choice {
	const struct index_part **parts;
	size_t count;
};

static void add_item(struct choice *choice, const struct index_part *part)
{
	for (size_t i = 0; i < choice->count; i++) {
		if (choice->parts[i]->section == part->section &&
			choice->parts[i]->rating_key == part->rating_key)
			return;
	}
	choice->parts[choice->count++] = part;
}

static bool alone_in_library(const struct choice *choice, size_t at)
{
	for (size_t i = 0; i < choice->count; i++) {
		if (i != at && choice->parts[i]->section == choice->parts[at]->section)
			return false;
	}
	return true;
}

/* Found: every item that is alone in its library. If there is none, but there
 * are items, the choice is ambiguous. False if there is nothing to choose. */
static bool conclude(
	struct match_verdict *verdict, enum match_rule rule, struct choice *choice, struct arena *a)
{
	const struct index_part **found = arena_array(a, choice->count, sizeof(*found));
	size_t count = 0;

	if (choice->count == 0)
		return false;
	verdict->parts = choice->parts;
	verdict->count = choice->count;
	verdict->answer = MATCH_AMBIGUOUS;
	for (size_t i = 0; i < choice->count; i++) {
		if (alone_in_library(choice, i))
			found[count++] = choice->parts[i];
	}
	if (count == 0)
		return true;
	verdict->parts = found;
	verdict->count = count;
	verdict->answer = MATCH_FOUND;
	verdict->rule = rule;
	return true;
}

static bool same_name(struct arena *a, const char *ours, const struct index_part *part)
{
	return path_same_name(a, ours, part->path);
}

/* Leaves of each library only the items with the most equal folders. */
static void break_ties(struct choice *choice, const char *path, struct arena *a)
{
	size_t *folders = arena_array(a, choice->count, sizeof(*folders)), kept = 0;
	const struct index_part **all = arena_array(a, choice->count, sizeof(*all));

	if (choice->count == 0)
		return;
	memcpy(all, choice->parts, choice->count * sizeof(*all));
	for (size_t i = 0; i < choice->count; i++)
		folders[i] = path_common_folders(a, path, all[i]->path);
	for (size_t i = 0; i < choice->count; i++) {
		bool best = true;
		for (size_t j = 0; j < choice->count; j++)
			best &= all[j]->section != all[i]->section || folders[j] <= folders[i];
		if (best)
			choice->parts[kept++] = all[i];
	}
	choice->count = kept;
}

static struct choice new_choice(size_t most, struct arena *a)
{
	return (struct choice){.parts = arena_array(a, most, sizeof(const struct index_part *))};
}

/* By path; 'folded': as Windows compares paths, and of the same size. */
static bool pick_by_path(const struct match_query *query, const struct index_part *parts,
	size_t count, bool folded, struct match_verdict *verdict, struct arena *a)
{
	struct choice choice = new_choice(count, a);
	const char *ours = utf8_nfc(a, query->path);

	for (size_t i = 0; i < count; i++) {
		bool exact = strcmp(ours, utf8_nfc(a, parts[i].path)) == 0;
		if (!folded && exact)
			add_item(&choice, &parts[i]);
		if (folded && !exact && query->size > 0 && parts[i].size == query->size &&
			path_same(a, query->path, parts[i].path))
			add_item(&choice, &parts[i]);
	}
	return conclude(verdict, folded ? MATCH_PATH_FOLDED : MATCH_PATH, &choice, a);
}

static bool pick_by_size(const struct match_query *query, const struct index_part *parts,
	size_t count, struct match_verdict *verdict, struct arena *a)
{
	struct choice choice = new_choice(count, a), items = new_choice(count, a);

	if (query->inside || query->crowded || query->size <= 0)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (parts[i].size == query->size && same_name(a, query->path, &parts[i]))
			choice.parts[choice.count++] = &parts[i];
	}
	/* Of an item with several such parts the one that fits best counts. */
	break_ties(&choice, query->path, a);
	for (size_t i = 0; i < choice.count; i++)
		add_item(&items, choice.parts[i]);
	return conclude(verdict, MATCH_NAME_SIZE, &items, a);
}

/* Low: accepted only if the setting says so and there is exactly one. */
static void pick_by_name(const struct match_query *query, const struct index_part *parts,
	size_t count, struct match_verdict *verdict, struct arena *a)
{
	struct choice choice = new_choice(count, a);

	for (size_t i = 0; i < count; i++) {
		if (same_name(a, query->path, &parts[i]))
			add_item(&choice, &parts[i]);
	}
	if (choice.count == 0)
		return;
	verdict->parts = choice.parts;
	verdict->count = choice.count;
	verdict->answer = MATCH_AMBIGUOUS;
	if (query->accept_name && choice.count == 1) {
		verdict->answer = MATCH_FOUND;
		verdict->rule = MATCH_NAME;
	}
}

void match_pick(const struct match_query *query, const struct index_part *by_path,
	size_t path_count, const struct index_part *by_name, size_t name_count,
	struct match_verdict *verdict, struct arena *a)
{
	*verdict = (struct match_verdict){.answer = MATCH_ABSENT};
	if (pick_by_path(query, by_path, path_count, false, verdict, a) ||
		pick_by_path(query, by_path, path_count, true, verdict, a) ||
		pick_by_size(query, by_name, name_count, verdict, a))
		return;
	pick_by_name(query, by_name, name_count, verdict, a);
}
