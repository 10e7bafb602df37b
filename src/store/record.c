/* record.c - see record.h. */
#include "store/record.h"

#include <string.h>

struct bytes record_bytes(const struct str *str)
{
	return (struct bytes){str->s, str->len};
}

struct bytes record_key(unsigned char key[8], int64_t number)
{
	for (size_t i = 0; i < 8; i++)
		key[i] = (unsigned char)((uint64_t)number >> (8 * (7 - i)));
	return (struct bytes){key, 8};
}

int64_t record_key_number(const void *key, size_t offset)
{
	const unsigned char *p = (const unsigned char *)key + offset;
	uint64_t n = 0;

	for (size_t i = 0; i < 8; i++)
		n = n << 8 | p[i];
	return (int64_t)n;
}

void record_put_u8(struct str *out, uint8_t n)
{
	str_addn(out, &n, 1);
}

static void put_number(struct str *out, uint64_t n, size_t size)
{
	unsigned char be[8];

	for (size_t i = 0; i < size; i++)
		be[i] = (unsigned char)(n >> (8 * (size - 1 - i)));
	str_addn(out, be, size);
}

void record_put_u32(struct str *out, uint32_t n)
{
	put_number(out, n, 4);
}

void record_put_u64(struct str *out, uint64_t n)
{
	put_number(out, n, 8);
}

void record_put_digest(struct str *out, const struct digest *digest)
{
	str_addn(out, digest->bytes, sizeof(digest->bytes));
}

void record_put_text(struct str *out, const char *text)
{
	size_t len = text ? strlen(text) : 0;

	record_put_u32(out, (uint32_t)len);
	str_addn(out, text, len);
}

void record_put_maybe(struct str *out, const char *text)
{
	record_put_u8(out, text != NULL);
	if (text != NULL)
		record_put_text(out, text);
}

void record_open(struct record_reader *in, struct bytes record, struct arena *a)
{
	*in = (struct record_reader){.at = record.data, .left = record.len, .arena = a};
}

static const unsigned char *take(struct record_reader *in, size_t size)
{
	const unsigned char *at = in->at;

	if (in->bad || in->left < size) {
		in->bad = true;
		return NULL;
	}
	in->at += size;
	in->left -= size;
	return at;
}

static uint64_t number(struct record_reader *in, size_t size)
{
	const unsigned char *be = take(in, size);
	uint64_t n = 0;

	for (size_t i = 0; be != NULL && i < size; i++)
		n = n << 8 | be[i];
	return n;
}

uint8_t record_u8(struct record_reader *in)
{
	return (uint8_t)number(in, 1);
}

uint32_t record_u32(struct record_reader *in)
{
	return (uint32_t)number(in, 4);
}

uint64_t record_u64(struct record_reader *in)
{
	return number(in, 8);
}

struct digest record_digest(struct record_reader *in)
{
	const unsigned char *bytes = take(in, DIGEST_BYTES);
	struct digest digest = {{0}};

	if (bytes != NULL)
		memcpy(digest.bytes, bytes, DIGEST_BYTES);
	return digest;
}

char *record_text(struct record_reader *in)
{
	uint32_t len = record_u32(in);
	const unsigned char *text = take(in, len);

	return text ? arena_strndup(in->arena, (const char *)text, len)
		    : arena_strdup(in->arena, "");
}

char *record_maybe(struct record_reader *in)
{
	return record_u8(in) ? record_text(in) : NULL;
}

bool record_ok(const struct record_reader *in)
{
	return !in->bad && in->left == 0;
}
