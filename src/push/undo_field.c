#include "push/undo_field.h"

#include <string.h>

#include "push/values.h"

struct value undo_field_take_back(const struct value *set, const struct value *before,
	const struct value *after, struct str_list *gone, bool *changed, struct arena *a)
{
	struct value out = {.known = true, .text = ""};

	str_list_init(&out.names, a);
	*changed = false;
	for (size_t i = 0; i < set->names.n; i++) {
		char *name = set->names.v[i];
		bool goes = fields_has_name(&after->names, name, a) &&
			    !fields_has_name(&before->names, name, a);
		*changed |= goes;
		if (!goes)
			str_list_add(&out.names, name);
		else if (gone != NULL)
			str_list_add(gone, name);
	}
	for (size_t i = 0; i < before->names.n; i++) {
		char *name = before->names.v[i];
		if (fields_has_name(&after->names, name, a) ||
			fields_has_name(&set->names, name, a))
			continue;
		str_list_add(&out.names, name);
		*changed = true;
	}
	return out;
}

struct undo_field undo_field_decide(enum field field, const struct value *before,
	const struct value *after, const struct value *theirs, struct arena *a)
{
	struct undo_field out = {.verdict = UNDO_NOTHING};
	bool changed = true;

	if (!before->known || !after->known)
		return out;
	if (fields_is_set(field))
		undo_field_take_back(after, before, after, NULL, &changed, a);
	if (!changed) /* another order, or spelling, alone: nothing that could be taken back */
		return out;
	str_list_init(&out.remove, a);
	if (!value_is_whole(field, before) ||
		(fields_is_set(field) && !value_is_whole(field, after))) {
		out.verdict = UNDO_LOST;
	} else if (fields_is_set(field)) {
		out.result = undo_field_take_back(theirs, before, after, &out.remove, &changed, a);
		out.verdict = changed ? UNDO_WRITE : UNDO_BACK;
	} else {
		out.result = *before;
		out.verdict = value_alike(after, theirs->text, a)    ? UNDO_WRITE
			      : value_alike(before, theirs->text, a) ? UNDO_BACK
								     : UNDO_KEEP;
	}
	return out;
}

void undo_field_forget_locks(struct history *history, unsigned fields)
{
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		for (enum field g = 0; g < FIELD_COUNT; g++) {
			/* Two of ours may be one list in Plex, with one lock. */
			if ((fields & 1u << f) && fields_share(f, g))
				history->locked &= ~(1u << g);
		}
	}
}
