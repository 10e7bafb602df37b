/*
 * test_picture.c - the lists of pictures as Plex may answer them, and what is sent
 * to upload and to select one.
 *
 * picture.c is compiled into this test with the requests to Plex replaced: what is
 * read is a text of the test, what is sent is kept.
 */
#include "helpers.h"

#define plex_get	 canned_get
#define plex_send	 canned_send
#define picture_read	 tested_read
#define picture_is	 tested_is
#define picture_selected tested_selected
#define picture_find	 tested_find
#define picture_upload	 tested_upload
#define picture_select	 tested_select
#include "plex/picture.c"

#define SHA "da39a3ee5e6b4b0d3255bfef95601890afd80709"

static struct arena arena;
static const char *answer; /* the list that is there; NULL: Plex fails */
static char asked[512];	   /* the last path */
static const void *sent;
static size_t sent_len;

const cJSON *canned_get(struct plex *plex, enum plex_scope scope, const char *path,
	const struct plex_time *time, cJSON **root, struct err *err)
{
	(void)plex;
	(void)time;
	assert_int_equal(scope, PLEX_ITEM);
	snprintf(asked, sizeof(asked), "GET %s", path);
	*root = answer ? json_parse(answer, strlen(answer), err) : NULL;
	if (*root == NULL)
		err_set(err, ERR_SERVER, "down");
	return json_get(*root, "MediaContainer");
}

bool canned_send(struct plex *plex, const char *method, const char *path, const void *body,
	size_t len, const struct plex_time *time, struct err *err)
{
	(void)plex;
	(void)time;
	snprintf(asked, sizeof(asked), "%s %s", method, path);
	sent = body;
	sent_len = len;
	return answer != NULL || err_set(err, ERR_LATER, "refused");
}

static int setup(void **state)
{
	(void)state;
	arena_init(&arena);
	answer = "{}";
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_clear(&arena);
	return 0;
}

/* "key, *key": the star is on the selected ones. */
static const char *told(const struct picture_list *list)
{
	struct str text;

	str_init(&text, &arena);
	for (size_t i = 0; i < list->n; i++)
		str_addf(&text, "%s%s%s", i > 0 ? ", " : "", list->v[i].selected ? "*" : "",
			list->v[i].key);
	return text.s ? text.s : "";
}

static void test_read(void **state)
{
	static const struct {
		const char *name, *answer, *list;
	} rows[] = {
		{"none", "{\"MediaContainer\":{\"size\":0}}", ""},
		{"an empty list", "{\"MediaContainer\":{\"Metadata\":[]}}", ""},
		{"one", "{\"MediaContainer\":{\"Metadata\":[{\"ratingKey\":\"a\"}]}}", "a"},
		{"selected",
			"{\"MediaContainer\":{\"Metadata\":[{\"ratingKey\":\"a\",\"selected\":"
			"false},{\"ratingKey\":\"b\",\"selected\":true}]}}",
			"a, *b"},
		{"as numbers",
			"{\"MediaContainer\":{\"Metadata\":[{\"ratingKey\":\"a\",\"selected\":1},"
			"{\"ratingKey\":\"b\",\"selected\":0}]}}",
			"*a, b"},
		{"as texts",
			"{\"MediaContainer\":{\"Metadata\":[{\"ratingKey\":\"a\",\"selected\":"
			"\"1\"},{\"ratingKey\":\"b\",\"selected\":\"0\"}]}}",
			"*a, b"},
		{"under its other name",
			"{\"MediaContainer\":{\"Photo\":[{\"ratingKey\":\"a\",\"selected\":1}]}}",
			"*a"},
		{"without a key", "{\"MediaContainer\":{\"Metadata\":[{\"key\":\"x\"},{}]}}", ""},
		{"keys of other kinds",
			"{\"MediaContainer\":{\"Metadata\":[{\"ratingKey\":[]},{\"ratingKey\":"
			"null},{\"ratingKey\":\"a\"}]}}",
			"a"},
		{"no list", "{\"MediaContainer\":{\"Metadata\":{\"ratingKey\":\"a\"}}}", ""},
		{"no objects", "{\"MediaContainer\":{\"Metadata\":[1,null,\"x\",[]]}}", ""},
		{"selected in no way",
			"{\"MediaContainer\":{\"Metadata\":[{\"ratingKey\":\"a\",\"selected\":"
			"{}}]}}",
			"a"},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct picture_list list;
		struct err err;
		answer = rows[i].answer;
		ok &= row_true(rows[i].name,
			tested_read(NULL, "55", PICTURE_POSTER, NULL, &list, &arena, &err));
		ok &= row_text(rows[i].name, told(&list), rows[i].list);
	}
	assert_true(ok);
}

