/*
 * fields.c - see fields.h.
 *
 * On the disk: the number of known fields, then for each its number, the
 * number of texts, the texts. A field that this version does not know is read
 * over.
 */
#include "state/fields.h"

#include <assert.h>
#include <stddef.h>

#include "base/log.h"

static const struct {
	const char *name;
	bool set;
} info[FIELD_COUNT] = {
	[FIELD_TITLE] = {"title", false},
	[FIELD_SUMMARY] = {"summary", false},
	[FIELD_DATE] = {"date", false},
	[FIELD_STUDIO] = {"studio", false},
	[FIELD_PERFORMERS] = {"performers", true},
	[FIELD_TAGS] = {"tags", true},
	[FIELD_RATING] = {"rating", false},
	[FIELD_DIRECTOR] = {"director", true},
	[FIELD_COLLECTIONS] = {"collections", true},
	[FIELD_STUDIO_COLLECTION] = {"studio_collection", true},
	[FIELD_POSTER] = {"poster", false},
	[FIELD_BACKGROUND] = {"background", false},
};

const char *fields_name(enum field field)
{
	return info[field].name;
}

bool fields_is_set(enum field field)
{
	return info[field].set;
}

unsigned fields_sets(void)
{
	unsigned sets = 0;

	for (size_t f = 0; f < FIELD_COUNT; f++)
		sets |= info[f].set ? 1u << f : 0;
	return sets;
}

/* A secret that somebody pasted into a title stays out of the state, too. */
static void put_text(struct str *record, const char *text)
{
	char *masked = arena_strdup(record->arena, text);

	log_mask(masked);
	record_put_text(record, masked);
}

void fields_put(struct str *record, const struct fields *fields)
{
	uint8_t known = 0;

	for (size_t f = 0; f < FIELD_COUNT; f++)
		known = (uint8_t)(known + fields->v[f].known);
	record_put_u8(record, known);
	for (size_t f = 0; f < FIELD_COUNT; f++) {
		const struct value *value = &fields->v[f];
		if (!value->known)
			continue;
		record_put_u8(record, (uint8_t)f);
		record_put_u32(record, info[f].set ? (uint32_t)value->names.n : 1);
		if (!info[f].set)
			put_text(record, value->text);
		for (size_t i = 0; info[f].set && i < value->names.n; i++)
			put_text(record, value->names.v[i]);
	}
}

void fields_get(struct record_reader *in, struct fields *fields)
{
	uint8_t known = record_u8(in);

	*fields = (struct fields){0};
	for (; known > 0 && !in->bad; known--) {
		uint8_t f = record_u8(in);
		uint32_t texts = record_u32(in);
		struct str_list names;

		str_list_init(&names, in->arena);
		for (; texts > 0 && !in->bad; texts--)
			str_list_add(&names, record_text(in));
		if (f >= FIELD_COUNT || in->bad)
			continue;
		fields->v[f].known = true;
		fields->v[f].names = names;
		fields->v[f].text = names.n > 0 ? names.v[0] : "";
	}
}
