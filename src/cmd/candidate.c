#include "cmd/candidate.h"

#include "base/log.h"
#include "base/path.h"
#include "find/match.h"

static void say(cJSON *list, const char *text)
{
	cJSON_AddItemToArray(list, cJSON_CreateString(text));
}

static void weigh_path(
	cJSON *pro, cJSON *con, const char *ours, const char *theirs, struct arena *a)
{
	size_t folders = path_common_folders(a, ours, theirs);

	if (path_same(a, ours, theirs)) {
		say(pro, "the same path");
		return;
	}
	say(pro, folders == 0	? "the same file name"
		 : folders == 1 ? "the same file name, in a folder of the same name"
				: arena_printf(a, "the same file name, and %zu equal folders above",
					  folders));
	say(con, folders == 0 ? "in another folder" : "further up the path differs");
}

/* What is not known says nothing. */
static void weigh_size(cJSON *pro, cJSON *con, int64_t ours, int64_t theirs, struct arena *a)
{
	if (ours == 0 || theirs == 0)
		return;
	if (match_same_size(ours, theirs))
		say(pro, "the same size");
	else
		say(con, arena_printf(a, "another size: %lld bytes in Stash, %lld in Plex",
				 (long long)ours, (long long)theirs));
}

static void weigh_duration(cJSON *pro, cJSON *con, int64_t ours, int64_t theirs, struct arena *a)
{
	if (ours == 0 || theirs == 0)
		return;
	if (match_same_duration(ours, theirs))
		say(pro, "the same duration");
	else if (match_same_duration(ours, ours) && match_same_duration(theirs, theirs))
		say(con, arena_printf(a, "another duration: %.1f s in Stash, %.1f s in Plex",
				 (double)ours / 1000, (double)theirs / 1000));
}

cJSON *candidate_json(const struct library_index *index, const struct index_part *part,
	const struct scene_file *file, const char *mapped, struct arena *a)
{
	const struct index_section *section = library_index_section(index, part->section);
	cJSON *row = cJSON_CreateObject(), *pro, *con;

	cJSON_AddStringToObject(row, "key", arena_printf(a, "%lld", (long long)part->rating_key));
	cJSON_AddStringToObject(row, "library", section ? section->title : "");
	cJSON_AddStringToObject(row, "path", log_path(part->path));
	cJSON_AddNumberToObject(row, "size", (double)part->size);
	cJSON_AddNumberToObject(row, "duration_s", (double)part->duration_ms / 1000);
	pro = cJSON_AddArrayToObject(row, "for");
	con = cJSON_AddArrayToObject(row, "against");
	weigh_path(pro, con, mapped, part->path, a);
	weigh_size(pro, con, file->size, part->size, a);
	weigh_duration(pro, con, file->duration_ms, part->duration_ms, a);
	return row;
}
