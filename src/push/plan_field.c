#include "push/plan_field.h"

#include <string.h>

#include "base/utf8.h"

bool plan_same_text(const char *x, const char *y, struct arena *a)
{
	return strcmp(x, y) == 0 || strcmp(utf8_nfc(a, str_trim(a, utf8_clean(a, x))),
					    utf8_nfc(a, str_trim(a, utf8_clean(a, y)))) == 0;
}

bool plan_is_held(const struct plan_input *in, enum field field)
{
	return in->unattended && in->locked[field] && !in->force &&
	       !in->base->pushed.v[field].known && !in->base->meant.v[field].known;
}

bool plan_was_locked(const struct plan_input *in, enum field field)
{
	return (in->base->locked & 1u << field) != 0;
}

bool plan_may_be_reset(const struct plan_input *in, enum field field)
{
	if (!in->base->pushed.v[field].known)
		return false;
	if (!plan_was_locked(in, field))
		return in->restored && !in->locked[field] &&
		       !past_has_any(&in->base->past, field, PAST_LEFT);
	return !in->locked[field] || in->restored;
}

bool plan_may_be_original(const struct plan_input *in, enum field field)
{
	return !in->locked[field] || (in->base->original_locked & 1u << field) != 0;
}
