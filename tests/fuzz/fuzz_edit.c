/*
 * fuzz_edit.c - any changes of an item: every request names the one item, holds
 * nothing that a URL must not, and is short enough or said not to be.
 */
#include "fuzz.h"

#include "base/limits.h"
#include "plex/edit.h"

#define MOST ((size_t)8)

/* A line of the input, repeated: short inputs make long values. */
static char *long_text(struct fuzz *in)
{
	unsigned times = 1u << fuzz_byte(in) % 12;
	const char *line = fuzz_line(in);
	struct str text;

	str_init(&text, in->arena);
	for (; times > 0 && text.len < 2 * LIMIT_URL_BYTES; times--)
		str_add(&text, line);
	return text.s;
}

static struct edit_change change_of(struct fuzz *in, int field)
{
	static const char *const names[] = {"title", "summary", "actor", "genre"};
	uint8_t flags = fuzz_byte(in);
	struct edit_change change = {.fields = 1u << field, .name = names[flags % 4]};
	struct item_role *roles = arena_array(in->arena, 8, sizeof(*roles));

	str_list_init(&change.remove, in->arena);
	if (flags & 4) {
		change.text = long_text(in);
		return change;
	}
	for (change.name_count = 0; change.name_count < flags >> 5; change.name_count++) {
		uint8_t with = fuzz_byte(in);
		roles[change.name_count] = (struct item_role){.name = long_text(in),
			.role = with & 1 ? long_text(in) : NULL,
			.thumb = with & 2 ? fuzz_line(in) : NULL,
			.tag_key = with & 4 ? fuzz_line(in) : NULL};
	}
	change.names = roles;
	for (unsigned i = flags >> 3 & 3; i > 0; i--)
		str_list_add(&change.remove, long_text(in));
	return change;
}

static void check(const struct edit_request *request, const char *start, size_t origin_len)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-._~%&=/?";
	size_t len = strlen(request->path);

	assert(strncmp(request->path, start, strlen(start)) == 0);
	assert(strspn(request->path, allowed) == len);
	assert(strstr(request->path + strlen(start), "&id=") == NULL);
	assert(request->fields != 0);
	assert((len + origin_len > LIMIT_URL_BYTES) == request->long_value);
	assert(!request->long_value || (request->fields & (request->fields - 1)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct edit_change changes[MOST];
	struct edit edit = {.section = 3, .type = 1, .rating_key = "42", .changes = changes};
	struct edit_request *requests;
	struct arena a;
	struct fuzz in = {data, size, &a};
	size_t origin_len, count;
	unsigned fields = 0;

	arena_init(&a);
	origin_len = fuzz_byte(&in) * (size_t)LIMIT_ADDRESS_BYTES / 255;
	for (; edit.count < MOST && in.left > 0; edit.count++)
		changes[edit.count] = change_of(&in, (int)edit.count);
	count = edit_build(&edit, origin_len, &requests, &a);
	for (size_t i = 0; i < count; i++) {
		check(&requests[i], "/library/sections/3/all?type=1&id=42&", origin_len);
		assert((fields & requests[i].fields) == 0);
		assert(i == 0 || requests[i].long_value >= requests[i - 1].long_value);
		fields |= requests[i].fields;
	}
	assert(fields == (1u << edit.count) - 1); /* each change once */
	arena_clear(&a);
	return 0;
}
