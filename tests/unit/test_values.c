/*
 * test_values.c - a scene and an item as fields: dates, cleaning, names that
 * are there once, tags that are left out, and when nothing is known.
 */
#include "helpers.h"

#include "base/str.h"
#include "push/values.h"

static struct arena arena;

static int setup(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_clear(&arena);
	return 0;
}

static struct scene empty_scene(void)
{
	struct scene scene = {
		.id = 45, .title = "", .details = "", .date = "", .director = "", .studio = ""};

	str_list_init(&scene.performers, &arena);
	str_list_init(&scene.tags, &arena);
	str_list_init(&scene.groups, &arena);
	return scene;
}

/* "A|B", untouched by the splitting. */
static struct str_list names(const char *text)
{
	struct str_list list;

	str_list_init(&list, &arena);
	while (*text != '\0') {
		size_t len = strcspn(text, "|");
		str_list_add(&list, arena_strndup(&arena, text, len));
		text += len + (text[len] == '|');
	}
	return list;
}

static const char *join(const struct str_list *list)
{
	struct str text;

	str_init(&text, &arena);
	for (size_t i = 0; i < list->n; i++)
		str_addf(&text, "%s%s", i > 0 ? "|" : "", list->v[i]);
	return text.s;
}

static void test_dates(void **state)
{
	static const struct {
		const char *stash, *plex;
	} rows[] = {
		{"", ""}, {"  ", ""}, {"2014-05-17", "2014-05-17"}, {"2014-05", "2014-05-01"},
		{"2014", "2014-01-01"}, {" 2014 ", "2014-01-01"}, {"1899-12-31", "1899-12-31"},
		{"9999-12-31", "9999-12-31"},
		/* The date of a time stamp is its date, whatever its zone. */
		{"2023-12-29T00:00:00+01:00", "2023-12-29"},
		{"2023-12-31T23:30:00-05:00", "2023-12-31"}, {"2014-05-17T00:00:00Z", "2014-05-17"},
		{"2014-05-17 12:30", "2014-05-17"}, {"2014-05-17t12:30:15.25z", "2014-05-17"},
		/* Days that do not exist, and Go's zero day. */
		{"2023-02-31", NULL}, {"2023-02-29", NULL}, {"2024-02-29", "2024-02-29"},
		{"1900-02-29", NULL}, {"2000-02-29", "2000-02-29"}, {"2014-04-31", NULL},
		{"2014-04-30", "2014-04-30"}, {"2014-00", NULL}, {"2014-13", NULL},
		{"2014-00-10", NULL}, {"2014-13-01", NULL}, {"2014-05-00", NULL},
		{"2014-05-32", NULL}, {"2014-99-99", NULL}, {"0000-00-00", NULL}, {"0000", NULL},
		{"0001-01-01", NULL}, {"0001-01-01T00:00:00Z", NULL}, {"0001", NULL},
		{"0001-01-02", "0001-01-02"}, {"2023-02-31T00:00:00Z", NULL},
		/* Other texts. */
		{"14", NULL}, {"20140517", NULL}, {"2014/05/17", NULL}, {"2014-5-17", NULL},
		{"2014-05-1", NULL}, {"2014-", NULL}, {"2014-05-", NULL}, {"05-2014", NULL},
		{"abcd", NULL}, {"abcd-ef-gh", NULL}, {"2014-05x17", NULL}, {"2014-05-17T", NULL},
		{"2014-05-17Tab:cd", NULL}, {"2014-05-17x12:30", NULL}, {"2014-05-1712:30", NULL},
		{"-014-05-17", NULL}, {"null", NULL},
		{"\xd9\xa2\xd9\xa0", NULL}, /* two digits, and not ours */
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct scene scene = empty_scene();
		struct settings settings = {0};
		struct fields fields;
		const char *notes[FIELD_COUNT];
		scene.date = rows[i].stash;
		values_of_scene(&scene, &settings, &fields, &arena);
		values_notes(&scene, &settings, notes, &arena);
		ok &= row_int(rows[i].stash, fields.v[FIELD_DATE].known, rows[i].plex != NULL);
		ok &= row_text(rows[i].stash, fields.v[FIELD_DATE].text, rows[i].plex);
		ok &= row_int(rows[i].stash, notes[FIELD_DATE] != NULL, rows[i].plex == NULL);
	}
	assert_true(ok);
}

