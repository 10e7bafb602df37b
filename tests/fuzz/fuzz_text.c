/* fuzz_text.c - texts: valid where that is promised, and the same when done twice. */
#include "fuzz.h"

#include <utf8proc.h>

#include "base/str.h"

static bool is_valid(const char *text)
{
	utf8proc_int32_t c;
	utf8proc_ssize_t len;

	for (; *text != '\0'; text += len) {
		len = utf8proc_iterate((const utf8proc_uint8_t *)text, -1, &c);
		if (len <= 0)
			return false;
	}
	return true;
}

static char *once(char *(*form)(struct arena *, const char *), const char *text, struct arena *a)
{
	char *done = form(a, text);

	assert(strcmp(form(a, done), done) == 0);
	return done;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	const char *clean, *line;
	struct arena a;

	arena_init(&a);
	clean = once(utf8_clean, text, &a);
	line = once(utf8_clean_line, text, &a);
	assert(is_valid(clean) && is_valid(line));
	assert(strpbrk(clean, "\r\x01\x1f\x7f") == NULL && strpbrk(line, "\n\t") == NULL);
	assert(is_valid(once(utf8_squeeze, text, &a)));
	once(utf8_fold, text, &a);
	/* Two spellings of one name are one name. */
	assert(strcmp(utf8_fold(&a, once(utf8_nfc, text, &a)), utf8_fold(&a, text)) == 0);
	assert(!is_valid(text) || is_valid(utf8_nfc(&a, text)));
	assert(str_blank(text) == (*str_trim(&a, text) == '\0'));
	arena_clear(&a);
	free(text);
	return 0;
}
