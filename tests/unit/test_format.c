/*
 * test_format.c - titles that are made of a scene's values.
 */
#include "arena_open.h"

#include <string.h>

#include "stash/format.h"

/* "t=Harbour Lights|s=Northlight": the values by their first letters ("P" is the parent). */
static struct format_values values(const char *text)
{
	static const char letters[] = {[FORMAT_TITLE] = 't',
		[FORMAT_STUDIO] = 's',
		[FORMAT_PARENT_STUDIO] = 'P',
		[FORMAT_DATE] = 'd',
		[FORMAT_YEAR] = 'y',
		[FORMAT_CODE] = 'c',
		[FORMAT_PERFORMERS] = 'p',
		[FORMAT_DIRECTOR] = 'D',
		[FORMAT_RATING] = 'r',
		[FORMAT_FILENAME] = 'f',
		[FORMAT_ID] = 'i'};
	struct format_values out;

	for (size_t n = 0; n < FORMAT_NAMES; n++)
		out.v[n] = "";
	while (*text != '\0') {
		size_t len = strcspn(text, "|");
		for (size_t n = 0; n < FORMAT_NAMES; n++) {
			if (letters[n] == *text)
				out.v[n] = arena_strndup(&arena, text + 2, len - 2);
		}
		text += len + (text[len] == '|');
	}
	return out;
}

static void test_titles(void **state)
{
	static const struct {
		const char *format, *values, *title;
	} rows[] = {
		{"{title}", "t=Harbour Lights", "Harbour Lights"},
		{"{title}", "", ""},
		{"{TITLE}", "t=Pier", "Pier"},
		{"{studio} - {title}", "t=Pier|s=North", "North - Pier"},
		{"{studio} - {title}", "t=Pier", "Pier"},
		{"{studio} - {title}", "s=North", "North"},
		{"{studio} - {date} - {title}", "t=Pier|s=North", "North - Pier"},
		{"{studio} - {date}: {title}", "t=Pier|s=North", "North - Pier"},
		{"{studio}: {title}", "t=Pier", "Pier"},
		{"{title}: {studio}", "t=Pier", "Pier"},
		{"{title} ({year})", "t=Pier|y=2020", "Pier (2020)"},
		{"{title} ({year})", "t=Pier", "Pier"},
		{"{title} ({year}) {studio}", "t=Pier|s=North", "Pier North"},
		{"{title} ({year}, {code})", "t=Pier", "Pier"},
		{"{title} ({year}, {code})", "t=Pier|y=2020", "Pier (2020)"},
		{"{title} ({year}, {code})", "t=Pier|c=HL-1", "Pier (HL-1)"},
		{"({year}) {title}", "t=Pier", "Pier"},
		{"{title}[ ({year})]", "t=Pier|y=2020", "Pier (2020)"},
		{"{title}[ ({year})]", "t=Pier", "Pier"},
		{"[{studio} presents ]{title}", "t=Pier", "Pier"},
		{"[{studio} presents ]{title}", "t=Pier|s=North", "North presents Pier"},
		{"{title}[ with {performers} by {director}]", "t=Pier|p=Ana Duarte", "Pier"},
		{"{title}[ with {performers}][ by {director}]", "t=Pier|D=Ana Duarte",
			"Pier by Ana Duarte"},
		/* A bracket without a name in it stays. */
		{"{title}[ HD]", "t=Pier", "Pier HD"},
		{"{title} [[{year}]]", "t=Pier|y=2020", "Pier [2020]"},
		{"{title} [[{year}]]", "t=Pier", "Pier"},
		{"{{{title}}}", "t=Pier", "{Pier}"},
		/* What belongs to a value stays. */
		{"{title}", "t=Pier -", "Pier -"},
		{"{title} - {studio}", "t=- Pier ()", "- Pier ()"},
		{"{studio} {title}", "t=(Pier)", "(Pier)"},
		{"- {title} \xe2\x80\x93 ", "t=Pier", "Pier"},
		{"{title} ()", "t=Pier", "Pier ()"},
		{"{studio} \xe2\x80\x94 {title}", "t=Pier", "Pier"},
		/* Nothing but the format's own words is no title. */
		{"Scene {title}", "", ""},
		{"Scene {title}", "t=7", "Scene 7"},
		{"Home films", "t=Pier", "Home films"},
		{"{parent_studio}/{studio}/{id}", "P=A|s=B|i=45", "A/B/45"},
		{"{rating} {filename} {date}", "r=8.5|f=clip|d=2020-05", "8.5 clip 2020-05"},
		{"", "t=Pier", ""},
		{"\xd8\xa7 {title}", "t=\xf0\x9f\x8e\xac", "\xd8\xa7 \xf0\x9f\x8e\xac"},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct format_values given = values(rows[i].values);
		struct err err;
		ok &= row_int(rows[i].format, format_check(rows[i].format, "f", &err), true);
		ok &= row_text(rows[i].format, format_render(rows[i].format, &given, &arena),
			rows[i].title);
	}
	assert_true(ok);
}

static void test_what_is_wrong_is_named_with_its_place(void **state)
{
	static const struct {
		const char *format, *said;
	} rows[] = {
		{"{titel}", "{titel} at character 1 is not one of {title}"},
		{"{}", "{} at character 1 is not one of"},
		{"{ title }", "{ title } at character 1 is not one of"},
		{"\xd8\xa7\xd8\xa7{x}", "{x} at character 3 is not one of"},
		{"{title", "the { at character 1 is never closed"},
		{"{title} {", "the { at character 9 is never closed"},
		{"title}", "the } at character 6 has no {"},
		{"{title}}", "the } at character 8 has no {"},
		{"[{title}", "the [ at character 1 is never closed"},
		{"{title}]", "the ] at character 8 has no ["},
		{"[{title} [({year})]", "the [ at character 10 stands within another"},
		{"[[{title}]", "the ] at character 10 has no ["},
	};
	struct format_values given = values("t=Pier");
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct err err;
		ok &= row_int(rows[i].format,
			format_check(rows[i].format, "fieldTitleFormat", &err), false);
		ok &= row_int(rows[i].format, err.kind, ERR_SETUP);
		if (strstr(err.text, rows[i].said) == NULL ||
			strstr(err.text, "setting fieldTitleFormat: ") == NULL)
			ok &= row_text(rows[i].format, err.text, rows[i].said);
		format_render(rows[i].format, &given, &arena); /* never walks out of it */
	}
	assert_true(ok);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_titles, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_what_is_wrong_is_named_with_its_place, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
