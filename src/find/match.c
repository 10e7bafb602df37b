/* match.c - see match.h. The rules are those of the README, in their order. */
#include "find/match.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/utf8.h"

const char *match_rule_name(enum match_rule rule)
{
	static const char *const names[MATCH_RULES] = {
		"none", "path", "path_folded", "name_size", "name", "name_duration", "chosen"};

	return names[rule];
}

const char *match_confidence(enum match_rule rule)
{
	return rule == MATCH_NAME ? "low" : "high";
}

int match_strength(enum match_rule rule)
{
	static const int strengths[MATCH_RULES] = {[MATCH_PATH] = 5,
		[MATCH_PATH_FOLDED] = 4,
		[MATCH_NAME_SIZE] = 3,
		[MATCH_NAME_DURATION] = 2,
		[MATCH_NAME] = 1};

	return strengths[rule];
}

bool match_proves(enum match_rule by, enum match_rule rule)
{
	static const int classes[MATCH_RULES] = {[MATCH_PATH] = 3,
		[MATCH_PATH_FOLDED] = 3,
		[MATCH_NAME_SIZE] = 2,
		[MATCH_NAME_DURATION] = 2,
		[MATCH_NAME] = 1};

	return by != MATCH_NONE && classes[by] >= classes[rule];
}

/* --- evidence ------------------------------------------------------------- */

/* Stash and Plex measure with different tools, and round. */
#define SAME_WITHIN_MS 1000
/* Intros, trailers and test clips of a few seconds are often equally long. */
#define TELLING_MS 30000

bool match_same_size(int64_t one, int64_t two)
{
	return one > 0 && one == two;
}

static bool is_as_long(int64_t one, int64_t two)
{
	return one - two <= SAME_WITHIN_MS && two - one <= SAME_WITHIN_MS;
}

bool match_same_duration(int64_t one, int64_t two)
{
	return one >= TELLING_MS && two > 0 && is_as_long(one, two);
}

static bool lasts_otherwise(const struct match_query *query, const struct index_part *part)
{
	return query->duration_ms > 0 && part->duration_ms > 0 &&
	       !is_as_long(query->duration_ms, part->duration_ms);
}

bool match_is_another(const struct match_query *query, const struct index_part *part)
{
	return query->size > 0 && part->size > 0 && query->size != part->size &&
	       lasts_otherwise(query, part);
}

/* How much size and duration speak for a part; 0: not at all. What is not known speaks
 * neither for it nor against it. */
static size_t strength(const struct match_query *query, const struct index_part *part)
{
	if (match_same_size(query->size, part->size))
		return lasts_otherwise(query, part) ? 2 : 3;
	return match_same_duration(query->duration_ms, part->duration_ms) ? 1 : 0;
}

/* --- choices --------------------------------------------------------------- */

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

/* Leaves of each library only the parts with the highest score. */
static void keep_best(struct choice *choice, const size_t *score, struct arena *a)
{
	const struct index_part **all = arena_array(a, choice->count, sizeof(*all));
	size_t kept = 0;

	if (choice->count == 0)
		return;
	memcpy(all, choice->parts, choice->count * sizeof(*all));
	for (size_t i = 0; i < choice->count; i++) {
		bool best = true;
		for (size_t j = 0; j < choice->count; j++)
			best &= all[j]->section != all[i]->section || score[j] <= score[i];
		if (best)
			choice->parts[kept++] = all[i];
	}
	choice->count = kept;
}

static void keep_strongest(struct choice *choice, const struct match_query *query, struct arena *a)
{
	size_t *score = arena_array(a, choice->count, sizeof(*score));

	for (size_t i = 0; i < choice->count; i++)
		score[i] = strength(query, choice->parts[i]);
	keep_best(choice, score, a);
}

static void keep_nearest(struct choice *choice, const struct match_query *query, struct arena *a)
{
	size_t *score = arena_array(a, choice->count, sizeof(*score));

	for (size_t i = 0; i < choice->count; i++)
		score[i] = path_common_folders(a, query->path, choice->parts[i]->path);
	keep_best(choice, score, a);
}

/* One part per item, in place. */
static void merge_items(struct choice *choice)
{
	size_t count = choice->count;

	choice->count = 0;
	for (size_t i = 0; i < count; i++)
		add_item(choice, choice->parts[i]);
}

static struct choice new_choice(size_t most, struct arena *a)
{
	return (struct choice){.parts = arena_array(a, most, sizeof(const struct index_part *))};
}

static bool is_spelled(const char *path, const struct index_part *part, struct arena *a)
{
	return strcmp(utf8_nfc(a, path), utf8_nfc(a, part->path)) == 0;
}