static void test_names_that_are_one_to_plex(void **state)
{
	static const struct {
		const char *names, *said; /* NULL: nothing */
	} rows[] = {
		{"", NULL},
		{"MIA", NULL},
		{"MIA|MIA", NULL},
		{"MIA| MIA ", NULL},
		{"MIA|Mia", "\"MIA\" and \"Mia\" differ only in case"},
		{"MIA|Li|mia|LI", "\"MIA\" and \"mia\", \"Li\" and \"LI\" differ only in case"},
		{"Jane Doe|Jane Doe (Adult)", NULL},
		{"\xc3\x84nne|\xc3\xa4nne", "differ only in case"},
		{"Ann Bee|Ann  Bee", "\"Ann Bee\" and \"Ann  Bee\" differ only in case or blanks"},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct scene scene = empty_scene();
		struct settings off = {
			.no = {.performers = true, .tags = true, .collections = true}};
		const char *notes[FIELD_COUNT];
		scene.performers = scene.tags = scene.groups = names(rows[i].names);
		values_notes(&scene, &(struct settings){0}, notes, &arena);
		for (enum field f = 0; f < FIELD_COUNT; f++) {
			bool tells = f == FIELD_PERFORMERS || f == FIELD_TAGS ||
				     f == FIELD_COLLECTIONS;
			const char *said = tells ? rows[i].said : NULL;
			if (said == NULL || notes[f] == NULL || strstr(notes[f], said) == NULL)
				ok &= row_text(rows[i].names, notes[f], said);
		}
		values_notes(&scene, &off, notes, &arena);
		ok &= row_true(rows[i].names, notes[FIELD_PERFORMERS] == NULL &&
						      notes[FIELD_TAGS] == NULL &&
						      notes[FIELD_COLLECTIONS] == NULL);
	}
	assert_true(ok);
}

static void test_bare_performers(void **state)
{
	struct scene scene = empty_scene();
	struct settings settings = {0};
	struct fields fields;

	(void)state;
	scene.performers = names("Jane Doe|Jane Doe (Adult)|Li");
	scene.bare_performers = names("Jane Doe|Jane Doe|Li");
	values_of_scene(&scene, &settings, &fields, &arena);
	assert_string_equal(
		join(&fields.v[FIELD_PERFORMERS].names), "Jane Doe|Jane Doe (Adult)|Li");
	settings.no.disambiguation = true;
	values_of_scene(&scene, &settings, &fields, &arena);
	assert_string_equal(join(&fields.v[FIELD_PERFORMERS].names), "Jane Doe|Li");
}

static void test_texts(void **state)
{
	static const struct {
		const char *name, *stash, *line, *paragraphs; /* title and studio; summary */
	} rows[] = {
		{"empty", "", "", ""},
		{"plain", "Harbour Lights", "Harbour Lights", "Harbour Lights"},
		{"trimmed", " \t\nHarbour Lights \r\n", "Harbour Lights", "Harbour Lights"},
		{"blank", " \n\t ", "", ""},
		{"line ends", "One.\r\n\r\nTwo.\rThree.", "One.  Two. Three.",
			"One.\n\nTwo.\nThree."},
		{"tabs", "a\tb", "a b", "a\tb"},
		{"quotes, dashes, emoji", "\xe2\x80\x9cx\xe2\x80\x9d \xe2\x80\x94 \xf0\x9f\x8e\xac",
			"\xe2\x80\x9cx\xe2\x80\x9d \xe2\x80\x94 \xf0\x9f\x8e\xac",
			"\xe2\x80\x9cx\xe2\x80\x9d \xe2\x80\x94 \xf0\x9f\x8e\xac"},
		{"what XML cannot carry",
			"a\x01"
			"b\x0b"
			"c\x1f"
			"d",
			"abcd", "abcd"},
		{"blank behind what goes", "\x01 a \x02", "a", "a"},
		{"no UTF-8",
			"a\xff"
			"b",
			"a\xef\xbf\xbd"
			"b",
			"a\xef\xbf\xbd"
			"b"},
		{"markup stays", "<b>&amp;</b>", "<b>&amp;</b>", "<b>&amp;</b>"},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct scene scene = empty_scene();
		struct settings settings = {0};
		struct fields fields;
		scene.title = scene.details = scene.studio = rows[i].stash;
		values_of_scene(&scene, &settings, &fields, &arena);
		ok &= row_text(rows[i].name, fields.v[FIELD_TITLE].text, rows[i].line);
		ok &= row_text(rows[i].name, fields.v[FIELD_STUDIO].text, rows[i].line);
		ok &= row_text(rows[i].name, fields.v[FIELD_SUMMARY].text, rows[i].paragraphs);
	}
	assert_true(ok);
}

