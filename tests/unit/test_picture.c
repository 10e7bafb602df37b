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
#define picture_sha1	 tested_sha1
#define picture_key	 tested_key
#define picture_same	 tested_same
#define picture_selected tested_selected
#define picture_find	 tested_find
#define picture_upload	 tested_upload
#define picture_select	 tested_select
#define picture_wrong	 tested_wrong
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

/* What is uploaded has the same bytes under any path. */
static void test_same(void **state)
{
	static const struct {
		const char *name, *key, *other;
		bool want;
	} rows[] = {
		{"the same key", "media://a/b.jpg", "media://a/b.jpg", true},
		{"another one", "media://a/b.jpg", "media://c/b.jpg", false},
		{"an upload", "upload://posters/" SHA, "upload://posters/" SHA, true},
		{"of an episode", "upload://posters/" SHA,
			"upload://posters/seasons/1/episodes/2/" SHA, true},
		{"of another kind", "upload://arts/" SHA, "upload://art/" SHA, true},
		{"of other bytes", "upload://posters/" SHA, "upload://posters/0", false},
		{"not uploaded", "upload://posters/" SHA, "media://posters/" SHA, false},
		{"without a name", "upload://posters/", "upload://arts/", false},
		{"none", "", "", true},
		{"none, and an upload", "", "upload://posters/" SHA, false},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		ok &= row_int(rows[i].name, tested_same(rows[i].key, rows[i].other), rows[i].want);
		ok &= row_int(rows[i].name, tested_same(rows[i].other, rows[i].key), rows[i].want);
	}
	assert_true(ok);
	assert_string_equal(tested_key(PICTURE_BACKGROUND, SHA, &arena), "upload://arts/" SHA);
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
	assert_string_equal(tested_sha1("upload://art/" SHA), SHA);
	assert_string_equal(tested_sha1("media://d/a/" SHA), "");
	assert_string_equal(tested_sha1(""), "");
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

/* Each row's text, with its NULs, and what it is; NULL: it goes to Plex. */
static void test_first_bytes(void **state)
{
#define ROW(bytes, kind)                                                                           \
	{                                                                                          \
		bytes, sizeof(bytes) - 1, kind                                                     \
	}
	static const struct {
		const char *bytes;
		size_t len;
		const char *kind;
	} rows[] = {
		ROW("\xff\xd8\xff\xe0\0\x10JFIF", NULL),
		ROW("\xff\xd8\xff", NULL),
		ROW("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", NULL),
		ROW("RIFF\x24\0\0\0WEBPVP8X", NULL),
		ROW("", "empty"),
		ROW("\xff\xd8", "of an unknown kind (it begins with ff d8)"),
		ROW("\x89PNG\n", "of an unknown kind (it begins with 89 50 4e 47 0a)"),
		ROW("RIFF\x24\0\0\0WAVEfmt ",
			"of an unknown kind (it begins with 52 49 46 46 24 00 00 00)"),
		ROW("RIFF", "of an unknown kind (it begins with 52 49 46 46)"),
		ROW("GIF89a", "a GIF"),
		ROW("GIF87a\1\0", "a GIF"),
		ROW("\0\0\0\x1c"
		    "ftypavif\0\0\0\0",
			"an AVIF picture"),
		ROW("\0\0\0\x2c"
		    "ftypavis\0\0\0\0",
			"an AVIF picture"),
		ROW("\0\0\0\x18"
		    "ftypheic",
			"an HEIC picture"),
		ROW("\0\0\0\x18"
		    "ftyphevc",
			"an HEIC picture"),
		ROW("\0\0\0\x18"
		    "ftypmif1",
			"an HEIC or AVIF picture"),
		ROW("\0\0\0\x18"
		    "ftypisom",
			"a video"),
		ROW("\x1a\x45\xdf\xa3\x9f", "a video"),
		ROW("\xff\x0a\x7f", "a JPEG XL picture"),
		ROW("\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL picture"),
		ROW("\0\0\0\x0cjP  \r\n\x87\n", "a JPEG 2000 picture"),
		ROW("BM6\0\0\0", "a BMP picture"),
		ROW("II*\0\x08", "a TIFF picture"),
		ROW("MM\0*\0\0", "a TIFF picture"),
		ROW("\0\0\1\0\1\0", "an icon"),
		ROW("<!DOCTYPE html><html>", "an HTML page"),
		ROW(" \r\n<!doctype HTML PUBLIC>", "an HTML page"),
		ROW("\xef\xbb\xbf<Html>", "an HTML page"),
		ROW("<svg xmlns=''/>", "an SVG drawing"),
		ROW("<?xml version='1.0'?><svg/>", "an XML document"),
		ROW("{\"errors\":[]}", "a JSON document"),
		ROW("Not Found\n", "of an unknown kind (it begins with 4e 6f 74 20 46 6f 75 6e)"),
		ROW("\0\0\0\0", "of an unknown kind (it begins with 00 00 00 00)"),
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		/* A copy of just these bytes, so that a read beyond them is found. */
		char *copy = malloc(rows[i].len > 0 ? rows[i].len : 1);
		assert_non_null(copy);
		memcpy(copy, rows[i].bytes, rows[i].len);
		ok &= row_text(rows[i].kind ? rows[i].kind : rows[i].bytes,
			tested_wrong(copy, rows[i].len, &arena), rows[i].kind);
		free(copy);
	}
	assert_true(ok);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_read, setup, teardown),
		cmocka_unit_test_setup_teardown(test_same, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_read_asks_for_one_kind_of_one_item, setup, teardown),
		cmocka_unit_test_setup_teardown(test_which_is_ours, setup, teardown),
		cmocka_unit_test_setup_teardown(test_find_and_selected, setup, teardown),
		cmocka_unit_test_setup_teardown(test_upload, setup, teardown),
		cmocka_unit_test_setup_teardown(test_select, setup, teardown),
		cmocka_unit_test_setup_teardown(test_first_bytes, setup, teardown),
	};

	return cmocka_run_group_tests_name("picture", tests, NULL, NULL);
}
