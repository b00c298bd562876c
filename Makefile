# The only build file. `make help` is its table of contents.
#
# New files register themselves: every src/ROOM/*.c goes into the program, every tests/ROOM/test_*.c
# becomes a test program. Flavours are folders: build/debug, build/release, build/asan.

MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
.SUFFIXES:

BUILD   ?= build
CC      := gcc
PKGS    := yyjson sqlite3 libpq libcurl libmicrohttpd libsodium libutf8proc yaml-0.1
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)

CFLAGS_ALL = -std=gnu2x -D_GNU_SOURCE -Isrc -I$(BUILD)/gen $(shell pkg-config --cflags $(PKGS)) -pthread -MMD -MP \
	-Wall -Wextra -Wno-missing-field-initializers -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wvla -Wpointer-arith -Wwrite-strings -Wformat=2 -Werror
CFLAGS_debug   = -O1 -g
CFLAGS_asan    = -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
CFLAGS_release = -O2 -g -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE -fcf-protection -fno-semantic-interposition
LDFLAGS_release = -pie -Wl,-z,relro,-z,now
CC_fuzz      = clang
CFLAGS_fuzz  = -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -w
LDLIBS = $(shell pkg-config --libs $(PKGS)) -pthread -lm

SRC   := $(filter-out src/main.c,$(wildcard src/*/*.c))
TESTS := $(wildcard tests/*/test_*.c) $(wildcard tests/fuzz/fuzz_*.c)
SUPPORT := $(wildcard tests/support/*.c)
SQL   := $(sort $(wildcard src/store/schema/*.sql))
DOCS  := $(addprefix docs/guide/,scim.md scim-entra.md scim-okta.md scim-reference.md)

.PHONY: help deps run test soak fuzz check release bench install clean format
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' Makefile

deps: ## install what is missing (Debian packages, Python packages into .venv)
	@tools/deps.sh

# One set of rules per flavour.
define flavour
$(BUILD)/$(1)/%.o: src/%.c | $(BUILD)/deps
	@mkdir -p $$(@D)
	@$$(CC_$(1)) $$(CFLAGS_ALL) $$(CFLAGS_$(1)) -c $$< -o $$@
$(BUILD)/$(1)/tests/%.o: tests/%.c | $(BUILD)/deps
	@mkdir -p $$(@D)
	@$$(CC_$(1)) $$(CFLAGS_ALL) -Itests $$(CFLAGS_$(1)) -c $$< -o $$@
$(BUILD)/$(1)/libmuster.a: $(SRC:src/%.c=$(BUILD)/$(1)/%.o)
	@rm -f $$@ && ar rcs $$@ $$^
$(BUILD)/$(1)/libsupport.a: $(SUPPORT:%.c=$(BUILD)/$(1)/%.o)
	@rm -f $$@ && ar rcs $$@ $$^
$(BUILD)/$(1)/muster: $(BUILD)/$(1)/main.o $(BUILD)/$(1)/libmuster.a
	@echo "link $$@"
	@$(CC) $$(CFLAGS_$(1)) $$(LDFLAGS_$(1)) $$^ $$(LDLIBS) -o $$@
$(BUILD)/$(1)/tests/%/run: $(BUILD)/$(1)/tests/%.o $(BUILD)/$(1)/libsupport.a $(BUILD)/$(1)/libmuster.a
	@mkdir -p $$(@D)
	@$(CC) $$(CFLAGS_$(1)) $$^ -lcmocka $$(LDLIBS) -o $$@
endef
CC_debug = $(CC)
CC_asan = $(CC)
CC_release = $(CC)
FLAVOURS := debug asan release fuzz
$(foreach f,$(FLAVOURS),$(eval $(call flavour,$(f))))

# A fuzz target is a test program whose main runs it over the files of its corpus …
$(BUILD)/asan/tests/fuzz/%/run: $(BUILD)/asan/tests/fuzz/%.o $(BUILD)/asan/tests/fuzz/driver.o $(BUILD)/asan/libmuster.a
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS_asan) $^ $(LDLIBS) -o $@
# … or, with clang, the fuzzer itself.
$(BUILD)/fuzz/%: $(BUILD)/fuzz/tests/fuzz/fuzz_%.o $(BUILD)/fuzz/libmuster.a
	@$(CC_fuzz) $(CFLAGS_fuzz) -fsanitize=fuzzer $^ $(LDLIBS) -o $@

$(BUILD)/deps: tools/deps.sh requirements.txt
	@tools/deps.sh && mkdir -p $(@D) && touch $@

# The migrations, as one C table: file name without ending -> text.
$(BUILD)/gen/schema.inc: $(SQL) tools/embed_sql.sh | $(BUILD)/deps
	@mkdir -p $(@D) && tools/embed_sql.sh $(SQL) >$@
$(foreach f,$(FLAVOURS),$(eval $(BUILD)/$(f)/store/migrate.o: $(BUILD)/gen/schema.inc))
# The pages of the guide that the server shows at /docs.
$(BUILD)/gen/docs.inc: $(DOCS) tools/embed_docs.sh | $(BUILD)/deps
	@mkdir -p $(@D) && tools/embed_docs.sh $(DOCS) >$@
$(foreach f,$(FLAVOURS),$(eval $(BUILD)/$(f)/api/docs.o: $(BUILD)/gen/docs.inc))
$(foreach f,$(FLAVOURS),$(BUILD)/$(f)/base/version.o): CFLAGS_ALL += -DVERSION='"$(VERSION)"'
# A release says which one it is, whatever was compiled before; the other flavours need not be linked anew for it.
$(BUILD)/release/base/version.o: $(BUILD)/gen/version
$(BUILD)/gen/version: FORCE
	@mkdir -p $(@D) && { echo '$(VERSION)' | cmp -s - $@ || echo '$(VERSION)' >$@; }
.PHONY: FORCE

release: $(BUILD)/release/muster ## build/release/muster: optimised, hardened

run: $(BUILD)/release/muster ## sandbox, server and a demo workspace of 1,000 people; PORT= moves it
	@tools/demo.sh $(BUILD)/release/muster

test: $(BUILD)/deps ## everything, with sanitizers; T=people/manager runs one suite, T=e2e/test_x.py one file
	@BUILD=$(BUILD) tools/test.sh $(T)

SOAK_FUZZ := filter path patch body
soak: $(BUILD)/deps ## the whole-program tests with ten times the kills, people and faults; an hour of fuzzing
	@BUILD=$(BUILD) MUSTER_SOAK=1 tools/test.sh e2e
	@for name in $(SOAK_FUZZ); do $(MAKE) --no-print-directory fuzz NAME=$$name SECS=900 || exit 1; done

fuzz: $(BUILD)/fuzz/$(NAME) ## look for new inputs that break tests/fuzz/fuzz_NAME.c; NAME=slice SECS=60
	@mkdir -p $(BUILD)/fuzz/corpus/$(NAME)
	$< -max_total_time=$(or $(SECS),60) -artifact_prefix=$(BUILD)/fuzz/$(NAME)- \
		$(BUILD)/fuzz/corpus/$(NAME) tests/fuzz/corpus/$(NAME)

check: $(BUILD)/deps ## format, lint, walls, tables against docs, then `make test`
	@tools/check.sh
	@$(MAKE) test

bench: release ## benchmarks, as ratios to limits and peers of the same run; N= ROUNDS= BIG=1 USERS= MANY=
	@BUILD=$(BUILD) bench/sync/run.sh
	@BUILD=$(BUILD) bench/scim/run.sh

vpath %.c bench/sync bench/scim
$(BUILD)/bench/%: %.c $(BUILD)/release/libmuster.a
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS_ALL) $(CFLAGS_release) $(LDFLAGS_release) $< $(BUILD)/release/libmuster.a $(LDLIBS) $(LDLIBS_$*) -o $@
LDLIBS_limit_yajl = -lyajl
$(BUILD)/bench/%.so: bench/scim/%.c
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS_ALL) $(CFLAGS_release) -fPIC -shared $< -o $@

format: ## lay the code out as .clang-format says
	@find src tests bench -name '*.[ch]' -exec python3 tools/format.py {} +

prefix ?= /usr/local
install: $(BUILD)/release/muster ## DESTDIR= prefix=
	install -D -m 755 $(BUILD)/release/muster $(DESTDIR)$(prefix)/bin/muster
	$(BUILD)/release/muster manual >$(BUILD)/muster.1
	install -D -m 644 $(BUILD)/muster.1 $(DESTDIR)$(prefix)/share/man/man1/muster.1
	$(BUILD)/release/muster completion bash >$(BUILD)/muster.bash
	install -D -m 644 $(BUILD)/muster.bash $(DESTDIR)$(prefix)/share/bash-completion/completions/muster

clean: ## forget what was built
	rm -rf $(BUILD)

TEST_RUNS := $(TESTS:tests/%.c=$(BUILD)/asan/tests/%/run)
.PHONY: test-programs
test-programs: $(TEST_RUNS) $(BUILD)/asan/muster
.PRECIOUS: $(foreach f,$(FLAVOURS),$(BUILD)/$(f)/%.o $(BUILD)/$(f)/tests/%.o $(BUILD)/$(f)/tests/%/run)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
