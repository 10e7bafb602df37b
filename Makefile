# PlexSync: "make help" lists what there is to make.

VERSION  := 0.1.0
CC       ?= cc
BUILD    := build
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wcast-qual -Wsign-conversion -Wstrict-prototypes \
            -Wmissing-prototypes -Wwrite-strings -Wvla -Wformat=2 -Wundef $(if $(CI),-Werror)
HARDEN   := -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection -fPIE
CPPFLAGS := -D_GNU_SOURCE -DPLEXSYNC_VERSION='"$(VERSION)"' -Isrc
CFLAGS   ?= -O2 -g
LDFLAGS  ?= -Wl,-z,relro,-z,now -Wl,--as-needed -pie
LDLIBS   := -lcurl -lcjson -llmdb -lutf8proc -lcrypto -lm

# The build that the tests run: sanitizers, and the switches that only tests may use.
SANITIZE      := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
TEST_CFLAGS   := -O1 -g $(SANITIZE) -DPLEXSYNC_TESTING
VENV          ?= $(or $(PLEXSYNC_VENV),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/plexsync/venv)
PYTEST        := $(VENV)/bin/python -m pytest

SOURCES   := $(sort $(wildcard src/*.c src/*/*.c))
HEADERS   := $(sort $(wildcard src/*/*.h))
UNITS     := $(sort $(wildcard tests/unit/test_*.c))
FORMATTED := $(SOURCES) $(HEADERS) $(UNITS) $(wildcard tests/unit/*.h tests/bench/*.c)
OBJECTS   := $(SOURCES:src/%.c=$(BUILD)/release/%.o)
TEST_OBJS := $(SOURCES:src/%.c=$(BUILD)/test/%.o)
TEST_LIB  := $(filter-out $(BUILD)/test/main.o,$(TEST_OBJS))
UNIT_BINS := $(UNITS:tests/unit/%.c=$(BUILD)/test/unit/%)

# What runs is said in a word; V=1 shows the commands.
Q := $(if $(V),,@)
say = @printf '  %-4s %s\n'

all: plexsync  ## build ./plexsync (the default)

help:  ## list the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  \1\t\2/p' Makefile | expand -t 14

plexsync: $(OBJECTS)
	$(say) LD $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/release/%.o: src/%.c
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(CPPFLAGS) -std=c11 $(WARNINGS) $(HARDEN) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/test/%.o: src/%.c
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(CPPFLAGS) -std=c11 $(WARNINGS) $(TEST_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/test/plexsync: $(TEST_OBJS)
	$(say) LD $@
	$(Q)$(CC) $(TEST_CFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/test/unit/%: tests/unit/%.c $(TEST_LIB)
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(CPPFLAGS) -std=c11 $(filter-out -Wmissing-prototypes,$(WARNINGS)) $(TEST_CFLAGS) -MMD -MP \
		-o $@ $< $(TEST_LIB) $(LDLIBS) -lcmocka

tests-built: $(UNIT_BINS) $(BUILD)/test/plexsync

test: unit e2e  ## run all tests (scripts/test installs what they need first)

unit: $(UNIT_BINS)  ## run the unit tests, with sanitizers
	@set -e; for t in $(UNIT_BINS); do $$t; done

e2e: $(BUILD)/test/plexsync  ## run the end-to-end tests against the stand-in servers
	$(PYTEST) -q tests/e2e $(PYTEST_ARGS)

bench: plexsync  ## print times and memory of a release build, next to the machine's own floor
	scripts/bench $(BENCH_ARGS)

lint: lint-format lint-tidy lint-cppcheck lint-shell lint-layers  ## check style, bugs, and layers
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
	$(Q)shellcheck .ci/run $(filter-out %.py,$(wildcard scripts/*))

lint-layers:
	$(Q)scripts/check-layers.py

format:  ## format the sources
	$(Q)clang-format -i $(FORMATTED)

clean:  ## remove what was built
	rm -rf $(BUILD) plexsync

-include $(OBJECTS:.o=.d) $(TEST_OBJS:.o=.d) $(UNIT_BINS:=.d)


.PHONY: all help tests-built test unit e2e bench lint lint-format lint-tidy lint-cppcheck lint-shell lint-layers \
	format clean
