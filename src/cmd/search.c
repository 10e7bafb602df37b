/*
 * search.c - items of Plex by words of their titles and paths.
 *
 * Plex is asked for the titles with the longest of the words, and the library index is looked
 * through for paths; every word has to be in one of the two. What the index found is read
 * from Plex, for today's title. Without Plex there are the index's paths alone, and of an item
 * that it cannot show, its path.
 */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/rows.h"
#include "base/utf8.h"
#include "cmd/cmd.h"
#include "find/chosen.h"
#include "plex/item.h"

#define USUAL_LIMIT 20
/* Titles with a word that are read from each library, to look for the others in them. */
#define TITLES 200
/* Items of one request. */
#define READ_ITEMS 50

struct hit {
	const char *key, *library, *title, *path;
	int64_t size, duration_ms;
	bool read; /* from Plex */
	bool left; /* Plex cannot show it */
};

struct search {
	const struct env *env;
	struct arena *arena;
	struct plex_time time;
	struct str_list words; /* folded */
	const char *longest;
	const char *library; /* its name or id; NULL: all that are in use */
	bool library_seen;
	size_t limit, n;
	struct hit *hits;
};

static bool is_wanted(struct search *search, int id, const char *title, const char *type)
{
	struct str_list one = {
		.v = (char *[]){arena_strdup(search->arena, search->library)}, .n = 1};
	struct settings only = {.libraries = one};
	bool wanted;

	if (search->library == NULL)
		return chosen_has(&search->env->use->s, id, title, type);
	wanted = chosen_has(&only, id, title, type);
	search->library_seen |= wanted;
	return wanted;
}

static struct hit *find_hit(struct search *search, const char *key)
{
	for (size_t i = 0; i < search->n; i++) {
		if (strcmp(search->hits[i].key, key) == 0)
			return &search->hits[i];
	}
	return NULL;
}

static void add_hit(struct search *search, const struct hit *hit)
{
	if (search->n < search->limit && find_hit(search, hit->key) == NULL)
		search->hits[search->n++] = *hit;
}

/* What Plex says of an item; one that lost its file, or is in the trash, is none. */
static bool hit_of(const struct item *item, const char *library, struct hit *hit)
{
	if (item->deleted || item->part_count == 0)
		return false;
	*hit = (struct hit){.key = item->rating_key,
		.library = library,
		.title = item->title,
		.path = item->parts[0].path,
		.size = item->parts[0].size,
		.duration_ms = item->duration_ms,
		.read = true};
	return true;
}

struct titles {
	struct search *search;
	const struct library *library;
	int64_t total; /* with the word; < 0: not known yet */
};

static bool ask_titles(void *what, size_t first, size_t count, size_t *done, struct err *err)
{
	struct titles *titles = what;
	struct search *search = titles->search;
	struct library_page page;
	struct hit hit;

	*done = 0;
	if (titles->total >= 0 && (int64_t)first >= titles->total)
		return true;
	if (!library_search(search->env->use->plex, titles->library, search->longest,
		    (int64_t)first, (unsigned)count, &search->time, &page, search->arena, err))
		return false;
	for (size_t i = 0; i < page.n; i++) {
		if (hit_of(&page.items[i], titles->library->title, &hit) &&
			utf8_has_words(search->arena,
				arena_printf(search->arena, "%s %s", hit.title, hit.path),
				&search->words))
			add_hit(search, &hit);
	}
	titles->total = page.total;
	*done = page.received;
	return true;
}

/* Whoever builds the index names it. */
static bool leave_title(void *what, size_t row, const struct err *why, struct err *err)
{
	(void)what;
	(void)row;
	(void)why;
	(void)err;
	return true;
}

static bool search_titles(struct search *search, const struct library *library, struct err *err)
{
	struct titles titles = {.search = search, .library = library, .total = -1};
	struct rows rows = {.what = &titles,
		.ask = ask_titles,
		.leave = leave_title,
		.end = TITLES,
		.most = TITLES,
		.must_read = true};

	return rows_walk(&rows, err);
}

/* False: Plex cannot be asked. */
static bool ask_plex(struct search *search, struct err *err)
{
	struct library_list libraries;
	bool done = true;

	if (!library_read(search->env->use->plex, &search->time, &libraries, search->arena, err))
		return false;
	for (size_t i = 0; done && i < libraries.n; i++) {
		const struct library *library = &libraries.v[i];
		if (library_item_type(library) != 0 &&
			is_wanted(search, library->id, library->title, library->type))
			done = search_titles(search, library, err);
	}
	return done;
}

static void search_section(
	struct search *search, struct txn *txn, const struct library_index *index, size_t at)
{
	const struct index_section *section = &index->sections[at];
	struct index_part *parts = arena_array(search->arena, search->limit, sizeof(*parts));
	size_t count;

