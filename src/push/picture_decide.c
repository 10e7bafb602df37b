#include "push/picture_decide.h"

#include "base/digest.h"

enum picture_act picture_decide(const struct picture_facts *facts)
{
	if (facts->seen && !facts->meant && !facts->force && !(facts->pushed && facts->lost))
		return facts->pushed ? PICTURE_LEAVE : PICTURE_KEEP;
	if (facts->wrong)
		return PICTURE_KEEP;
	if (facts->refused && !facts->meant)
		return PICTURE_REFUSED;
	if (facts->free)
		return PICTURE_PUT;
	if (!facts->listed)
		return PICTURE_ASK;
	if (facts->selected)
		return facts->meant ? PICTURE_LOCK : PICTURE_ADOPT;
	if (facts->chosen && !facts->force)
		return PICTURE_KEEP;
	return facts->refused && !facts->there ? PICTURE_REFUSED : PICTURE_PUT;
}

void picture_note_ours(struct history *history, enum field field, const char *sha1)
{
	struct value *pushed = &history->pushed.v[field];

	if (pushed->known && (sha1 == NULL || !value_is(pushed, sha1)))
		past_note(&history->past, field, PAST_FORMER, digest_text(pushed->text));
	*pushed = (struct value){.known = sha1 != NULL, .text = sha1};
}

bool picture_is_value(const struct picture *picture, const struct value *value)
{
	return value->known && picture_is(picture, value->text);
}

bool picture_was_ours(
	const struct history *history, enum field field, const struct picture *picture)
{
	const char *sha1 = picture_sha1(picture->key);

	return picture_is_value(picture, &history->previous.v[field]) ||
	       (*sha1 != '\0' && past_has(&history->past, field, PAST_FORMER, digest_text(sha1)));
}