static void test_names(void **state)
{
	static const struct {
		const char *name, *stash, *ignored, *tags, *performers;
	} rows[] = {
		{"none", "", "", "", ""},
		{"order kept", "C|A|B", "", "C|A|B", "C|A|B"},
		{"repeats", "A|B|A", "", "A|B", "A|B"},
		{"repeats in another case: the first stays", "drama|Drama|DRAMA", "", "drama",
			"drama"},
		{"repeats by composition", "Caf\xc3\xa9|CAFE\xcc\x81", "", "Caf\xc3\xa9",
			"Caf\xc3\xa9"},
		{"repeats by blanks", "A| A |A\t", "", "A", "A"},
		{"repeats by blanks within", "Ann Bee|ann  bee", "", "Ann Bee", "Ann Bee"},
		{"trimmed", "  Ana Duarte \n", "", "Ana Duarte", "Ana Duarte"},
		{"blank ones go", "A| |\t|B", "", "A|B", "A|B"},
		{"comma and quotes stay", "Lights, \"Harbour\"", "", "Lights, \"Harbour\"",
			"Lights, \"Harbour\""},
		{"left out", "A|B|C", "B", "A|C", "A|B|C"},
		{"left out in another case", "Drama|Noir", "DRAMA|x", "Noir", "Drama|Noir"},
		{"left out, composition", "CAFE\xcc\x81|A", "caf\xc3\xa9", "A", "CAFE\xcc\x81|A"},
		{"left out, blanks", " B |A", "B", "A", "B|A"},
		{"all left out", "A|B", "a|b", "", "A|B"},
		{"a part of a name is not it", "Drama|Dramatic", "Dram", "Drama|Dramatic",
			"Drama|Dramatic"},
		{"what goes leaves nothing", "\x01|A", "", "A", "A"},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct scene scene = empty_scene();
		struct settings settings = {.ignore_tags = names(rows[i].ignored)};
		struct fields fields;
		scene.tags = names(rows[i].stash);
		scene.performers = names(rows[i].stash);
		values_of_scene(&scene, &settings, &fields, &arena);
		ok &= row_text(rows[i].name, join(&fields.v[FIELD_TAGS].names), rows[i].tags);
		ok &= row_text(
			rows[i].name, join(&fields.v[FIELD_PERFORMERS].names), rows[i].performers);
	}
	assert_true(ok);
}

static void test_switched_off(void **state)
{
	struct scene scene = empty_scene();
	struct settings settings = {0};
	bool *flags[FIELD_COUNT] = {
		[FIELD_TITLE] = &settings.no.title,
		[FIELD_SUMMARY] = &settings.no.summary,
		[FIELD_DATE] = &settings.no.date,
		[FIELD_STUDIO] = &settings.no.studio,
		[FIELD_PERFORMERS] = &settings.no.performers,
		[FIELD_TAGS] = &settings.no.tags,
		[FIELD_RATING] = &settings.no.rating,
		[FIELD_DIRECTOR] = &settings.no.director,
		[FIELD_COLLECTIONS] = &settings.no.collections,
		[FIELD_STUDIO_COLLECTION] = &settings.no.studio_collection,
	};

	(void)state;
	for (enum field off = 0; off < FIELD_POSTER; off++) {
		struct fields fields;
		memset(&fields, 0xa5, sizeof(fields));
		*flags[off] = true;
		values_of_scene(&scene, &settings, &fields, &arena);
		for (enum field f = 0; f < FIELD_COUNT; f++) {
			bool known = f != off && f < FIELD_POSTER; /* pictures are no texts */
			assert_int_equal(fields.v[f].known, known);
			if (known)
				assert_string_equal(fields.v[f].text, "");
		}
		*flags[off] = false;
	}
}

