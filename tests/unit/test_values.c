/*
 * test_values.c - a scene and an item as fields: dates, cleaning, names that
 * are there once, tags that are left out, and when nothing is known.
 */
#include "arena_open.h"

#include "base/str.h"
#include "push/values.h"

static struct scene empty_scene(void)
{
	struct scene scene = {.id = 45,
		.title = "",
		.details = "",
		.date = "",
		.director = "",
		.studio = "",
		.code = ""};

	str_list_init(&scene.performers, &arena);
	str_list_init(&scene.tags, &arena);
	str_list_init(&scene.groups, &arena);
	str_list_init(&scene.parent_studios, &arena);
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
		values_of_scene(&scene, &settings, NULL, &fields, &arena);
		values_notes(&scene, &settings, NULL, notes, &arena);
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
		{"MIA|Mia", "\"MIA\" and \"Mia\" are one name in Plex"},
		{"MIA|Li|mia|LI", "\"MIA\" and \"mia\", \"Li\" and \"LI\" are one name"},
		{"Jane Doe|Jane Doe (Adult)", NULL},
		{"\xc3\x84nne|\xc3\xa4nne", "are one name"},
		{"Ann Bee|Ann  Bee", "\"Ann Bee\" and \"Ann  Bee\" are one name"},
		{"Ana's|Ana\xe2\x80\x99s", "\"Ana's\" and \"Ana\xe2\x80\x99s\" are one name"},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct scene scene = empty_scene();
		struct settings off = {
			.no = {.performers = true, .tags = true, .collections = true}};
		const char *notes[FIELD_COUNT];
		scene.performers = scene.tags = scene.groups = names(rows[i].names);
		scene.bare_performers = scene.performers;
		values_notes(&scene, &(struct settings){.no = {.disambiguation = true}}, NULL,
			notes, &arena);
		for (enum field f = 0; f < FIELD_COUNT; f++) {
			bool tells = f == FIELD_PERFORMERS || f == FIELD_TAGS ||
				     f == FIELD_COLLECTIONS;
			const char *said = tells ? rows[i].said : NULL;
			if (said == NULL || notes[f] == NULL || strstr(notes[f], said) == NULL)
				ok &= row_text(rows[i].names, notes[f], said);
		}
		values_notes(&scene, &off, NULL, notes, &arena);
		ok &= row_true(rows[i].names, notes[FIELD_PERFORMERS] == NULL &&
						      notes[FIELD_TAGS] == NULL &&
						      notes[FIELD_COLLECTIONS] == NULL);
	}
	assert_true(ok);
}

