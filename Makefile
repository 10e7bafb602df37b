# PlexSync: "make help" lists what there is to make.

VERSION  := 0.1.0
CC       ?= cc
BUILD    := build
PROGRAM  := plexsync

# STATIC=x86_64 (aarch64, armv7, armv6) builds all this as it is in the packages: with the
# compiler and the libraries of scripts/third-party, and without sanitizers, which have no
# static form. Left alone that compiler would drop asserts.
ifdef STATIC
BUILD       := build/$(STATIC)
PROGRAM     := $(BUILD)/plexsync
THIRD_PARTY := $(or $(shell scripts/third-party $(STATIC)),$(error no libraries for $(STATIC)))
CC          := $(THIRD_PARTY)/cc-$(STATIC)
CFLAGS      := -O2 -g0 -ffunction-sections -fdata-sections -ffile-prefix-map=$(CURDIR)=.
LDFLAGS     := -static -pie -s -Wl,--gc-sections -L$(THIRD_PARTY)/$(STATIC)/lib
endif

# What the OpenSSF's Compiler Options Hardening Guide recommends for an executable in C. Some
# options came with a certain version or are for one processor: "known" keeps those that this
# compiler and its C library take without a warning.
known    = $(shell made=$$(mktemp); for option in $(1); do $(CC) -Werror -O2 -U_FORTIFY_SOURCE \
             $$option -include stdlib.h -x c -c -o $$made /dev/null 2>/dev/null && \
             echo $$option; done; rm -f $$made)
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wcast-qual -Wconversion -Wsign-conversion \
            -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings -Wvla -Wformat=2 -Wundef \
            -Wimplicit-fallthrough -Werror=format-security -Werror=implicit \
            -Werror=incompatible-pointer-types -Werror=int-conversion \
            $(call known,-Wtrampolines -Wbidi-chars=any) $(if $(CI),-Werror)
HARDEN   := -fPIE -fstack-protector-strong -fno-delete-null-pointer-checks -fno-strict-overflow \
            -fno-strict-aliasing -U_FORTIFY_SOURCE \
            $(or $(call known,-D_FORTIFY_SOURCE=3),-D_FORTIFY_SOURCE=2) \
            $(call known,-fstack-clash-protection -fcf-protection=full -mbranch-protection=standard \
              -fstrict-flex-arrays=3 -ftrivial-auto-var-init=zero -fzero-init-padding-bits=all)
HARDEN_LD := -pie -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed

CPPFLAGS := -D_GNU_SOURCE -DPLEXSYNC_VERSION='"$(VERSION)"' -Isrc $(DEFINES)
CFLAGS   ?= -O2 -g
LDFLAGS  ?=
LDLIBS   := -lcurl -lcjson -llmdb -lutf8proc -lcrypto -lm
TEST_LDLIBS = $(LDLIBS)
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
ifdef STATIC
CPPFLAGS += -DPLEXSYNC_MBEDTLS -UNDEBUG -isystem $(THIRD_PARTY)/$(STATIC)/include
LDLIBS   := -lcurl -lmbedtls -lmbedx509 -lmbedcrypto -lcjson -llmdb -lutf8proc -lm
SANITIZE :=

# Nothing can be loaded before a static program: the tests' trouble with the disk is in it.
DISK_CALLS  := $(shell sed -n 's/^\tX(\(.*\)).*/\1/p' tests/e2e/disk_static.c)
DISK_OBJS   := $(BUILD)/test/disk.o $(BUILD)/test/disk_static.o
TEST_LDLIBS := $(LDLIBS:-llmdb=-llmdb-test)
$(BUILD)/test/%.o: CPPFLAGS += $(foreach call,$(DISK_CALLS),-D$(call)=disk_$(call))
$(BUILD)/test/disk_static.o: CPPFLAGS := $(CPPFLAGS)
endif