	if (!is_wanted(search, section->id, section->title, section->type))
		return;
	count = library_index_search(
		txn, index, &search->words, section->id, parts, search->limit, search->arena);
	for (size_t i = 0; i < count; i++)
		add_hit(search, &(struct hit){.key = arena_printf(search->arena, "%lld",
						      (long long)parts[i].rating_key),
					.library = section->title,
					.title = "",
					.path = parts[i].path,
					.size = parts[i].size});
}

static void search_index(struct search *search)
{
	struct library_index index;
	struct txn txn;

	if (!state_begin_cache(search->env->state, &txn, TXN_READ))
		return;
	library_index_load(&txn, &index, search->arena);
	for (size_t i = 0; i < index.count; i++)
		search_section(search, &txn, &index, i);
	store_abort(&txn);
}

/* What the index found. */
struct unread {
	struct search *search;
	struct hit **hits;
};

static bool ask_hits(void *what, size_t first, size_t count, size_t *done, struct err *err)
{
	const struct unread *unread = what;
	struct search *search = unread->search;
	struct hit *const *hits = unread->hits + first;
	const char *keys[READ_ITEMS];
	enum lookup found[READ_ITEMS];
	struct item *items = arena_array(search->arena, count, sizeof(*items));

	*done = count;
	for (size_t i = 0; i < count; i++)
		keys[i] = hits[i]->key;
	if (!item_get_many(search->env->use->plex, keys, count, &search->time, found, items,
		    search->arena, err))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (found[i] == FOUND)
			hit_of(&items[i], hits[i]->library, hits[i]);
	}
	return true;
}

static bool leave_hit(void *what, size_t row, const struct err *why, struct err *err)
{
	const struct unread *unread = what;

	(void)why;
	(void)err;
	unread->hits[row]->left = true;
	return true;
}

/* What Plex does not have any more is no result. */
static bool read_hits(struct search *search, struct err *err)
{
	struct unread unread = {.search = search,
		.hits = arena_array(search->arena, search->n, sizeof(struct hit *))};
	struct rows rows = {
		.what = &unread, .ask = ask_hits, .leave = leave_hit, .most = READ_ITEMS};
	size_t kept = 0;

	for (size_t i = 0; i < search->n; i++) {
		if (!search->hits[i].read)
			unread.hits[rows.end++] = &search->hits[i];
	}
	if (!rows_walk(&rows, err))
		return false;
	for (size_t i = 0; i < search->n; i++) {
		if (search->hits[i].read || search->hits[i].left)
			search->hits[kept++] = search->hits[i];
	}
	search->n = kept;
	return true;
}

static void take_words(struct search *search, const char *text)
{
	search->words = str_split(search->arena, utf8_fold(search->arena, text), ' ');
	search->longest = "";
	for (size_t i = 0; i < search->words.n; i++) {
		if (strlen(search->words.v[i]) > strlen(search->longest))
			search->longest = search->words.v[i];
	}
}

static cJSON *hits_json(const struct search *search)
{
	cJSON *json = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(json, "items");

	for (size_t i = 0; i < search->n; i++) {
		const struct hit *hit = &search->hits[i];
		cJSON *row = cJSON_CreateObject();
		cJSON_AddStringToObject(row, "key", hit->key);
		cJSON_AddStringToObject(row, "library", hit->library);
		cJSON_AddStringToObject(row, "title", hit->title);
		cJSON_AddStringToObject(row, "path", log_path(hit->path));
		cJSON_AddNumberToObject(row, "size", (double)hit->size);
		cJSON_AddNumberToObject(row, "duration_s", (double)hit->duration_ms / 1000);
		cJSON_AddItemToArray(list, row);
	}
	return json;
}

bool cmd_search(const struct env *env, const struct input_args *request, struct cmd_answer *answer,
	struct err *err)
{
	struct search search = {.env = env,
		.arena = env->arena,
		.time = {.deadline_us = clock_us() + LIMIT_ANSWER_MS * 1000,
			.request_ms = LIMIT_REQUEST_MS},
		.library = request->library,
		.limit = request->limit > 0 ? (size_t)request->limit : USUAL_LIMIT};
	struct err away;
	bool asked;

	if (str_blank(request->text))
		return err_set(err, ERR_INPUT,
			"args.text is missing: words of a title or a path to look for");
	take_words(&search, request->text);
	search.hits = arena_array(env->arena, search.limit, sizeof(*search.hits));
	asked = ask_plex(&search, &away);
	search_index(&search);
	if (search.library != NULL && !search.library_seen)
		return asked ? err_set(err, ERR_INPUT,
				       "args.library: Plex has no video library \"%.100s\"",
				       search.library)
			     : (*err = away, false);
	if (!asked || !read_hits(&search, &away))
		log_warning("Only what the library index has is found: %s", away.text);
	answer->json = hits_json(&search);
	return true;
}