/* Tags are told about as what they are in Plex, and only if they go there. */
static void test_tags_that_are_one_to_plex(void **state)
{
	static const struct {
		const char *row;
		enum settings_tags as;
		const char *ignored, *only;
		enum field field; /* that is told about; FIELD_COUNT: none */
	} rows[] = {
		{"genres", TAGS_GENRES, "", "", FIELD_TAGS},
		{"labels", TAGS_LABELS, "", "", FIELD_LABELS},
		{"collections", TAGS_COLLECTIONS, "", "", FIELD_TAG_COLLECTIONS},
		{"left out", TAGS_GENRES, "mia", "", FIELD_COUNT},
		{"not among those that go", TAGS_LABELS, "", "Sea", FIELD_COUNT},
		{"among those that go", TAGS_LABELS, "Sea", "mia", FIELD_LABELS},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct scene scene = empty_scene();
		struct settings settings = {.tags_as = (int)rows[i].as,
			.ignore_tags = names(rows[i].ignored),
			.only_tags = names(rows[i].only)};
		const char *notes[FIELD_COUNT];
		scene.tags = names("MIA|Mia|Sea");
		values_notes(&scene, &settings, NULL, notes, &arena);
		for (enum field f = 0; f < FIELD_COUNT; f++)
			ok &= row_int(rows[i].row, notes[f] != NULL, f == rows[i].field);
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
	values_of_scene(&scene, &settings, NULL, &fields, &arena);
	assert_string_equal(
		join(&fields.v[FIELD_PERFORMERS].names), "Jane Doe|Jane Doe (Adult)|Li");
	settings.no.disambiguation = true;
	values_of_scene(&scene, &settings, NULL, &fields, &arena);
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
		values_of_scene(&scene, &settings, NULL, &fields, &arena);
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
		values_of_scene(&scene, &settings, NULL, &fields, &arena);
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
		values_of_scene(&scene, &settings, NULL, &fields, &arena);
		for (enum field f = 0; f < FIELD_COUNT; f++) {
			/* Pictures are no texts, and tags are three fields. */
			bool known = fields_kind(f) != KIND_PICTURE && f != off &&
				     f != FIELD_CRITIC_RATING &&
				     (off != FIELD_TAGS ||
					     (f != FIELD_LABELS && f != FIELD_TAG_COLLECTIONS));
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
		.critic_rating = "7",
		.sort_title = "Lights",
		.content_rating = "XXX",
		.roles = roles,
		.role_count = 2};
	struct fields fields;

	(void)state;
	item.genres = names("Drama| Noir");
	item.directors = names("Mara Lindt");
	item.collections = names("Lumen House|Sea");
	item.labels = names("L");
	values_of_item(&item, &fields, &arena);
	for (enum field f = 0; f < FIELD_COUNT; f++)
		assert_int_equal(fields.v[f].known, fields_kind(f) != KIND_PICTURE);
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
	assert_string_equal(join(&fields.v[FIELD_TAG_COLLECTIONS].names), "Lumen House|Sea");
	assert_string_equal(join(&fields.v[FIELD_LABELS].names), "L");
	assert_string_equal(fields.v[FIELD_SORT_TITLE].text, "Lights");
	assert_string_equal(fields.v[FIELD_CONTENT_RATING].text, "XXX");
	assert_string_equal(fields.v[FIELD_CRITIC_RATING].text, "7");
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
		values_of_scene(&scene, &settings, NULL, &fields, &arena);
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
	values_of_scene(&scene, &settings, NULL, &fields, &arena);
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
		values_of_scene(&scene, &settings, NULL, &fields, &arena);
		digest = values_digest(&fields, &scene, rows[i].settings);
		if (i == 0)
			first = digest;
		ok &= row_int(
			rows[i].name, memcmp(&first, &digest, sizeof(digest)) == 0, rows[i].same);
	}
	assert_true(ok);
}

/* Tags 1 to 5 are A to E; the lists cover what the settings name, and what is below that. */
static void test_which_tags(void **state)
{
	static const struct {
		const char *only, *ignored;
		int64_t only_ids[3], ignored_ids[3];
		const char *tags;
	} rows[] = {
		{"", "", {0}, {0}, "A|B|C|D|E"},
		{"A", "", {1}, {0}, "A"},
		{"A", "", {1, 2, 3}, {0}, "A|B|C"},
		{"a", "", {0}, {0}, "A"}, /* the name alone counts, too */
		{"A", "B", {1, 2, 3}, {2}, "A|C"},
		{"A", "B", {1, 2, 3}, {2, 3}, "A"},
		{"", "B", {0}, {2, 4}, "A|C|E"},
		{"A", "A", {1, 2}, {1, 2}, ""},
		{"Z", "", {0}, {0}, ""},
	};
	int64_t ids[] = {1, 2, 3, 4, 5};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		int64_t only[3], ignored[3];
		struct tag_cover cover = {.newest = 5, .only.v = only, .ignored.v = ignored};
		struct settings settings = {
			.only_tags = names(rows[i].only), .ignore_tags = names(rows[i].ignored)};
		struct scene scene = empty_scene();
		struct fields fields;
		for (size_t n = 0; n < 3 && rows[i].only_ids[n] != 0; n++)
			only[cover.only.n++] = rows[i].only_ids[n];
		for (size_t n = 0; n < 3 && rows[i].ignored_ids[n] != 0; n++)
			ignored[cover.ignored.n++] = rows[i].ignored_ids[n];
		scene.tags = names("A|B|C|D|E");
		scene.tag_ids = ids;
		values_of_scene(&scene, &settings, &cover, &fields, &arena);
		ok &= row_text(rows[i].tags, join(&fields.v[FIELD_TAGS].names), rows[i].tags);
	}
	assert_true(ok);
}

