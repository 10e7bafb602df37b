/*
 * test_edit.c - the requests that change an item, byte by byte: what
 * python-plexapi sends is what real servers are known to take; and how changes
 * are split so that no URL is too long.
 */
#include "arena_open.h"

/* As some distributions build it: what guards the library must not depend on that. */
#define NDEBUG
#define edit_build edit_build_without_asserts
#define edit_query edit_query_without_asserts
#define edit_path  edit_path_without_asserts
#include "plex/edit.c" /* NOLINT(bugprone-suspicious-include) */
#undef edit_build
#undef edit_query
#undef edit_path
size_t edit_build(
	const struct edit *edit, size_t origin_len, struct edit_request **out, struct arena *a);
const char *edit_query(const struct edit *edit, struct arena *a);
const char *edit_path(int section, int type, const char *const *rating_keys, size_t count,
	const char *query, struct arena *a);

#include "base/limits.h"
#include "base/str.h"
#include "plex/edit.h"

#define START "/library/sections/3/all?type=1&id=101"

static size_t build(const struct edit_change *changes, size_t count, size_t origin_len,
	struct edit_request **out)
{
	struct edit edit = {
		.section = 3, .type = 1, .rating_key = "101", .changes = changes, .count = count};

	return edit_build(&edit, origin_len, out, &arena);
}

static struct str_list list(const char *names)
{
	return str_split(&arena, names, '|');
}

/* A whole set from "A|B". */
static struct edit_change set_of(const char *name, const char *names, const char *remove)
{
	struct str_list all = list(names);
	struct item_role *roles = arena_array(&arena, all.n, sizeof(*roles));

	for (size_t i = 0; i < all.n; i++)
		roles[i].name = all.v[i];
	return (struct edit_change){
		.name = name, .names = roles, .name_count = all.n, .remove = list(remove)};
}

static int run_without_asserts(struct child *parent, void *arg)
{
	struct edit_request *out;

	(void)parent;
	close(STDERR_FILENO);
	edit_build_without_asserts(arg, 30, &out, &arena);
	return 0;
}

static void test_an_edit_always_names_its_item(void **state)
{
	static const struct edit_change change = {.name = "title", .text = "Low Tide"};
	static const struct {
		const char *name;
		struct edit edit;
		int end;
	} rows[] = {
		{"good", {3, 1, "101", &change, 1}, 0},
		{"no id", {3, 1, NULL, &change, 1}, 1000 + SIGABRT},
		{"an empty id", {3, 1, "", &change, 1}, 1000 + SIGABRT},
		{"several ids", {3, 1, "101,102", &change, 1}, 1000 + SIGABRT},
		{"no library", {0, 1, "101", &change, 1}, 1000 + SIGABRT},
		{"no type", {3, 0, "101", &change, 1}, 1000 + SIGABRT},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct edit edit = rows[i].edit;
		ok &= row_int(rows[i].name, child_run(run_without_asserts, &edit), rows[i].end);
	}
	assert_true(ok);
}

struct several {
	const char *name;
	const char *keys[3];
	size_t count;
	int end;
};

static int run_several(struct child *parent, void *arg)
{
	const struct several *row = arg;

	(void)parent;
	close(STDERR_FILENO);
	edit_path_without_asserts(3, 1, row->keys, row->count, "&title.locked=1", &arena);
	return 0;
}

static void test_an_edit_of_several_names_each(void **state)
{
	static const struct several rows[] = {
		{"three", {"101", "102", "103"}, 3, 0},
		{"none", {"101"}, 0, 1000 + SIGABRT},
		{"an empty one among others", {"101", "", "103"}, 3, 1000 + SIGABRT},
		{"a list as one", {"101,102", "103"}, 2, 1000 + SIGABRT},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct several row = rows[i];
		ok &= row_int(rows[i].name, child_run(run_several, &row), rows[i].end);
	}
	assert_true(ok);
}