static void test_item(void **state)
{
	struct item_role roles[] = {{.name = "Ana Duarte", .role = "Keeper"}, {.name = "Li"}};
	struct item item = {.title = "Harbour Lights ",
		.summary = "One.\n\nTwo.",
		.studio = "S",
		.date = "2014-05-17",
		.rating = "8.5",
		.roles = roles,
		.role_count = 2};
	struct fields fields;

	(void)state;
	item.genres = names("Drama| Noir");
	item.directors = names("Mara Lindt");
	item.collections = names("Lumen House|Sea");
	values_of_item(&item, &fields, &arena);
	for (enum field f = 0; f < FIELD_COUNT; f++)
		assert_int_equal(fields.v[f].known, f < FIELD_POSTER);
	/* As Plex has them: what is compared is the plan's to say. */
	assert_string_equal(fields.v[FIELD_TITLE].text, "Harbour Lights ");
	assert_string_equal(fields.v[FIELD_SUMMARY].text, "One.\n\nTwo.");
	assert_string_equal(fields.v[FIELD_STUDIO].text, "S");
	assert_string_equal(fields.v[FIELD_DATE].text, "2014-05-17");
	assert_string_equal(join(&fields.v[FIELD_PERFORMERS].names), "Ana Duarte|Li");
	assert_string_equal(join(&fields.v[FIELD_TAGS].names), "Drama| Noir");
	assert_string_equal(fields.v[FIELD_TAGS].text, "");
	assert_string_equal(fields.v[FIELD_RATING].text, "8.5");
	assert_string_equal(join(&fields.v[FIELD_DIRECTOR].names), "Mara Lindt");
	assert_string_equal(join(&fields.v[FIELD_COLLECTIONS].names), "Lumen House|Sea");
	assert_string_equal(join(&fields.v[FIELD_STUDIO_COLLECTION].names), "Lumen House|Sea");
}

static void test_rating(void **state)
{
	static const struct {
		int64_t rating100;
		const char *text;
	} rows[] = {{0, ""}, {1, "0.1"}, {85, "8.5"}, {80, "8"}, {100, "10"}, {33, "3.3"},
		{101, ""}, {-5, ""}};
	struct scene scene = empty_scene();
	struct settings settings = {0};
	struct fields fields;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		scene.rating100 = rows[i].rating100;
		values_of_scene(&scene, &settings, &fields, &arena);
		assert_string_equal(fields.v[FIELD_RATING].text, rows[i].text);
	}
}

static void test_director_groups_and_studio(void **state)
{
	struct scene scene = empty_scene();
	struct settings settings = {0};
	struct fields fields;

	(void)state;
	scene.director = " Mara Lindt, Li  ";
	scene.studio = "Lumen House";
	scene.groups = names("Sea| sea |Harbours");
	values_of_scene(&scene, &settings, &fields, &arena);
	/* One text in Stash is one name: where it would have to be cut is a guess. */
	assert_string_equal(join(&fields.v[FIELD_DIRECTOR].names), "Mara Lindt, Li");
	assert_string_equal(join(&fields.v[FIELD_COLLECTIONS].names), "Sea|Harbours");
	assert_string_equal(join(&fields.v[FIELD_STUDIO_COLLECTION].names), "Lumen House");
}

/* Everything that decides what is pushed, and where to, makes another digest; the
 * order of names does not. */
