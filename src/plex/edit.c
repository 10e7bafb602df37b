#include "plex/edit.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "http/http.h"

static void add_pair(struct str *query, const char *key, const char *value, struct arena *a)
{
	str_addf(query, "&%s=%s", key, http_escape(a, value));
}

static void add_named(
	struct str *query, const struct edit_change *change, size_t i, struct arena *a)
{
	const struct item_role *name = &change->names[i];
	const char *key = arena_printf(a, "%s%%5B%zu%%5D", change->name, i);

	add_pair(query, arena_printf(a, "%s.tag.tag", key), name->name, a);
	if (name->role != NULL)
		add_pair(query, arena_printf(a, "%s.tagging.text", key), name->role, a);
	if (name->thumb != NULL)
		add_pair(query, arena_printf(a, "%s.tag.thumb", key), name->thumb, a);
	if (name->tag_key != NULL)
		add_pair(query, arena_printf(a, "%s.tag.tagKey", key), name->tag_key, a);
}

/* A list of names in one value: each is escaped, and the joined list is escaped again, so a
 * comma in a name survives. */
static void add_removals(struct str *query, const struct edit_change *change, struct arena *a)
{
	struct str list;

	if (change->remove.n == 0)
		return;
	str_init(&list, a);
	for (size_t i = 0; i < change->remove.n; i++)
		str_addf(&list, "%s%s", i > 0 ? "," : "", http_escape(a, change->remove.v[i]));
	add_pair(query, arena_printf(a, "%s%%5B%%5D.tag.tag-", change->name), list.s, a);
}

static char *change_query(const struct edit_change *change, struct arena *a)
{
	struct str query;

	str_init(&query, a);
	if (change->text != NULL) {
		add_pair(&query, arena_printf(a, "%s.value", change->name), change->text, a);
	} else {
		for (size_t i = 0; i < change->name_count; i++)
			add_named(&query, change, i, a);
		add_removals(&query, change, a);
	}
	str_addf(&query, "&%s.locked=%d", change->name, !change->unlock);
	return query.s;
}

const char *edit_path(int section, int type, const char *const *rating_keys, size_t count,
	const char *query, struct arena *a)
{
	struct str path;
	bool ok = count > 0 && section > 0 && type > 0;
	int64_t key;

	str_init(&path, a);
	str_addf(&path, "/library/sections/%d/all?type=%d&id=", section, type);
	for (size_t i = 0; i < count; i++) {
		ok = ok && str_number(rating_keys[i], &key);
		str_addf(&path, "%s%s", i > 0 ? "," : "", ok ? rating_keys[i] : "");
	}
	str_add(&path, query);
	if (!ok) { /* not an assert, which a build may leave out */
		log_error("An edit that names no item would change the whole library: this is a "
			  "bug in PlexSync, and nothing is written");
		abort();
	}
	return path.s;
}

const char *edit_query(const struct edit *edit, struct arena *a)
{
	struct str query;

	str_init(&query, a);
	for (size_t i = 0; i < edit->count; i++)
		str_add(&query, change_query(&edit->changes[i], a));
	return query.s;
}

size_t edit_build(
	const struct edit *edit, size_t origin_len, struct edit_request **out, struct arena *a)
{
	const char *start = edit_path(edit->section, edit->type, &edit->rating_key, 1, "", a);
	size_t room = LIMIT_URL_BYTES - origin_len - strlen(start), shared = 0, n = 0;
	char **queries = arena_array(a, edit->count, sizeof(*queries));
	struct edit_request *requests = arena_array(a, edit->count, sizeof(*requests));
	struct str path;

	for (size_t i = 0; i < edit->count; i++) {
		queries[i] = change_query(&edit->changes[i], a);
		if (strlen(queries[i]) > room)
			continue;
		if (n == 0 || shared + strlen(queries[i]) > room) {
			str_init(&path, a);
			str_add(&path, start);
			shared = 0;
			n++;
		}
		str_add(&path, queries[i]);
		shared += strlen(queries[i]);
		requests[n - 1].path = path.s;
		requests[n - 1].fields |= edit->changes[i].fields;
	}
	for (size_t i = 0; i < edit->count; i++) {
		if (strlen(queries[i]) <= room)
			continue;
		requests[n].path = arena_printf(a, "%s%s", start, queries[i]);
		requests[n].fields = edit->changes[i].fields;
		requests[n++].long_value = true;
	}
	*out = requests;
	return n;
}