static void test_text(void **state)
{
	static const struct {
		const char *name, *text, *query;
	} rows[] = {
		{"title", "Harbour Lights", "&title.value=Harbour%20Lights&title.locked=1"},
		{"title", "\xc3\x9cn\xc3\xaf & x",
			"&title.value=%C3%9Cn%C3%AF%20%26%20x&title.locked=1"},
		{"summary", "", "&summary.value=&summary.locked=1"},
		{"studio", "", "&studio.value=&studio.locked=1"},
		{"originallyAvailableAt", "2024-01-02",
			"&originallyAvailableAt.value=2024-01-02&originallyAvailableAt.locked=1"},
		{"summary", "One.\n\nTwo\t\"quoted\".",
			"&summary.value=One.%0A%0ATwo%09%22quoted%22.&summary.locked=1"},
		{"summary", "\xf0\x9f\x8e\xac", "&summary.value=%F0%9F%8E%AC&summary.locked=1"},
		{"title", "a+b=c&d?e#f/g:h;i,j%20",
			"&title.value=a%2Bb%3Dc%26d%3Fe%23f%2Fg%3Ah%3Bi%2Cj%2520"
			"&title.locked=1"},
		{"title", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
			"&title.value=%21%22%23%24%25%26%27%28%29%2A%2B%2C-.%2F%3A%3B%3C%3D%3E%3F%"
			"40%5B%5C%"
			"5D%5E_%60%7B%7C%7D~&title.locked=1"},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct edit_change change = {
			.fields = 1u << 5, .name = rows[i].name, .text = rows[i].text};
		struct edit_request *requests;
		ok &= row_int(rows[i].text, (int64_t)build(&change, 1, 0, &requests), 1);
		ok &= row_text(rows[i].text, requests[0].path,
			arena_printf(&arena, "%s%s", START, rows[i].query));
		ok &= row_int(rows[i].text, requests[0].fields, 1u << 5);
		ok &= row_int(rows[i].text, requests[0].long_value, false);
	}
	assert_true(ok);
}

static void test_set(void **state)
{
	static const struct {
		const char *name, *field, *names, *remove, *query;
	} rows[] = {
		{"names", "genre", "A|B|C, D", "",
			"&genre%5B0%5D.tag.tag=A&genre%5B1%5D.tag.tag=B&genre%5B2%5D.tag.tag=C%2C%"
			"20D"
			"&genre.locked=1"},
		{"removals are escaped twice", "genre", "", "C, D|A",
			"&genre%5B%5D.tag.tag-=C%252C%2520D%2CA&genre.locked=1"},
		{"one removal", "genre", "", "A", "&genre%5B%5D.tag.tag-=A&genre.locked=1"},
		{"both", "genre", "A", "B",
			"&genre%5B0%5D.tag.tag=A&genre%5B%5D.tag.tag-=B&genre.locked=1"},
		{"a percent sign", "genre", "100%", "50%",
			"&genre%5B0%5D.tag.tag=100%25&genre%5B%5D.tag.tag-=50%2525&genre.locked=1"},
		{"punctuation", "genre", "", "a&b=c+d/e#f",
			"&genre%5B%5D.tag.tag-=a%2526b%253Dc%252Bd%252Fe%2523f&genre.locked=1"},
		{"accents and emoji", "genre", "\xc3\xa9", "\xf0\x9f\x8e\xac",
			"&genre%5B0%5D.tag.tag=%C3%A9&genre%5B%5D.tag.tag-=%25F0%259F%258E%25AC"
			"&genre.locked=1"},
		{"a name in brackets", "genre", "[x]", "[x]",
			"&genre%5B0%5D.tag.tag=%5Bx%5D&genre%5B%5D.tag.tag-=%255Bx%255D&genre."
			"locked=1"},
		{"nothing in it", "genre", "", "", "&genre.locked=1"},
		{"an actor's name alone", "actor", "Ana Duarte", "",
			"&actor%5B0%5D.tag.tag=Ana%20Duarte&actor.locked=1"},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct edit_change change = set_of(rows[i].field, rows[i].names, rows[i].remove);
		struct edit_request *requests;
		ok &= row_int(rows[i].name, (int64_t)build(&change, 1, 0, &requests), 1);
		ok &= row_text(rows[i].name, requests[0].path,
			arena_printf(&arena, "%s%s", START, rows[i].query));
	}
	assert_true(ok);
}