static void test_what_tags_are(void **state)
{
	static const enum field fields_of[] = {[TAGS_GENRES] = FIELD_TAGS,
		[TAGS_LABELS] = FIELD_LABELS,
		[TAGS_COLLECTIONS] = FIELD_TAG_COLLECTIONS};
	struct scene scene = empty_scene();

	(void)state;
	scene.tags = names("A|B");
	for (int as = TAGS_GENRES; as <= TAGS_COLLECTIONS; as++) {
		struct settings settings = {.tags_as = as};
		struct fields fields;
		values_of_scene(&scene, &settings, NULL, &fields, &arena);
		for (int other = TAGS_GENRES; other <= TAGS_COLLECTIONS; other++) {
			const struct value *value = &fields.v[fields_of[other]];
			/* What they are not any more is known to be nothing: what was written goes. */
			assert_true(value->known);
			assert_string_equal(join(&value->names), other == as ? "A|B" : "");
		}
	}
}

static void test_performers_by_gender(void **state)
{
	static const struct {
		const char *setting, *performers;
	} rows[] = {
		{"", "Ana|Ben|Cai|Dee"},
		{"FEMALE", "Ana"},
		{"MALE", "Ben"},
		{"OTHER", "Ana|Ben|Cai|Dee"},
		{"MALE|FEMALE", "Ben|Ana"},
		{"FEMALE|OTHER", "Ana|Ben|Cai|Dee"},
		{"OTHER|FEMALE", "Ben|Cai|Dee|Ana"},
		{"NON_BINARY|MALE", "Dee|Ben"},
		{"INTERSEX", ""},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct settings settings = {.genders = names(rows[i].setting)};
		struct scene scene = empty_scene();
		struct fields fields;
		scene.performers = scene.bare_performers = names("Ana|Ben|Cai|Dee");
		scene.genders = names("FEMALE|MALE|?|NON_BINARY");
		scene.genders.v[2] = arena_strdup(&arena, ""); /* none is given */
		values_of_scene(&scene, &settings, NULL, &fields, &arena);
		ok &= row_text(rows[i].setting, join(&fields.v[FIELD_PERFORMERS].names),
			rows[i].performers);
		ok &= row_int(rows[i].setting, fields.v[FIELD_PERFORMERS].ordered,
			*rows[i].setting != '\0');
	}
	assert_true(ok);
}

static void test_collections_of_studios_and_groups(void **state)
{
	static const struct {
		const char *studio, *parents, *studio_prefix, *group_prefix;
		bool with_parents;
		const char *studios, *groups;
	} rows[] = {
		{"S", "P|Q", "", "", false, "S", "Sea"},
		{"S", "P|Q", "", "", true, "S|P|Q", "Sea"},
		{"S", "P|S|P", "", "", true, "S|P", "Sea"}, /* a ring */
		{"", "", "Studio - ", "", true, "", "Sea"},
		{"S", "P", "Studio - ", "Group: ", true, "Studio - S|Studio - P", "Group: Sea"},
		{"S", "", "\xf0\x9f\x8e\xac", "", false,
			"\xf0\x9f\x8e\xac"
			"S",
			"Sea"},
		{"Sea", "", "", "Group: ", false, "Sea", "Group: Sea"},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct settings settings = {.parent_studio = rows[i].with_parents,
			.studio_prefix = rows[i].studio_prefix,
			.group_prefix = rows[i].group_prefix};
		struct scene scene = empty_scene();
		struct fields fields;
		scene.studio = rows[i].studio;
		scene.parent_studios = names(rows[i].parents);
		scene.groups = names("Sea");
		values_of_scene(&scene, &settings, NULL, &fields, &arena);
		ok &= row_text(rows[i].studios, join(&fields.v[FIELD_STUDIO_COLLECTION].names),
			rows[i].studios);
		ok &= row_text(
			rows[i].groups, join(&fields.v[FIELD_COLLECTIONS].names), rows[i].groups);
		ok &= row_text(rows[i].studios, fields.v[FIELD_STUDIO].text, rows[i].studio);
	}
	assert_true(ok);
}

