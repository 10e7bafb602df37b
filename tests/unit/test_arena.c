/*
 * test_arena.c - arenas: alignment, growth over many blocks, zeroed memory,
 * copies, and the one message with which the process ends without memory.
 */
#include "helpers.h"

#include <fcntl.h>

#include "base/arena.h"

/* Without it the sanitizer would end the process before malloc() can fail. */
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1:max_allocation_size_mb=4096";
}

static const size_t sizes[] = {0, 1, 7, 8, 15, 16, 17, 63, 64, 100, 1000, 4095, 4096, 4097, 5000,
	16383, 16384, 16385, 40000, 100000};

static bool is_zero(const unsigned char *p, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (p[i] != 0)
			return false;
	}
	return true;
}

static void test_alloc_aligned_and_zeroed(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t round = 0; round < 20; round++) {
		for (size_t i = 0; i < ROWS(sizes); i++) {
			unsigned char *p = arena_alloc(&a, sizes[i]);
			assert_non_null(p);
			assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
			assert_true(is_zero(p, sizes[i]));
			memset(p, 0xa5, sizes[i]);
		}
	}
	arena_clear(&a);
}

/* Every piece keeps its bytes while others come, small and large mixed. */
static void test_pieces_do_not_overlap(void **state)
{
	unsigned char *pieces[600];
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < ROWS(pieces); i++) {
		size_t size = sizes[i * 7 % ROWS(sizes)];
		pieces[i] = arena_alloc(&a, size);
		memset(pieces[i], (int)(i % 251), size);
	}
	for (size_t i = 0; i < ROWS(pieces); i++) {
		size_t size = sizes[i * 7 % ROWS(sizes)];
		for (size_t j = 0; j < size; j++)
			assert_int_equal(pieces[i][j], i % 251);
	}
	arena_clear(&a);
}

static void test_clear_can_be_used_again(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a);
	arena_clear(&a);
	for (int i = 0; i < 3; i++) {
		assert_string_equal(arena_strdup(&a, "Harbour Lights"), "Harbour Lights");
		arena_alloc(&a, 50000);
		arena_clear(&a);
		assert_null(a.blocks);
	}
	arena_clear(&a);
}

static void test_copies(void **state)
{
	char big[20000];
	struct arena a;

	(void)state;
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	arena_init(&a);
	assert_null(arena_strdup(&a, NULL));
	assert_string_equal(arena_strdup(&a, ""), "");
	assert_string_equal(arena_strdup(&a, big), big);
	assert_string_equal(arena_strndup(&a, "Harbour Lights", 7), "Harbour");
	assert_string_equal(arena_strndup(&a, "Harbour", 0), "");
	assert_memory_equal(arena_strndup(&a, "a\0b", 3), "a\0b", 4);
	assert_string_equal(arena_printf(&a, "%s %d", "scene", 42), "scene 42");
	assert_string_equal(arena_printf(&a, "%s", ""), "");
	assert_string_equal(arena_printf(&a, "%s", big), big);
	assert_non_null(arena_array(&a, 0, 8));
	assert_non_null(arena_array(&a, 8, 0));
	arena_clear(&a);
}

/* "A NULL string stays NULL" is said of both copies. */
static int run_strndup_null(struct child *parent, void *arg)
{
	struct arena a;

	(void)parent;
	(void)arg;
	arena_init(&a);
	return arena_strndup(&a, NULL, 0) == NULL ? 0 : 1;
}

static void test_strndup_null(void **state)
{
	(void)state;
	assert_int_equal(child_run(run_strndup_null, NULL), 0);
}

enum too_much {
	ALLOC_MAX,
	ALLOC_NEAR_MAX,
	ALLOC_LARGE,
	ARRAY_OVERFLOW,
	MALLOC_LARGE,
	REALLOC_LARGE
};

static void ask_too_much(enum too_much what)
{
	struct arena a;

	arena_init(&a);
	switch (what) {
	case ALLOC_MAX:
		arena_alloc(&a, SIZE_MAX);
		break;
	case ALLOC_NEAR_MAX:
		arena_alloc(&a, SIZE_MAX - 20);
		break;
	case ALLOC_LARGE:
		arena_alloc(&a, SIZE_MAX / 4);
		break;
	case ARRAY_OVERFLOW:
		arena_array(&a, SIZE_MAX / 2, 3);
		break;
	case MALLOC_LARGE:
		free(arena_malloc(SIZE_MAX / 4));
		break;
	case REALLOC_LARGE:
	default:
		free(arena_realloc(NULL, SIZE_MAX / 4));
		break;
	}
}

struct oom {
	enum too_much what;
	const char *file; /* takes stderr */
};

static int run_out_of_memory(struct child *parent, void *arg)
{
	const struct oom *oom = arg;
	int fd = open(oom->file, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	(void)parent;
	dup2(fd, STDERR_FILENO);
	ask_too_much(oom->what);
	return 77;
}

static void test_out_of_memory(void **state)
{
	static const struct {
		const char *name;
		enum too_much what;
	} rows[] = {
		{"alloc: the largest size", ALLOC_MAX},
		{"alloc: near the largest size", ALLOC_NEAR_MAX},
		{"alloc: more than there is", ALLOC_LARGE},
		{"array: count times size overflows", ARRAY_OVERFLOW},
		{"malloc: more than there is", MALLOC_LARGE},
		{"realloc: more than there is", REALLOC_LARGE},
	};
	char dir[TEMP_BYTES], path[2 * TEMP_BYTES], text[4096];
	bool ok = true;

	(void)state;
	temp_make(dir);
	temp_path(path, dir, "stderr");
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct oom oom = {rows[i].what, path};
		ok &= row_int(rows[i].name, child_run(run_out_of_memory, &oom), 1);
		int fd = open(path, O_RDONLY);
		ssize_t n = read(fd, text, sizeof(text) - 1);
		close(fd);
		text[n > 0 ? n : 0] = '\0';
		/* The sanitizer adds a warning of its own before it. */
		ok &= row_true(rows[i].name, strstr(text, "\x01"
							  "e\x02"
							  "out of memory\n") != NULL);
	}
	temp_remove(dir);
	assert_true(ok);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alloc_aligned_and_zeroed),
		cmocka_unit_test(test_pieces_do_not_overlap),
		cmocka_unit_test(test_clear_can_be_used_again),
		cmocka_unit_test(test_copies),
		cmocka_unit_test(test_strndup_null),
		cmocka_unit_test(test_out_of_memory),
	};

	return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
