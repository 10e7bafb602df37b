/* record.c - see record.h. */
#include "store/record.h"

#include <string.h>

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

void record_read(struct record *r, struct bytes from, struct arena *a)
{
	*r = (struct record){.at = from.data, .left = from.len, .arena = a};
}

void record_write(struct record *r, struct arena *a)
{
	*r = (struct record){.writes = true, .arena = a};
	str_init(&r->out, a);
}

static const unsigned char *take(struct record *r, size_t size)
{
	const unsigned char *at = r->at;

	if (r->bad || r->left < size) {
		r->bad = true;
		return NULL;
	}
	r->at += size;
	r->left -= size;
	return at;
}

static void raw(struct record *r, void *bytes, size_t size)
{
	const unsigned char *from;

	if (r->writes) {
		str_addn(&r->out, bytes, size);
		return;
	}
	from = take(r, size);
	if (from != NULL)
		memcpy(bytes, from, size);
	else
		memset(bytes, 0, size);
}

static uint64_t number(struct record *r, uint64_t n, size_t size)
{
	unsigned char be[8];

	record_key(be, (int64_t)n);
	raw(r, be + sizeof(be) - size, size);
	return (uint64_t)record_key_number(be, 0);
}

void record_u8(struct record *r, uint8_t *n)
{
	raw(r, n, 1);
}

void record_u32(struct record *r, uint32_t *n)
{
	*n = (uint32_t)number(r, *n, 4);
}

void record_u64(struct record *r, uint64_t *n)
{
	*n = number(r, *n, 8);
}

void record_i64(struct record *r, int64_t *n)
{
	*n = (int64_t)number(r, (uint64_t)*n, 8);
}

void record_bool(struct record *r, bool *is)
{
	*is = number(r, *is, 1) != 0;
}

void record_digest(struct record *r, struct digest *digest)
{
	raw(r, digest->bytes, DIGEST_BYTES);
}

static void write_text(struct record *r, const char *text)
{
	uint32_t len = text != NULL ? (uint32_t)strlen(text) : 0;

	record_u32(r, &len);
	str_addn(&r->out, text, len);
}

static char *read_text(struct record *r)
{
	uint32_t len = 0;
	const unsigned char *from;

	record_u32(r, &len);
	from = take(r, len);
	return arena_strndup(r->arena, from ? (const char *)from : "", from ? len : 0);
}

void record_text(struct record *r, const char **text)
{
	if (r->writes)
		write_text(r, *text);
	else
		*text = read_text(r);
}

void *record_list(struct record *r, void *list, size_t *count, size_t size, size_t least)
{
	uint32_t n = (uint32_t)*count;

	record_u32(r, &n);
	if (r->writes)
		return list;
	record_refuse(r, n <= r->left / least);
	*count = r->bad ? 0 : n;
	return arena_array(r->arena, *count, size);
}

void record_texts(struct record *r, struct str_list *list)
{
	size_t n = list->n;
	char **v = record_list(r, list->v, &n, sizeof(*list->v), 4);

	if (!r->writes)
		*list = (struct str_list){.v = v, .n = n, .cap = n, .arena = r->arena};
	for (size_t i = 0; i < n; i++) {
		if (r->writes)
			write_text(r, v[i]);
		else
			v[i] = read_text(r);
	}
}

void record_refuse(struct record *r, bool unless)
{
	r->bad = r->bad || !unless;
}

bool record_ok(const struct record *r)
{
	return !r->bad && r->left == 0;
}

struct bytes record_bytes(const struct record *r)
{
	return (struct bytes){r->out.s, r->out.len};
}
