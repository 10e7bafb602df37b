/*
 * fuzz_match.c - any candidates for a path: at most one item of each library,
 * and never by their order.
 */
#include "fuzz.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/path.h"
#include "find/match.h"

#define MOST ((size_t)12)

static struct index_part part_of(struct fuzz *in)
{
	uint8_t ids = fuzz_byte(in);

	return (struct index_part){.section = 1 + ids % 4,
		.rating_key = 1 + ids / 4 % 8,
		.size = fuzz_byte(in) % 4,
		.duration_ms = 15000 * (int64_t)(ids / 32),
		.first = ids & 0x80,
		.path = fuzz_line(in)};
}

static bool has(const struct match_verdict *verdict, const struct index_part *part)
{
	for (size_t i = 0; i < verdict->count; i++) {
		if (verdict->parts[i]->section == part->section &&
			verdict->parts[i]->rating_key == part->rating_key)
			return true;
	}
	return false;
}

/* No item without what its rule asks for. */
static void check_evidence(
	const struct match_query *query, enum match_rule rule, const struct index_part *part)
{
	bool size = query->size > 0 && part->size == query->size;
	bool duration = query->duration_ms >= 30000 && part->duration_ms > 0 &&
			llabs(part->duration_ms - query->duration_ms) <= 1000;

	if (rule == MATCH_PATH_FOLDED && !path_is_windows(part->path))
		assert(size || duration);
	if (rule == MATCH_NAME_SIZE)
		assert(size);
	if (rule == MATCH_NAME_DURATION)
		assert(size || duration);
	assert(!(size || duration) || !match_is_another(query, part));
}

static void check(const struct match_query *query, const struct match_verdict *verdict)
{
	assert((verdict->answer == MATCH_ABSENT) == (verdict->count == 0));
	assert((verdict->answer == MATCH_FOUND) == (verdict->rule != MATCH_NONE));
	if (verdict->answer != MATCH_FOUND)
		return;
	assert(verdict->count <= LIMIT_ITEMS);
	assert(verdict->rule != MATCH_NAME || (query->accept_name && verdict->count == 1));
	assert((verdict->rule != MATCH_NAME_SIZE && verdict->rule != MATCH_NAME_DURATION) ||
		!query->inside);
	for (size_t i = 0; i < verdict->count; i++) {
		for (size_t j = 0; j < i; j++)
			assert(verdict->parts[j]->section != verdict->parts[i]->section);
		check_evidence(query, verdict->rule, verdict->parts[i]);
	}
}

static void check_same(const struct match_verdict *one, const struct match_verdict *two)
{
	assert(one->answer == two->answer && one->rule == two->rule && one->count == two->count);
	for (size_t i = 0; i < one->count; i++)
		assert(has(two, one->parts[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct index_part parts[MOST], turned[MOST];
	struct match_verdict verdict, other;
	struct match_query query;
	struct arena a;
	struct fuzz in = {data, size, &a};
	size_t count = 0, by_path;
	uint8_t flags;

	arena_init(&a);
	flags = fuzz_byte(&in);
	query = (struct match_query){.size = flags % 4,
		.duration_ms = 15000 * (int64_t)(flags / 32),
		.inside = flags & 4,
		.accept_name = flags & 8,
		.path = fuzz_line(&in)};
	while (count < MOST && in.left > 0)
		parts[count++] = part_of(&in);
	for (size_t i = 0; i < count; i++)
		turned[i] = parts[count - 1 - i];
	by_path = flags & 16 ? count : 0;
	match_pick(&query, parts, by_path, parts, count, &verdict, &a);
	check(&query, &verdict);
	match_pick(&query, turned, by_path, turned, count, &other, &a);
	check_same(&verdict, &other);
	arena_clear(&a);
	return 0;
}