/* What Plex had of an actor goes back to it. */
static void test_actor(void **state)
{
	static const struct item_role roles[] = {
		{.name = "Jane",
			.role = "Role",
			.thumb = "http://h/a.jpg?x=1&y=2",
			.tag_key = "5d77"},
		{.name = "Ana Duarte"},
		{.name = "Li", .role = ""},
	};
	struct edit_change change = {
		.fields = 1u << 4, .name = "actor", .names = roles, .name_count = 3};
	struct edit_request *requests;

	(void)state;
	assert_int_equal(build(&change, 1, 0, &requests), 1);
	assert_string_equal(requests[0].path,
		START "&actor%5B0%5D.tag.tag=Jane&actor%5B0%5D.tagging.text=Role"
		      "&actor%5B0%5D.tag.thumb=http%3A%2F%2Fh%2Fa.jpg%3Fx%3D1%26y%3D2"
		      "&actor%5B0%5D.tag.tagKey=5d77"
		      "&actor%5B1%5D.tag.tag=Ana%20Duarte"
		      "&actor%5B2%5D.tag.tag=Li&actor%5B2%5D.tagging.text="
		      "&actor.locked=1");
}

static void test_several_fields_share_a_request(void **state)
{
	struct edit_change changes[] = {
		{.fields = 1u << 0, .name = "title", .text = "Harbour Lights"},
		{.fields = 1u << 2, .name = "originallyAvailableAt", .text = "2014-05-01"},
		set_of("genre", "Drama", "Comedy"),
	};
	struct edit_request *requests;

	(void)state;
	changes[2].fields = 1u << 5;
	assert_int_equal(build(changes, 3, 30, &requests), 1);
	assert_string_equal(requests[0].path,
		START "&title.value=Harbour%20Lights&title.locked=1"
		      "&originallyAvailableAt.value=2014-05-01&originallyAvailableAt.locked=1"
		      "&genre%5B0%5D.tag.tag=Drama&genre%5B%5D.tag.tag-=Comedy&genre.locked=1");
	assert_int_equal(requests[0].fields, 1u << 0 | 1u << 2 | 1u << 5);
	assert_false(requests[0].long_value);
}

static void test_nothing(void **state)
{
	struct edit_request *requests;

	(void)state;
	assert_int_equal(build(NULL, 0, 0, &requests), 0);
}

static void test_large_numbers(void **state)
{
	struct edit_change change = {.name = "title", .text = "x"};
	struct edit edit = {.section = 2147483647,
		.type = 4,
		.rating_key = "9223372036854775807",
		.changes = &change,
		.count = 1};
	struct edit_request *requests;

	(void)state;
	assert_int_equal(edit_build(&edit, 0, &requests, &arena), 1);
	assert_string_equal(requests[0].path,
		"/library/sections/2147483647/all?type=4&id=9223372036854775807&title.value=x"
		"&title.locked=1");
}

/* Several items: each is named. */
static void test_several(void **state)
{
	static const char *const keys[] = {"55", "56", "9223372036854775807"};
	struct edit_change change = {.name = "studio", .text = "Lumen House"};
	struct edit edit = {
		.section = 3, .type = 1, .rating_key = "55", .changes = &change, .count = 1};
	const char *query = edit_query(&edit, &arena);

	(void)state;
	assert_string_equal(query, "&studio.value=Lumen%20House&studio.locked=1");
	assert_string_equal(edit_path(3, 1, keys, 3, query, &arena),
		"/library/sections/3/all?type=1&id=55,56,9223372036854775807"
		"&studio.value=Lumen%20House&studio.locked=1");
}

/* --- splitting ------------------------------------------------------------------- */

static char *text_of(size_t len)
{
	char *text = arena_alloc(&arena, len + 1);

	memset(text, 'x', len);
	return text;
}

/* What "&NAME.value=…&NAME.locked=1" adds to the text itself. */
static size_t frame(const char *name)
{
	return strlen("&.value=&.locked=1") + 2 * strlen(name);
}