/* Where one of the names is not UTF-8, others may look like it. */
static bool is_vague(const char *path, const struct index_part *part)
{
	static const char any[] = "\xef\xbf\xbd";

	return strstr(path, any) != NULL || strstr(part->path, any) != NULL;
}

/* How a part's path is spelled: as ours to the byte, otherwise composed, or, to a Windows server,
 * in another way that is the same file, whatever its size. */
enum spelling { SPELLED_OTHERWISE, SPELLED_FOLDED, SPELLED_NFC, SPELLED_SO };

static enum spelling spelling_of(
	const struct match_query *query, const struct index_part *part, struct arena *a)
{
	if (strcmp(query->path, part->path) == 0)
		return SPELLED_SO;
	if (is_spelled(query->path, part, a))
		return SPELLED_NFC;
	if (path_is_windows(part->path) && path_same(a, query->path, part->path) &&
		(!is_vague(query->path, part) || strength(query, part) > 0))
		return SPELLED_FOLDED;
	return SPELLED_OTHERWISE;
}

static void keep_spelled(struct choice *choice, const struct match_query *query, struct arena *a)
{
	size_t *score = arena_array(a, choice->count, sizeof(*score));

	for (size_t i = 0; i < choice->count; i++)
		score[i] = spelling_of(query, choice->parts[i], a);
	keep_best(choice, score, a);
}

static bool pick_by_path(const struct match_query *query, const struct index_part *parts,
	size_t count, struct match_verdict *verdict, struct arena *a)
{
	struct choice choice = new_choice(count, a);

	for (size_t i = 0; i < count; i++) {
		if (spelling_of(query, &parts[i], a) != SPELLED_OTHERWISE)
			choice.parts[choice.count++] = &parts[i];
	}
	keep_spelled(&choice, query, a);
	keep_strongest(&choice, query, a);
	merge_items(&choice);
	if (!conclude(verdict, MATCH_PATH_FOLDED, &choice, a))
		return false;
	for (size_t i = 0; i < verdict->count && verdict->answer == MATCH_FOUND; i++) {
		if (is_spelled(query->path, verdict->parts[i], a))
			verdict->rule = MATCH_PATH;
	}
	return true;
}

/* Elsewhere a path that differs in case alone is one that a mount or a copy spelled otherwise,
 * or another file: it takes evidence, and no other spelling beside it. So does a name that is
 * not UTF-8, which one side cannot say. */
static bool pick_by_case(const struct match_query *query, const struct index_part *parts,
	size_t count, struct match_verdict *verdict, struct arena *a)
{
	struct choice choice = new_choice(count, a);
	const char *ours = utf8_lower(a, query->path), *spelling = NULL;
	bool unique = true;

	for (size_t i = 0; i < count; i++) {
		bool same = strcmp(ours, utf8_lower(a, parts[i].path)) == 0;
		if (path_is_windows(parts[i].path) ||
			(!same && !path_same(a, query->path, parts[i].path)))
			continue;
		if (same) {
			unique &= spelling == NULL || is_spelled(spelling, &parts[i], a);
			spelling = parts[i].path;
		}
		if (strength(query, &parts[i]) > 0)
			choice.parts[choice.count++] = &parts[i];
	}
	if (unique)
		keep_strongest(&choice, query, a);
	merge_items(&choice);
	if (unique || choice.count == 0)
		return conclude(verdict, MATCH_PATH_FOLDED, &choice, a);
	verdict->parts = choice.parts;
	verdict->count = choice.count;
	verdict->answer = MATCH_AMBIGUOUS;
	return true;
}

static bool pick_by_evidence(const struct match_query *query, const struct index_part *parts,
	size_t count, struct match_verdict *verdict, struct arena *a)
{
	struct choice choice = new_choice(count, a);
	enum match_rule rule = MATCH_NAME_SIZE;

	if (query->inside || query->crowded)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (strength(query, &parts[i]) > 0 && same_name(a, query->path, &parts[i]))
			choice.parts[choice.count++] = &parts[i];
	}
	/* Of an item with several such parts the one that fits best counts. */
	keep_strongest(&choice, query, a);
	keep_nearest(&choice, query, a);
	merge_items(&choice);
	for (size_t i = 0; i < choice.count; i++) {
		if (!match_same_size(query->size, choice.parts[i]->size))
			rule = MATCH_NAME_DURATION;
	}
	return conclude(verdict, rule, &choice, a);
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
	if (pick_by_path(query, by_path, path_count, verdict, a) ||
		pick_by_case(query, by_path, path_count, verdict, a) ||
		pick_by_evidence(query, by_name, name_count, verdict, a))
		return;
	pick_by_name(query, by_name, name_count, verdict, a);
}