# The build that the tests run: sanitizers, and the switches that only tests may use.
TEST_CFLAGS   := -O1 -g -fPIE $(SANITIZE) -DPLEXSYNC_TESTING
CACHE         := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/plexsync
VENV          ?= $(or $(PLEXSYNC_VENV),$(CACHE)/venv)
PYTEST        := $(VENV)/bin/python -m pytest

SOURCES   := $(sort $(wildcard src/*.c src/*/*.c))
HEADERS   := $(sort $(wildcard src/*/*.h))
UNITS     := $(sort $(wildcard tests/unit/test_*.c))
FORMATTED := $(SOURCES) $(HEADERS) $(UNITS) $(wildcard tests/unit/*.h tests/bench/*.c tests/fuzz/*.[ch] tests/page/*.c)
PAGE_LINT  = $(CACHE)/page-lint/node_modules/.bin
PAGE_FILES = .eslint.cjs $(wildcard plugin/*.js plugin/*.css tests/page/*.js tests/page/*.scss)
OBJECTS   := $(SOURCES:src/%.c=$(BUILD)/release/%.o)
TEST_OBJS := $(SOURCES:src/%.c=$(BUILD)/test/%.o)
TEST_LIB  := $(filter-out $(BUILD)/test/main.o,$(TEST_OBJS)) $(DISK_OBJS)
UNIT_BINS := $(UNITS:tests/unit/%.c=$(BUILD)/test/unit/%)

FUZZ_NAMES   := $(patsubst tests/fuzz/fuzz_%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
FUZZ_BINS    := $(FUZZ_NAMES:%=$(BUILD)/fuzz/fuzz_%)
REPLAY_BINS  := $(FUZZ_NAMES:%=$(BUILD)/test/fuzz/fuzz_%)
FUZZ_OBJS    := $(patsubst src/%.c,$(BUILD)/fuzz/%.o,$(filter-out src/main.c,$(SOURCES)))
FUZZ_HEADERS := $(wildcard tests/fuzz/*.h)
FUZZ_CC      ?= clang
FUZZ_SECONDS ?= 60
FUZZ_LENGTH   = $(if $(filter command library,$*),8000,2000)

# What runs is said in a word; V=1 shows the commands.
Q := $(if $(V),,@)
say = @printf '  %-4s %s\n'

all: $(PROGRAM)  ## build ./plexsync (the default)

help:  ## list the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  \1\t\2/p' Makefile | expand -t 14

$(PROGRAM): $(OBJECTS)
	$(say) LD $@
	$(Q)$(CC) $(CFLAGS) $(HARDEN_LD) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/release/%.o: src/%.c
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(CPPFLAGS) -std=c11 $(WARNINGS) $(HARDEN) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/test/%.o: src/%.c
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(CPPFLAGS) -std=c11 $(WARNINGS) $(TEST_CFLAGS) -MMD -MP -c -o $@ $<

ifdef STATIC
$(DISK_OBJS): $(BUILD)/test/%.o: tests/e2e/%.c
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(CPPFLAGS) -std=gnu11 -Wall -Wextra $(TEST_CFLAGS) -c -o $@ $<
endif

$(BUILD)/test/plexsync: $(BUILD)/test/main.o $(TEST_LIB)
	$(say) LD $@
	$(Q)$(CC) $(TEST_CFLAGS) $(LDFLAGS) -o $@ $^ $(TEST_LDLIBS)

$(BUILD)/test/unit/%: tests/unit/%.c $(TEST_LIB)
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(CPPFLAGS) -std=c11 $(filter-out -Wmissing-prototypes,$(WARNINGS)) $(TEST_CFLAGS) -MMD -MP \
		$(LDFLAGS) -o $@ $< $(TEST_LIB) $(TEST_LDLIBS) -lcmocka

$(BUILD)/test/page/failed: tests/page/failed.c $(TEST_LIB)
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(CPPFLAGS) -std=c11 $(WARNINGS) $(TEST_CFLAGS) -MMD -MP $(LDFLAGS) -o $@ $< $(TEST_LIB) $(TEST_LDLIBS)

tests-built: $(UNIT_BINS) $(REPLAY_BINS) $(BUILD)/test/plexsync

test: unit fuzz-replay e2e page-test  ## run all tests (scripts/test installs what they need first)

unit: $(UNIT_BINS)  ## run the unit tests, with sanitizers
	@printf '%s\n' $(UNIT_BINS) | xargs -P "$$(nproc)" -I{} sh -c '{} >{}.log 2>&1 || { cat {}.log; exit 1; }'
	@cat $(UNIT_BINS:=.log) | awk '/\[  PASSED  \]/ { n += $$4 } END { print n " unit tests passed" }'

e2e: $(BUILD)/test/plexsync  ## run the end-to-end tests against the stand-in servers
	PLEXSYNC_EXECUTABLE=$(CURDIR)/$< $(PYTEST) -q -n auto tests/e2e $(PYTEST_ARGS)

# The pages of Stash, as far as a plugin meets them, for a browser.
build/page/host.js: tests/page/host.js
	@mkdir -p $(@D)
	$(Q)NODE_PATH=$(CACHE)/page/node_modules $(CACHE)/page/node_modules/.bin/esbuild $< --bundle \
		--log-level=warning '--define:process.env.NODE_ENV="development"' --outfile=$@

build/page/host.css: tests/page/host.scss
	@mkdir -p $(@D)
	$(Q)$(CACHE)/page/node_modules/.bin/sass --quiet --no-source-map \
		--load-path=$(CACHE)/page/node_modules $< $@

page-test: $(BUILD)/test/plexsync $(BUILD)/test/page/failed build/page/host.js build/page/host.css  ## test the page inside Stash in a browser
	PLEXSYNC_EXECUTABLE=$(CURDIR)/$< PLEXSYNC_PAGE_PACKAGES=$(CACHE)/page $(PYTEST) -q -n 2 tests/page $(PYTEST_ARGS)

# Without sanitizers: the kills are many, and the other tests have them.
crash:  ## kill every scenario at every durable step and request, and resume it
	$(Q)$(MAKE) --no-print-directory SANITIZE= BUILD=$(BUILD)/plain $(BUILD)/plain/test/plexsync
	PLEXSYNC_EXECUTABLE=$(CURDIR)/$(BUILD)/plain/test/plexsync $(PYTEST) -q tests/crash $(PYTEST_ARGS)

# Without sanitizers: valgrind takes their place, and sees what was never written, too.
valgrind:  ## run the unit tests, the fuzz corpora and some end-to-end tests under valgrind
	$(Q)$(MAKE) --no-print-directory SANITIZE= BUILD=$(BUILD)/plain tests-built
	scripts/valgrind $(BUILD)/plain $(PYTEST)

$(BUILD)/test/fuzz/fuzz_%: tests/fuzz/fuzz_%.c tests/fuzz/replay.c $(FUZZ_HEADERS) $(TEST_LIB)
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(CPPFLAGS) -std=c11 $(WARNINGS) $(TEST_CFLAGS) $(LDFLAGS) -o $@ $< tests/fuzz/replay.c \
		$(TEST_LIB) $(TEST_LDLIBS)

fuzz-replay: $(REPLAY_BINS)  ## replay the corpora of the fuzz targets, with sanitizers
	@set -e; for t in $(FUZZ_NAMES); do $(BUILD)/test/fuzz/fuzz_$$t tests/fuzz/corpus/$$t; done

$(BUILD)/fuzz/%.o: src/%.c
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(FUZZ_CC) $(CPPFLAGS) -std=c11 $(TEST_CFLAGS) -fsanitize=fuzzer-no-link -MMD -MP -c -o $@ $<

$(BUILD)/fuzz/fuzz_%: tests/fuzz/fuzz_%.c $(FUZZ_HEADERS) $(FUZZ_OBJS)
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(FUZZ_CC) $(CPPFLAGS) -std=c11 $(TEST_CFLAGS) -fsanitize=fuzzer -o $@ $< $(FUZZ_OBJS) \
		$(LDLIBS)

# It includes it.
$(BUILD)/fuzz/fuzz_command $(BUILD)/test/fuzz/fuzz_command: src/main.c

.SECONDARY: $(FUZZ_OBJS)

fuzz: $(FUZZ_NAMES:%=fuzz-%)  ## look for inputs that break the parsers and the planner (needs clang)

# One target. What is found new goes to build/, what crashes too; the committed corpus
# is only read.
$(FUZZ_NAMES:%=fuzz-%): fuzz-%: $(BUILD)/fuzz/fuzz_%
	@mkdir -p $(BUILD)/fuzz/corpus/$*
	@echo "fuzz_$*: $(FUZZ_SECONDS) s"
	@$< -max_total_time=$(FUZZ_SECONDS) -max_len=$(FUZZ_LENGTH) -timeout=10 -use_value_profile=1 \
		-verbosity=0 -artifact_prefix=$(BUILD)/fuzz/crash-$*- \
		$(BUILD)/fuzz/corpus/$* tests/fuzz/corpus/$*

bench: plexsync  ## print times and memory of a release build, next to the machine's own floor
	scripts/bench $(BENCH_ARGS)

dist:  ## make the package that Stash installs, in build/dist
	$(Q)scripts/dist

dist-check:  ## make it twice, from two clones, and look whether it is the same
	$(Q)scripts/dist-check

# The order is that of worth: CI may run out of time.
package-check: plexsync  ## make the package for x86_64 twice, compare the two, and test what is in it
	scripts/dist-check --once x86_64
	$(Q)$(MAKE) --no-print-directory dist-test
	$(Q)$(MAKE) --no-print-directory -j"$$(nproc)" STATIC=x86_64 build/x86_64/test/plexsync
	$(Q)$(MAKE) --no-print-directory STATIC=x86_64 e2e

dist-test:  ## test the package in build/dist as it is installed
	$(PYTEST) -q -n auto tests/package $(PYTEST_ARGS)

lint: lint-format lint-tidy lint-cppcheck lint-shell lint-page lint-layers lint-hardening  ## check style, bugs, layers, and the executable
	@echo "lint: clean"

lint-format:
	$(Q)clang-format --dry-run --Werror $(FORMATTED)

lint-tidy:
	$(Q)scripts/tidy $(SOURCES)

lint-cppcheck:
	$(Q)cppcheck --quiet --std=c11 --error-exitcode=1 --inline-suppr -Isrc -D_GNU_SOURCE \
		--enable=warning,style,performance,portability --suppressions-list=.cppcheck \
		$(SOURCES)

lint-shell:
	$(Q)shellcheck .ci/run plugin/plexsync.sh $(filter-out %.py %.lock,$(wildcard scripts/*))

lint-page:
	$(Q)$(PAGE_LINT)/eslint --config .eslint.cjs --max-warnings 0 plugin tests/page
	$(Q)$(PAGE_LINT)/prettier --config .prettierrc --check --log-level warn $(PAGE_FILES)

lint-layers:
	$(Q)scripts/check-layers.py

lint-hardening: $(PROGRAM)
	$(Q)scripts/check-hardening $< $(if $(STATIC),$(OBJECTS) $(THIRD_PARTY)/$(STATIC)/lib/liblmdb.a)

format:  ## format the sources
	$(Q)clang-format -i $(FORMATTED)
	$(Q)$(PAGE_LINT)/prettier --config .prettierrc --write --log-level warn $(PAGE_FILES)

clean:  ## remove what was built
	rm -rf $(BUILD) plexsync

-include $(OBJECTS:.o=.d) $(TEST_OBJS:.o=.d) $(UNIT_BINS:=.d) $(FUZZ_OBJS:.o=.d)


.PHONY: all help dist dist-check dist-test package-check tests-built crash valgrind fuzz $(FUZZ_NAMES:%=fuzz-%) fuzz-replay test unit e2e bench lint lint-format lint-tidy lint-cppcheck lint-shell lint-page lint-layers lint-hardening page-test \
	format clean
