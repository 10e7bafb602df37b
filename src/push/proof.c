#include "push/proof.h"

#include <string.h>

#include "base/path.h"

/* The rule that says that the part is the file. */
static enum match_rule rule_of(const struct item_part *part, const struct scene_file *file,
	const char *mapped, bool accept_name, struct arena *a)
{
	struct match_query query = {.path = mapped,
		.size = file->size,
		.duration_ms = file->duration_ms,
		.accept_name = accept_name};
	struct index_part row = {.path = part->path,
		.size = part->size,
		.duration_ms = part->duration_ms,
		.rating_key = 1};
	struct match_verdict verdict;

	match_pick(&query, &row, 1, &row, 1, &verdict, a);
	return verdict.answer == MATCH_FOUND ? verdict.rule : MATCH_NONE;
}

const struct item_part *proof_part(const struct item *item, const struct scene_file *file,
	const char *mapped, enum match_rule rule, struct arena *a)
{
	if (rule == MATCH_CHOSEN)
		return item->part_count > 0 ? &item->parts[0] : NULL;
	for (size_t i = 0; i < item->part_count; i++) {
		const struct item_part *part = &item->parts[i];
		if (match_proves(rule_of(part, file, mapped, rule == MATCH_NAME, a), rule))
			return part;
	}
	return NULL;
}

enum match_rule proof_first(const struct item *item, const struct scene_file *primary,
	const char *mapped, struct arena *a)
{
	for (size_t i = 0; i < item->part_count; i++) {
		if (item->parts[i].first)
			return rule_of(&item->parts[i], primary, mapped, true, a);
	}
	return MATCH_NONE;
}

bool proof_is_another(const struct item_part *part, const struct scene_file *file)
{
	struct match_query query = {.size = file->size, .duration_ms = file->duration_ms};
	struct index_part row = {.size = part->size, .duration_ms = part->duration_ms};

	return match_is_another(&query, &row);
}

bool proof_can_play(const struct scene *scene, const struct item *item)
{
	for (size_t f = 0; f < scene->file_count; f++) {
		struct digest name = path_name_digest(scene->files[f].path);
		for (size_t p = 0; p < item->part_count; p++) {
			struct digest part = path_name_digest(item->parts[p].path);
			if (memcmp(&name, &part, sizeof(name)) == 0)
				return true;
		}
	}
	return false;
}
