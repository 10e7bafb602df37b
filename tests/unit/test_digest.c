/* test_digest.c - digests: the first half of SHA-256, SHA-1, and their hexadecimal form. */
#include "helpers.h"

#include "base/digest.h"

static void test_known_values(void **state)
{
	static const struct {
		const char *text, *hex;
	} rows[] = {
		{"", "e3b0c44298fc1c149afbf4c8996fb924"},
		{"abc", "ba7816bf8f01cfea414140de5dae2223"},
		{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
			"248d6a61d20638b8e5c026930c3e6039"},
	};
	char hex[2 * DIGEST_BYTES + 1];
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct digest digest = digest_text(rows[i].text);
		digest_hex(&digest, hex);
		ok &= row_text(rows[i].text, hex, rows[i].hex);
		digest = digest_of(rows[i].text, strlen(rows[i].text));
		digest_hex(&digest, hex);
		ok &= row_text(rows[i].text, hex, rows[i].hex);
	}
	assert_true(ok);
}

static void test_bytes_count(void **state)
{
	struct digest one = digest_of("a\0b", 3), two = digest_of("a\0c", 3);

	(void)state;
	assert_memory_not_equal(one.bytes, two.bytes, DIGEST_BYTES);
}

static void test_sha1(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a);
	assert_string_equal(digest_sha1("abc", 3, &a), "a9993e364706816aba3e25717850c26c9cd0d89d");
	assert_string_equal(digest_sha1("", 0, &a), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
	arena_clear(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_values),
		cmocka_unit_test(test_bytes_count),
		cmocka_unit_test(test_sha1),
	};

	return cmocka_run_group_tests_name("digest", tests, NULL, NULL);
}