static void test_titles_that_are_made(void **state)
{
	static const struct {
		const char *format, *title, *sort_title;
	} rows[] = {
		{"", "Harbour Lights", ""},
		{"{title}", "Harbour Lights", "Harbour Lights"},
		{"{studio}/{parent_studio}/{code}", "S/P/HL-1", "S/P/HL-1"},
		{"{date} {year}", "2014-05 2014", "2014-05 2014"},
		{"{performers} {director}", "Ana, Li Mara", "Ana, Li Mara"},
		{"{rating} {id}", "8.0 45", "8.0 45"},
		{"{filename}", "clip.one", "clip.one"},
	};
	struct scene_file file = {.path = "/films/clip.one.mp4"};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct settings settings = {
			.title_format = rows[i].format, .sort_title_format = rows[i].format};
		struct scene scene = empty_scene(), blank = empty_scene();
		struct fields fields;
		scene.title = "Harbour Lights";
		scene.studio = "S";
		scene.parent_studios = names("P|Q");
		scene.code = "HL-1";
		scene.date = "2014-05";
		scene.director = "Mara";
		scene.performers = names("Ana|Li");
		scene.rating100 = 80;
		scene.files = blank.files = &file;
		scene.file_count = blank.file_count = 1;
		values_of_scene(&scene, &settings, NULL, &fields, &arena);
		ok &= row_text(rows[i].format, fields.v[FIELD_TITLE].text, rows[i].title);
		ok &= row_text(rows[i].format, fields.v[FIELD_SORT_TITLE].text, rows[i].sort_title);
		values_of_scene(&blank, &settings, NULL, &fields, &arena);
		ok &= row_text("nothing is known", fields.v[FIELD_TITLE].text, "");
	}
	assert_true(ok);
}

/* What the settings of the last push would make of the scene now. */
static void test_by_the_settings_of_the_last_push(void **state)
{
	struct settings before = {.title_format = "{studio} - {title}", .content_rating = "X"};
	struct settings now = {.title_format = "{title} ({studio})", .content_rating = "XXX"};
	struct scene scene = empty_scene();
	struct fields pushed, ours, then;

	(void)state;
	scene.title = "Harbour Lights";
	scene.studio = "S";
	values_of_scene(&scene, &before, NULL, &pushed, &arena);
	values_of_scene(&scene, &now, NULL, &ours, &arena);
	values_by(&scene, &now, &ours, &pushed, &then, &arena);
	assert_string_equal(ours.v[FIELD_TITLE].text, "Harbour Lights (S)");
	assert_string_equal(then.v[FIELD_TITLE].text, "S - Harbour Lights");
	assert_string_equal(then.v[FIELD_CONTENT_RATING].text, "X");
	assert_false(then.v[FIELD_SUMMARY].known);
	pushed.v[FIELD_TITLE].by = NULL; /* of a version that knew no formats */
	values_by(&scene, &now, &ours, &pushed, &then, &arena);
	assert_string_equal(then.v[FIELD_TITLE].text, "Harbour Lights");
	pushed.v[FIELD_TITLE].known = false; /* never pushed */
	values_by(&scene, &now, &ours, &pushed, &then, &arena);
	assert_false(then.v[FIELD_TITLE].known);
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
		[FIELD_SORT_TITLE] = "titleSort",
		[FIELD_CONTENT_RATING] = "contentRating",
		[FIELD_CRITIC_RATING] = "rating",
		[FIELD_LABELS] = "label",
		[FIELD_TAG_COLLECTIONS] = "collection",
	};

	(void)state;
	for (enum field f = 0; f < FIELD_COUNT; f++)
		assert_string_equal(fields_plex_name(f), words[f]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_which_tags, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_tags_are, setup, teardown),
		cmocka_unit_test_setup_teardown(test_performers_by_gender, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_collections_of_studios_and_groups, setup, teardown),
		cmocka_unit_test_setup_teardown(test_titles_that_are_made, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_by_the_settings_of_the_last_push, setup, teardown),
		cmocka_unit_test_setup_teardown(test_dates, setup, teardown),
		cmocka_unit_test_setup_teardown(test_names_that_are_one_to_plex, setup, teardown),
		cmocka_unit_test_setup_teardown(test_tags_that_are_one_to_plex, setup, teardown),
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
