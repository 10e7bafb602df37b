/*
 * fuzz_pages.c - any bytes in place of what Stash answers to "a page of scenes" or to "these
 * scenes", or of what Plex answers to "the pictures of an item": the first byte says which.
 *
 * Both modules are compiled into the target with their requests replaced.
 */
#include "fuzz.h"

#define http_send	  canned_send
#define stash_open	  fuzzed_open
#define stash_close	  fuzzed_close
#define stash_lacking	  fuzzed_lacking
#define stash_try_all	  fuzzed_try_all
#define stash_read	  fuzzed_read
#define stash_read_many	  fuzzed_read_many
#define stash_list	  fuzzed_list
#define stash_list_begin  fuzzed_list_begin
#define stash_list_end	  fuzzed_list_end
#define stash_list_drop	  fuzzed_list_drop
#define stash_read_cover  fuzzed_read_cover
#define stash_run_task	  fuzzed_run_task
#define stash_find_job	  fuzzed_find_job
#define stash_set_lacking fuzzed_set_lacking
#define stash_ask	  fuzzed_ask
#define stash_ask_either  fuzzed_ask_either
#define stash_cover_path  fuzzed_cover_path
#include "stash/stash.c"

#define plex_get	 canned_get
#define picture_read	 fuzzed_picture_read
#define picture_is	 fuzzed_picture_is
#define picture_sha1	 fuzzed_picture_sha1
#define picture_key	 fuzzed_picture_key
#define picture_same	 fuzzed_picture_same
#define picture_selected fuzzed_picture_selected
#define picture_find	 fuzzed_picture_find
#define picture_wrong	 fuzzed_picture_wrong
#define picture_upload	 fuzzed_picture_upload
#define picture_select	 fuzzed_picture_select
#include "plex/picture.c"

#include "push/values.h"

static const char *body; /* what is answered, whatever is asked */
static size_t body_len;

bool canned_send(struct http *http, const struct http_request *request,
	struct http_response *response, struct arena *a, struct err *err)
{
	(void)http;
	(void)err;
	assert(request->body_len > 0);
	*response = (struct http_response){
		.status = 200, .body = arena_strndup(a, body, body_len), .len = body_len};
	return true;
}

const cJSON *canned_get(struct plex *plex, enum plex_scope scope, const char *path,
	const struct plex_time *time, cJSON **root, struct err *err)
{
	(void)plex;
	(void)scope;
	(void)path;
	(void)time;
	*root = json_parse(body, body_len, err);
	if (cJSON_IsObject(json_get(*root, "MediaContainer")))
		return json_get(*root, "MediaContainer");
	cJSON_Delete(*root);
	*root = NULL;
	return NULL;
}

static void check_scene(const struct scene *scene, struct arena *a)
{
	struct settings settings = {.skip_tag = ""};
	struct fields fields;

	assert(scene->updated != NULL);
	values_of_scene(scene, &settings, NULL, &fields, a);
	values_digest(&fields, scene, 1);
}

static void check_page(const struct stash_page *page, struct arena *a)
{
	assert(page->count >= 0);
	for (size_t i = 0; i < page->n; i++) {
		const struct scene *scene = &page->scenes[i];
		assert(scene->id > 0 && scene->id <= page->last);
		if (scene->title != NULL) /* of nonsense only the id is known */
			check_scene(scene, a);
	}
}

static void try_page(struct arena *a)
{
	struct input_connection connection = {.url = "http://127.0.0.1:9"};
	struct stash *stash = fuzzed_open(&connection);
	struct stash_page page;
	struct err err = {0};

	if (fuzzed_list(stash,
		    &(struct stash_which){
			    .noun = NOUN_TAG, .id = 7, .after = 200, .most = LIMIT_SCENE_PAGE},
		    (struct stash_time){.ms = 1}, &page, a, &err))
		check_page(&page, a);
	else
		assert(err.kind != ERR_NONE && err.text[0] != '\0');
	fuzzed_close(stash);
}

static void try_many(struct arena *a)
{
	static const int64_t ids[] = {45, 46, 47};
	struct input_connection connection = {.url = "http://127.0.0.1:9"};
	struct stash *stash = fuzzed_open(&connection);
	enum lookup found[3];
	struct scene scenes[3];
	struct settings settings;
	struct err err = {0};

	if (!fuzzed_read_many(stash, ids, 3, (struct stash_time){.ms = 1}, found, scenes, &settings,
		    a, &err)) {
		assert(err.kind != ERR_NONE && err.text[0] != '\0');
	} else {
		for (size_t i = 0; i < 3; i++) {
			if (found[i] == FOUND)
				check_scene(&scenes[i], a);
		}
	}
	fuzzed_close(stash);
}

static void try_pictures(struct arena *a)
{
	struct picture_list list;
	struct err err;

	if (!fuzzed_picture_read(NULL, "55", PICTURE_POSTER, NULL, &list, a, &err))
		return;
	for (size_t i = 0; i < list.n; i++) {
		const char *last = strrchr(list.v[i].key, '/');
		if (fuzzed_picture_is(&list.v[i], last ? last + 1 : ""))
			assert(fuzzed_picture_find(&list, last + 1) <= &list.v[i]);
		assert(!fuzzed_picture_is(&list.v[i], ""));
	}
	assert(fuzzed_picture_selected(&list) == NULL || fuzzed_picture_selected(&list)->selected);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	char *text;

	if (size == 0)
		return 0;
	arena_init(&a);
	text = fuzz_text(data + 1, size - 1);
	body = text;
	body_len = size - 1;
	if (*data == 'p')
		try_pictures(&a);
	else if (*data == 'm')
		try_many(&a);
	else
		try_page(&a);
	free(text);
	arena_clear(&a);
	return 0;
}
