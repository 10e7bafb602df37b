/* fuzz_input.c - whatever stands on stdin: a hook that is found names a scene. */
#include "fuzz.h"

#include "stash/input.h"

static void check_hook(const struct input_hook *hook)
{
	bool named = false;

	assert(hook->type != NULL);
	if (hook->noun != NOUN_SCENE)
		return;
	assert(hook->id > 0 && hook->scene_count > 0);
	for (size_t i = 0; i < hook->scene_count; i++) {
		assert(hook->scenes[i] > 0);
		named |= hook->scenes[i] == hook->id;
	}
	assert(named);
	assert(!hook->names_one || hook->scene_count == 1);
}

static void check_parse(const char *text, size_t size, struct arena *a)
{
	struct input input;
	struct err err = {0};

	if (!input_parse(text, size, &input, a, &err)) {
		assert(err.kind == ERR_INPUT && err.text[0] != '\0');
	} else {
		assert(input.stash.url != NULL);
		assert(input.is_hook || input.mode != NULL);
		assert(input.args.scene >= 0 && input.args.days >= -1);
	}
	if (input.is_hook)
		check_hook(&input.hook);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct arena a;

	arena_init(&a);
	check_parse(text, size, &a);
	arena_clear(&a);
	free(text);
	return 0;
}