static bool has_all_once(const struct edit_request *requests, size_t n, unsigned fields)
{
	unsigned seen = 0;

	for (size_t i = 0; i < n; i++) {
		if (requests[i].fields == 0 || (seen & requests[i].fields) != 0)
			return false;
		seen |= requests[i].fields;
	}
	return seen == fields;
}

/* To the byte: a text that just fits, and one more. */
static void test_the_longest_url(void **state)
{
	static const size_t origins[] = {0, 25, 100, 500};
	bool ok = true;

	(void)state;
	for (size_t o = 0; o < ROWS(origins); o++) {
		size_t room = LIMIT_URL_BYTES - origins[o] - strlen(START);
		for (size_t over = 0; over < 2; over++) {
			size_t len = room - frame("summary") + over;
			struct edit_change change = {
				.fields = 1u << 1, .name = "summary", .text = text_of(len)};
			const char *row = arena_printf(
				&arena, "origin %zu over %zu", origins[o], over);
			struct edit_request *requests;
			ok &= row_int(row, (int64_t)build(&change, 1, origins[o], &requests), 1);
			ok &= row_int(row, requests[0].long_value, over == 1);
			ok &= row_int(row, (int64_t)(origins[o] + strlen(requests[0].path)),
				(int64_t)(LIMIT_URL_BYTES + over));
			ok &= row_true(row, LIMIT_URL_BYTES < 8192);
		}
	}
	assert_true(ok);
}

static void test_two_that_just_fit(void **state)
{
	size_t room = LIMIT_URL_BYTES - 25 - strlen(START);
	size_t half = room / 2;

	(void)state;
	for (size_t over = 0; over < 2; over++) {
		struct edit_change changes[] = {
			{.fields = 1u << 0,
				.name = "title",
				.text = text_of(half - frame("title"))},
			{.fields = 1u << 1,
				.name = "summary",
				.text = text_of(room - half - frame("summary") + over)},
		};
		struct edit_request *requests;
		assert_int_equal(build(changes, 2, 25, &requests), over + 1);
		assert_true(has_all_once(requests, over + 1, 3));
		assert_false(requests[0].long_value);
		for (size_t i = 0; i <= over; i++)
			assert_true(25 + strlen(requests[i].path) <= LIMIT_URL_BYTES);
	}
}

/* A long text goes alone and last, wherever it stands. */
static void test_long_text_is_alone_and_last(void **state)
{
	(void)state;
	for (size_t at = 0; at < 3; at++) {
		struct edit_change changes[3];
		struct edit_request *requests;
		for (size_t i = 0; i < 3; i++)
			changes[i] = (struct edit_change){.fields = 1u << i,
				.name = i == at ? "summary" : "title",
				.text = i == at ? text_of(9000) : "x"};
		assert_int_equal(build(changes, 3, 25, &requests), 2);
		assert_int_equal(requests[0].fields, 7u & ~(1u << at));
		assert_false(requests[0].long_value);
		assert_int_equal(requests[1].fields, 1u << at);
		assert_true(requests[1].long_value);
		assert_memory_equal(
			requests[1].path, START "&summary.value=xxx", strlen(START) + 18);
		assert_int_equal(strlen(requests[1].path), strlen(START) + frame("summary") + 9000);
	}
}

static void test_two_long_texts(void **state)
{
	struct edit_change changes[] = {
		{.fields = 1u << 0, .name = "title", .text = text_of(9000)},
		{.fields = 1u << 1, .name = "summary", .text = text_of(20000)},
		{.fields = 1u << 3, .name = "studio", .text = "x"},
	};
	struct edit_request *requests;

	(void)state;
	assert_int_equal(build(changes, 3, 25, &requests), 3);
	assert_int_equal(requests[0].fields, 1u << 3);
	assert_int_equal(requests[1].fields, 1u << 0);
	assert_int_equal(requests[2].fields, 1u << 1);
	assert_true(!requests[0].long_value && requests[1].long_value && requests[2].long_value);
	/* Alone, it is the only one. */
	assert_int_equal(build(changes, 1, 25, &requests), 1);
	assert_true(requests[0].long_value);
}

