/*
 * past.c - see past.h.
 *
 * On the disk: the number of entries u8, then for each its field u8, kind u8 and digest.
 */
#include "state/past.h"

#include <string.h>

#include "base/utf8.h"

struct digest past_name(const char *name, struct arena *a)
{
	return digest_text(fields_name_key(name, a));
}

struct digest past_value(enum field field, const struct value *value, struct arena *a)
{
	struct digest all = {{0}};

	if (!fields_is_set(field))
		return value->cut ? value->alike : digest_text(utf8_squeeze(a, value->text));
	for (size_t i = 0; i < value->names.n; i++) {
		struct digest name = past_name(value->names.v[i], a);
		for (size_t b = 0; b < DIGEST_BYTES; b++)
			all.bytes[b] = (unsigned char)(all.bytes[b] + name.bytes[b]);
	}
	return all;
}

static bool is_kind(const struct past_entry *entry, enum field field, enum past_kind kind)
{
	return entry->field == field && entry->kind == kind;
}

/* The entry's place, or their number. */
static size_t find(
	const struct past *past, enum field field, enum past_kind kind, const struct digest *what)
{
	size_t i = 0;

	while (i < past->count && !(is_kind(&past->entries[i], field, kind) &&
					  memcmp(&past->entries[i].what, what, sizeof(*what)) == 0))
		i++;
	return i;
}

static void remove_at(struct past *past, size_t at)
{
	past->count--;
	memmove(&past->entries[at], &past->entries[at + 1],
		(past->count - at) * sizeof(*past->entries));
}

void past_note(struct past *past, enum field field, enum past_kind kind, struct digest what)
{
	past_forget(past, field, kind, what);
	if (past->count == PAST_MOST)
		remove_at(past, 0);
	past->entries[past->count++] = (struct past_entry){(uint8_t)field, (uint8_t)kind, what};
}

bool past_has(const struct past *past, enum field field, enum past_kind kind, struct digest what)
{
	return find(past, field, kind, &what) < past->count;
}

bool past_has_any(const struct past *past, enum field field, enum past_kind kind)
{
	for (size_t i = 0; i < past->count; i++) {
		if (is_kind(&past->entries[i], field, kind))
			return true;
	}
	return false;
}

void past_forget(struct past *past, enum field field, enum past_kind kind, struct digest what)
{
	size_t at = find(past, field, kind, &what);

	if (at < past->count)
		remove_at(past, at);
}

void past_forget_all(struct past *past, enum field field, enum past_kind kind)
{
	for (size_t i = past->count; i > 0; i--) {
		if (is_kind(&past->entries[i - 1], field, kind))
			remove_at(past, i - 1);
	}
}

void past_take(struct past *past, enum field field, const struct past *from)
{
	for (size_t i = past->count; i > 0; i--) {
		if (past->entries[i - 1].field == field)
			remove_at(past, i - 1);
	}
	for (size_t i = 0; i < from->count; i++) {
		const struct past_entry *entry = &from->entries[i];
		if (entry->field == field)
			past_note(past, field, (enum past_kind)entry->kind, entry->what);
	}
}

void past_record(struct record *r, struct past *past)
{
	uint8_t count = (uint8_t)past->count;

	record_u8(r, &count);
	record_refuse(r, count <= PAST_MOST);
	past->count = r->bad ? 0 : count;
	for (size_t i = 0; i < past->count; i++) {
		struct past_entry *entry = &past->entries[i];
		record_u8(r, &entry->field);
		record_u8(r, &entry->kind);
		record_digest(r, &entry->what);
	}
}