static void test_read_asks_for_one_kind_of_one_item(void **state)
{
	struct picture_list list;
	struct err err;

	(void)state;
	answer = "{\"MediaContainer\":{}}";
	tested_read(NULL, "55", PICTURE_POSTER, NULL, &list, &arena, &err);
	assert_string_equal(asked, "GET /library/metadata/55/posters");
	tested_read(NULL, "7", PICTURE_BACKGROUND, NULL, &list, &arena, &err);
	assert_string_equal(asked, "GET /library/metadata/7/arts");
	answer = NULL;
	assert_false(tested_read(NULL, "7", PICTURE_POSTER, NULL, &list, &arena, &err));
	assert_int_equal(err.kind, ERR_SERVER);
	assert_int_equal(list.n, 0);
}

static void test_which_is_ours(void **state)
{
	static const struct {
		const char *key, *sha1;
		bool ours;
	} rows[] = {
		{"upload://posters/" SHA, SHA, true},
		{"upload://art/" SHA, SHA, true},
		{"upload://posters/seasons/1/episodes/12/" SHA, SHA, true},
		{"upload://" SHA, SHA, true},
		{"upload://posters/" SHA "0", SHA, false},
		{"upload://posters/0" SHA, SHA, false},
		{"upload://posters/" SHA "/more", SHA, false},
		{"upload://posters/", SHA, false},
		{"upload://posters/", "", false}, /* no cover is nobody's picture */
		{"upload://", "", false},
		{"media://d/a/" SHA, SHA, false},
		{"metadata://posters/" SHA, SHA, false},
		{SHA, SHA, false},
		{"", SHA, false},
		{"", "", false},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct picture picture = {.key = rows[i].key};
		ok &= row_int(rows[i].key, tested_is(&picture, rows[i].sha1), rows[i].ours);
	}
	assert_true(ok);
}

static void test_find_and_selected(void **state)
{
	struct picture pictures[] = {{"media://a", false}, {"upload://posters/" SHA, false},
		{"media://b", true}, {"media://c", true}};
	struct picture_list list = {pictures, ROWS(pictures)}, none = {NULL, 0};

	(void)state;
	assert_ptr_equal(tested_find(&list, SHA), &pictures[1]);
	assert_null(tested_find(&list, "0000"));
	assert_null(tested_find(&list, ""));
	assert_null(tested_find(&none, SHA));
	assert_ptr_equal(tested_selected(&list), &pictures[2]);
	assert_null(tested_selected(&none));
	pictures[2].selected = pictures[3].selected = false;
	assert_null(tested_selected(&list));
}

static void test_upload(void **state)
{
	static const char bytes[] = "\xff\xd8\xff\0more";
	struct err err;

	(void)state;
	assert_true(tested_upload(NULL, "55", PICTURE_POSTER, bytes, sizeof(bytes), NULL, &err));
	assert_string_equal(asked, "POST /library/metadata/55/posters");
	assert_ptr_equal(sent, bytes);
	assert_int_equal(sent_len, sizeof(bytes));
	assert_true(tested_upload(NULL, "55", PICTURE_BACKGROUND, bytes, 1, NULL, &err));
	assert_string_equal(asked, "POST /library/metadata/55/arts");
	answer = NULL;
	assert_false(tested_upload(NULL, "55", PICTURE_POSTER, bytes, 1, NULL, &err));
	assert_int_equal(err.kind, ERR_LATER);
}

static void test_select(void **state)
{
	struct err err;

	(void)state;
	assert_true(
		tested_select(NULL, "55", PICTURE_POSTER, "upload://posters/a b&c", NULL, &err));
	assert_string_equal(
		asked, "PUT /library/metadata/55/poster?url=upload%3A%2F%2Fposters%2Fa%20b%26c");
	assert_true(tested_select(NULL, "55", PICTURE_BACKGROUND, "x", NULL, &err));
	assert_string_equal(asked, "PUT /library/metadata/55/art?url=x");
	answer = NULL;
	assert_false(tested_select(NULL, "55", PICTURE_POSTER, "x", NULL, &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_read, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_read_asks_for_one_kind_of_one_item, setup, teardown),
		cmocka_unit_test_setup_teardown(test_which_is_ours, setup, teardown),
		cmocka_unit_test_setup_teardown(test_find_and_selected, setup, teardown),
		cmocka_unit_test_setup_teardown(test_upload, setup, teardown),
		cmocka_unit_test_setup_teardown(test_select, setup, teardown),
	};

	return cmocka_run_group_tests_name("picture", tests, NULL, NULL);
}