static void test_digest(void **state)
{
	static const struct {
		const char *name;
		const char *title, *tags, *groups, *studio, *path;
		int64_t rating100, size;
		uint64_t settings;
		bool no_tags, same;
	} rows[] = {
		{"the same", "T", "A|B", "G", "S", "/a.mp4", 80, 5, 1, false, true},
		{"tags in another order", "T", "B|A", "G", "S", "/a.mp4", 80, 5, 1, false, true},
		{"a tag twice", "T", "A|B|A", "G", "S", "/a.mp4", 80, 5, 1, false, true},
		{"blanks around", " T ", "A| B", "G", "S ", "/a.mp4", 80, 5, 1, false, true},
		{"title", "U", "A|B", "G", "S", "/a.mp4", 80, 5, 1, false, false},
		{"no title", "", "A|B", "G", "S", "/a.mp4", 80, 5, 1, false, false},
		{"a tag less", "T", "A", "G", "S", "/a.mp4", 80, 5, 1, false, false},
		{"a tag more", "T", "A|B|C", "G", "S", "/a.mp4", 80, 5, 1, false, false},
		{"two tags as one", "T", "AB", "G", "S", "/a.mp4", 80, 5, 1, false, false},
		{"another group", "T", "A|B", "H", "S", "/a.mp4", 80, 5, 1, false, false},
		{"a tag that is a group", "T", "A", "B|G", "S", "/a.mp4", 80, 5, 1, false, false},
		{"studio", "T", "A|B", "G", "", "/a.mp4", 80, 5, 1, false, false},
		{"rating", "T", "A|B", "G", "S", "/a.mp4", 81, 5, 1, false, false},
		{"path", "T", "A|B", "G", "S", "/b.mp4", 80, 5, 1, false, false},
		{"size", "T", "A|B", "G", "S", "/a.mp4", 80, 6, 1, false, false},
		{"how it is matched", "T", "A|B", "G", "S", "/a.mp4", 80, 5, 2, false, false},
		{"a field that is off", "T", "A|B", "G", "S", "/a.mp4", 80, 5, 1, true, false},
	};
	struct digest first = {{0}};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct scene_file file = {
			.path = arena_strdup(&arena, rows[i].path), .size = rows[i].size};
		struct settings settings = {0};
		struct scene scene = empty_scene();
		struct digest digest;
		struct fields fields;
		scene.title = rows[i].title;
		scene.tags = names(rows[i].tags);
		scene.groups = names(rows[i].groups);
		scene.studio = rows[i].studio;
		scene.rating100 = rows[i].rating100;
		scene.files = &file;
		scene.file_count = 1;
		settings.no.tags = rows[i].no_tags;
		values_of_scene(&scene, &settings, &fields, &arena);
		digest = values_digest(&fields, &scene, rows[i].settings);
		if (i == 0)
			first = digest;
		ok &= row_int(
			rows[i].name, memcmp(&first, &digest, sizeof(digest)) == 0, rows[i].same);
	}
	assert_true(ok);
}

static void test_plex_names(void **state)
{
	static const char *const words[FIELD_COUNT] = {
		[FIELD_TITLE] = "title",
		[FIELD_SUMMARY] = "summary",
		[FIELD_DATE] = "originallyAvailableAt",
		[FIELD_STUDIO] = "studio",
		[FIELD_PERFORMERS] = "actor",
		[FIELD_TAGS] = "genre",
		[FIELD_RATING] = "userRating",
		[FIELD_DIRECTOR] = "director",
		[FIELD_COLLECTIONS] = "collection",
		[FIELD_STUDIO_COLLECTION] = "collection",
		[FIELD_POSTER] = "thumb",
		[FIELD_BACKGROUND] = "art",
	};

	(void)state;
	for (enum field f = 0; f < FIELD_COUNT; f++)
		assert_string_equal(values_plex_name(f), words[f]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_dates, setup, teardown),
		cmocka_unit_test_setup_teardown(test_names_that_are_one_to_plex, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bare_performers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_texts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_names, setup, teardown),
		cmocka_unit_test_setup_teardown(test_switched_off, setup, teardown),
		cmocka_unit_test_setup_teardown(test_item, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rating, setup, teardown),
		cmocka_unit_test_setup_teardown(test_director_groups_and_studio, setup, teardown),
		cmocka_unit_test_setup_teardown(test_digest, setup, teardown),
		cmocka_unit_test_setup_teardown(test_plex_names, setup, teardown),
	};

	return cmocka_run_group_tests_name("values", tests, NULL, NULL);
}
