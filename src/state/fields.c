/*
 * fields.c - see fields.h.
 *
 * On the disk: the number of known fields, then for each its number, a form, and what
 * the form says. A field that this version does not know is skipped. A name that was cut
 * ends in CUT, a character that no name has, and the digest of its folded form.
 *
 * In version 1 of the history: the number of the field, the number of texts, the texts,
 * which are whole.
 */
#include "state/fields.h"

#include <stddef.h>
#include <string.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/utf8.h"

#define CUT '\001'

enum form {
	FORM_TEXT = 0, /* text                                   */
	FORM_CUT,      /* its beginning, exact and alike digests */
	FORM_NAMES,    /* count u32, texts                       */
	FORM_LIKE,     /* nothing: see fields_record()           */
	FORM_BY = 128, /* added to one of them: also the text of the setting that made it */
};

/* One row for each field; README says what else a new one takes. */
static const struct {
	const char *name, *plex, *setting;
	enum field_kind kind;
} table[FIELD_COUNT] = {
	[FIELD_TITLE] = {"title", "title", "fieldNoTitle", KIND_TEXT},
	[FIELD_SUMMARY] = {"summary", "summary", "fieldNoSummary", KIND_TEXT},
	[FIELD_DATE] = {"date", "originallyAvailableAt", "fieldNoDate", KIND_DAY},
	[FIELD_STUDIO] = {"studio", "studio", "fieldNoStudio", KIND_TEXT},
	[FIELD_PERFORMERS] = {"performers", "actor", "fieldNoPerformers", KIND_NAMES},
	[FIELD_TAGS] = {"tags", "genre", "fieldNoTags", KIND_NAMES},
	[FIELD_RATING] = {"rating", "userRating", "fieldNoRating", KIND_RATING},
	[FIELD_DIRECTOR] = {"director", "director", "fieldNoDirector", KIND_NAMES},
	[FIELD_COLLECTIONS] = {"collections", "collection", "fieldNoCollections", KIND_NAMES},
	[FIELD_STUDIO_COLLECTION] = {"studio_collection", "collection", "fieldNoStudioCollection",
		KIND_NAMES},
	[FIELD_POSTER] = {"poster", "thumb", "fieldNoPoster", KIND_PICTURE},
	[FIELD_BACKGROUND] = {"background", "art", "fieldNoBackground", KIND_PICTURE},
	[FIELD_SORT_TITLE] = {"sort_title", "titleSort", "fieldSortTitleFormat", KIND_TEXT},
	[FIELD_CONTENT_RATING] = {"content_rating", "contentRating", "fieldContentRating",
		KIND_TEXT},
	[FIELD_CRITIC_RATING] = {"critic_rating", "rating", "fieldCriticRating", KIND_RATING},
	[FIELD_LABELS] = {"labels", "label", "fieldTagsAs", KIND_NAMES},
	[FIELD_TAG_COLLECTIONS] = {"tag_collections", "collection", "fieldTagsAs", KIND_NAMES},
};

const char *fields_name(enum field field)
{
	return table[field].name;
}

const char *fields_plex_name(enum field field)
{
	return table[field].plex;
}

bool fields_share(enum field x, enum field y)
{
	return strcmp(table[x].plex, table[y].plex) == 0;
}

const char *fields_setting(enum field field)
{
	return table[field].setting;
}

bool fields_is_optional(enum field field)
{
	return strncmp(table[field].setting, "fieldNo", 7) != 0;
}

enum field_kind fields_kind(enum field field)
{
	return table[field].kind;
}

bool fields_is_set(enum field field)
{
	return table[field].kind == KIND_NAMES;
}

bool value_is_empty(const struct value *value)
{
	return !value->known || (*value->text == '\0' && value->names.n == 0);
}

bool value_is(const struct value *value, const char *text)
{
	struct digest digest;

	if (!value->known || !value->cut)
		return value->known && strcmp(value->text, text) == 0;
	digest = digest_text(text);
	return memcmp(&digest, &value->exact, sizeof(digest)) == 0;
}