/* Nine bytes for a character of three: what counts is the encoded length. */
static void test_encoded_length_counts(void **state)
{
	struct str text;
	struct edit_change change = {.name = "summary"};
	struct edit_request *requests;

	(void)state;
	str_init(&text, &arena);
	for (int i = 0; i < 1000; i++)
		str_add(&text, "\xe6\xbc\xa2");
	change.text = text.s;
	assert_int_equal(build(&change, 1, 25, &requests), 1);
	assert_true(requests[0].long_value);
	assert_int_equal(strlen(requests[0].path), strlen(START) + frame("summary") + 9000);
}

/* Many changes of all lengths: every field once, in order, every request
 * within the limit, and none where two neighbours would have fitted in one. */
static void test_many_changes(void **state)
{
	uint64_t random = 20140501;

	(void)state;
	for (int round = 0; round < 300; round++) {
		struct edit_change changes[16];
		struct edit_request *requests;
		size_t count = 1 + (size_t)round % ROWS(changes), n, long_ones = 0,
		       origin = 10 + (size_t)round;
		unsigned fields = 0;
		for (size_t i = 0; i < count; i++) {
			random = random * 6364136223846793005u + 1442695040888963407u;
			changes[i] = (struct edit_change){.fields = 1u << i,
				.name = "summary",
				.text = text_of(
					(size_t)(random >> 40) % (round % 3 ? 4000 : 12000))};
			fields |= 1u << i;
			long_ones += strlen(START) + origin + frame("summary") +
					     strlen(changes[i].text) >
				     LIMIT_URL_BYTES;
		}
		n = build(changes, count, origin, &requests);
		assert_true(n >= 1 && n <= count);
		assert_true(has_all_once(requests, n, fields));
		for (size_t i = 0; i < n; i++) {
			bool last = i >= n - long_ones;
			size_t url = origin + strlen(requests[i].path);
			assert_int_equal(requests[i].long_value, last);
			assert_true(last ? url > LIMIT_URL_BYTES : url <= LIMIT_URL_BYTES);
			assert_memory_equal(requests[i].path, START "&", strlen(START) + 1);
			assert_null(strstr(requests[i].path + 1, START));
		}
		arena_clear(&arena);
	}
}

static size_t count_of(const char *text, const char *part)
{
	size_t count = 0;

	while ((text = strstr(text, part)) != NULL) {
		count++;
		text += strlen(part);
	}
	return count;
}

/* A set is one value: it is not cut. */
static void test_long_set(void **state)
{
	struct str names;
	struct edit_change changes[2];
	struct edit_request *requests;

	(void)state;
	str_init(&names, &arena);
	for (int i = 0; i < 600; i++)
		str_addf(&names, "%sTag %d", i > 0 ? "|" : "", i);
	changes[0] = set_of("genre", names.s, "Old");
	changes[1] = (struct edit_change){.fields = 1u << 1, .name = "title", .text = "x"};
	assert_int_equal(build(changes, 2, 25, &requests), 2);
	assert_int_equal(requests[0].fields, 1u << 1);
	assert_true(requests[1].long_value);
	assert_int_equal(count_of(requests[1].path, ".tag.tag="), 600);
	assert_non_null(strstr(requests[1].path, "&genre%5B599%5D.tag.tag=Tag%20599&"));
	assert_non_null(strstr(requests[1].path, "&genre%5B%5D.tag.tag-=Old&genre.locked=1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_an_edit_always_names_its_item, setup, teardown),
		cmocka_unit_test_setup_teardown(test_text, setup, teardown),
		cmocka_unit_test_setup_teardown(test_set, setup, teardown),
		cmocka_unit_test_setup_teardown(test_actor, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_several_fields_share_a_request, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_large_numbers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_several, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_an_edit_of_several_names_each, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_longest_url, setup, teardown),
		cmocka_unit_test_setup_teardown(test_two_that_just_fit, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long_text_is_alone_and_last, setup, teardown),
		cmocka_unit_test_setup_teardown(test_two_long_texts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_encoded_length_counts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many_changes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long_set, setup, teardown),
	};

	return cmocka_run_group_tests_name("edit", tests, NULL, NULL);
}