bool value_alike(const struct value *value, const char *text, struct arena *a)
{
	struct digest digest;

	if (!value->known || !value->cut)
		return value->known &&
		       (strcmp(value->text, text) == 0 ||
			       strcmp(utf8_squeeze(a, value->text), utf8_squeeze(a, text)) == 0);
	digest = digest_text(utf8_squeeze(a, text));
	return memcmp(&digest, &value->alike, sizeof(digest)) == 0;
}

/* The bytes of a name that people are shown. */
static int shown(const char *name)
{
	return (int)strcspn(name, (const char[]){CUT, '\0'});
}

bool value_is_whole(enum field field, const struct value *value)
{
	bool whole = value->known && !value->cut;

	for (size_t i = 0; fields_is_set(field) && i < value->names.n; i++)
		whole &= strchr(value->names.v[i], CUT) == NULL;
	return whole;
}

const char *value_show(enum field field, const struct value *value, struct arena *a)
{
	struct str text;

	if (!fields_is_set(field))
		return value->cut ? arena_printf(a, "%s…", value->text) : value->text;
	str_init(&text, a);
	for (size_t i = 0; i < value->names.n; i++) {
		const char *name = value->names.v[i];
		str_addf(&text, "%s%.*s%s", i > 0 ? ", " : "", shown(name), name,
			strchr(name, CUT) != NULL ? "…" : "");
	}
	return text.s;
}

char *fields_name_key(const char *name, struct arena *a)
{
	const char *cut = strchr(name, CUT);
	char *folded;
	char hex[2 * DIGEST_BYTES + 1];
	struct digest digest;

	if (cut != NULL)
		return arena_strdup(a, cut);
	folded = utf8_fold(a, utf8_plain(a, utf8_squeeze(a, name)));
	if (strlen(folded) <= LIMIT_REMEMBERED_BYTES)
		return folded;
	digest = digest_text(folded);
	digest_hex(&digest, hex);
	return arena_printf(a, "%c%s", CUT, hex);
}

bool fields_same_name(const char *x, const char *y, struct arena *a)
{
	return strcmp(fields_name_key(x, a), fields_name_key(y, a)) == 0;
}

bool fields_has_name(const struct str_list *names, const char *name, struct arena *a)
{
	const char *key = fields_name_key(name, a);

	for (size_t i = 0; i < names->n; i++) {
		if (strcmp(fields_name_key(names->v[i], a), key) == 0)
			return true;
	}
	return false;
}

/* --- what is remembered of it -------------------------------------------------- */

/* A secret that was pasted into a title must not get into the state. */
static char *masked(const char *text, struct arena *a)
{
	char *copy = arena_strdup(a, text);

	log_mask(copy);
	return copy;
}

/* Cuts the text to what is kept of it, between two characters. */
static char *shorten(char *text)
{
	size_t len = strnlen(text, LIMIT_REMEMBERED_BYTES);

	for (int i = 0; i < 3 && ((unsigned char)text[len] & 0xc0) == 0x80; i++)
		len--;
	text[len] = '\0';
	return text;
}

/* 'most': the bytes that are kept of a text that is not cut. */
static void cut_text(struct value *value, size_t most, struct arena *a)
{
	char *text = masked(value->text, a);
	bool whole = strlen(text) <= most && strcmp(text, value->text) == 0;

	if (!value->cut && !whole) {
		value->exact = digest_text(value->text);
		value->alike = digest_text(utf8_squeeze(a, value->text));
		value->cut = true;
	}
	value->text = value->cut ? shorten(text) : text;
}

static void cut_names(struct str_list *names, size_t most, struct arena *a)
{
	struct str_list all = *names;

	str_list_init(names, a);
	for (size_t i = 0; i < all.n; i++) {
		char *name = masked(all.v[i], a);
		const char *key = fields_name_key(name, a);
		bool is_long = strlen(name) > most || most == LIMIT_REMEMBERED_BYTES;
		if (key[0] == CUT && strchr(name, CUT) == NULL && is_long)
			name = arena_printf(a, "%s%s", shorten(name), key);
		else if (most > LIMIT_REMEMBERED_BYTES && strcmp(name, all.v[i]) != 0)
			name = arena_printf(a, "%s%c", name, CUT);
		str_list_add(names, name);
	}
}

static bool same(const struct value *x, const struct value *y)
{
	return x->known == y->known && x->cut == y->cut && str_eq(x->text, y->text) &&
	       (!x->cut || (memcmp(&x->exact, &y->exact, sizeof(x->exact)) == 0 &&
				   memcmp(&x->alike, &y->alike, sizeof(x->alike)) == 0)) &&
	       str_list_same(&x->names, &y->names);
}

static void code_value(struct record *r, uint8_t form, struct value *value)
{
	if (form & FORM_BY)
		record_text(r, &value->by);
	form &= (uint8_t)~FORM_BY;
	value->cut = form == FORM_CUT;
	if (form == FORM_NAMES)
		record_texts(r, &value->names);
	else if (form != FORM_LIKE)
		record_text(r, &value->text);
	if (!value->cut)
		return;
	record_digest(r, &value->exact);
	record_digest(r, &value->alike);
}

static enum form form_of(size_t field, const struct value *value)
{
	if (fields_is_set((enum field)field))
		return FORM_NAMES;
	return value->cut ? FORM_CUT : FORM_TEXT;
}

static void write_value(struct record *r, uint8_t field, const struct value *whole,
	const struct value *like, size_t most)
{
	struct value value = *whole;
	uint8_t form = FORM_LIKE;

	if (like == NULL || !same(whole, like)) {
		if (fields_is_set(field))
			cut_names(&value.names, most, r->arena);
		else
			cut_text(&value, most, r->arena);
		form = (uint8_t)form_of(field, &value);
	}
	if (value.by != NULL && *value.by != '\0') {
		value.by = masked(value.by, r->arena);
		form |= FORM_BY;
	}
	record_u8(r, &field);
	record_u8(r, &form);
	code_value(r, form, &value);
}

static void read_value(struct record *r, struct fields *fields, const struct fields *like)
{
	struct value value = {.known = true, .text = ""};
	uint8_t field = 0, form = 0;
	const char *by;

	record_u8(r, &field);
	record_u8(r, &form);
	record_refuse(r, (form & ~FORM_BY) <= FORM_LIKE);
	code_value(r, form, &value);
	form &= (uint8_t)~FORM_BY;
	if (r->bad || field >= FIELD_COUNT)
		return;
	by = value.by;
	if (form == FORM_LIKE)
		value = like != NULL ? like->v[field] : (struct value){.known = false};
	record_refuse(r, value.known && (form == FORM_LIKE || form == form_of(field, &value)));
	value.by = by;
	fields->v[field] = value;
}

static void code(struct record *r, struct fields *fields, const struct fields *like, size_t most)
{
	uint8_t known = 0;

	for (size_t f = 0; r->writes && f < FIELD_COUNT; f++)
		known = (uint8_t)(known + fields->v[f].known);
	record_u8(r, &known);
	if (!r->writes)
		*fields = (struct fields){0};
	for (; !r->writes && known > 0 && !r->bad; known--)
		read_value(r, fields, like);
	for (uint8_t f = 0; r->writes && f < FIELD_COUNT; f++) {
		if (fields->v[f].known)
			write_value(r, f, &fields->v[f], like ? &like->v[f] : NULL, most);
	}
}

void fields_record(struct record *r, struct fields *fields, const struct fields *like)
{
	code(r, fields, like, LIMIT_REMEMBERED_BYTES);
}

void fields_record_whole(struct record *r, struct fields *fields)
{
	code(r, fields, NULL, LIMIT_WHOLE_BYTES);
}

void fields_record_1(struct record *r, struct fields *fields)
{
	uint8_t known = 0;

	*fields = (struct fields){0};
	record_u8(r, &known);
	for (; known > 0 && !r->bad; known--) {
		struct str_list names = {.n = 0};
		uint8_t f = 0;
		record_u8(r, &f);
		record_texts(r, &names);
		if (f >= FIELD_COUNT || r->bad)
			continue;
		fields->v[f] = (struct value){.known = true, .text = ""};
		if (fields_is_set((enum field)f))
			fields->v[f].names = names;
		else if (names.n > 0)
			fields->v[f].text = names.v[0];
	}
}
