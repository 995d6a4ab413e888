# pxb-fed: `make help` lists the targets. Local overrides go into config.mak (ignored by git).

all: ## build the program; without the libraries it prints the command that installs them

VERSION  := $(shell cat VERSION)
CC       ?= cc
PKGS     := yaml-0.1 libfyaml libcjson libpcre2-8 libxxhash zlib
BUILD    := build

-include config.mak

# V=1 shows the whole command lines.
Q := $(if $(V),,@)
silent := $(findstring s,$(firstword -$(MAKEFLAGS)))
say = $(if $(V)$(silent),,@echo '  $(1)' '$@')

ifeq ($(origin CC),default)
CC := gcc
endif

WARN := -Wall -Wextra -Wformat=2 -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wvla \
	-Wpointer-arith -Wwrite-strings -Wundef -Wimplicit-fallthrough -Werror=format-security
HARDEN := -fstack-protector-strong -fstack-clash-protection $(if $(STATIC),-fno-pie,-fPIE)
OPT ?= -O2 -g
FORTIFY := -D_FORTIFY_SOURCE=3
LINK := -pie -Wl,-z,relro,-z,now,-z,noexecstack

ifdef DEVELOPER
WARN += -Werror
endif
ifdef SANITIZE
# The compilers' sanitizers see different things: each has a folder of its own.
BUILD := $(BUILD)/sanitize$(if $(findstring clang,$(CC)),-clang)
OPT := -O1 -g -fno-omit-frame-pointer
FORTIFY :=
SAN := -fsanitize=address,undefined -fno-sanitize-recover=undefined
endif
ifdef COVERAGE
BUILD := $(BUILD)/coverage
# Basic blocks are counted too: tests/growth asserts work instead of seconds.
OPT := -O0 -g --coverage -fsanitize-coverage=trace-pc -Wno-maybe-uninitialized
FORTIFY :=
endif
# What a release holds: everything linked statically, nothing in it that depends on where and when it was built. STATIC is a folder
# whose lib/ has libcjson.a and whose curl/ has a small libcurl (tools/release.sh makes it).
ifdef STATIC
BUILD := $(BUILD)/static
OPT := -O2 -flto=auto -ffile-prefix-map=$(CURDIR)=.
AR := gcc-ar
LINK := -static -no-pie -s -Wl,--build-id=none -Wl,-z,noexecstack
endif
ifneq ($(findstring x86,$(shell uname -m)),)
HARDEN += -fcf-protection=full
endif

# The libraries' options are in files that a recipe writes (see below): nothing is asked of pkg-config while make reads this file,
# because the packages may be installed later in the same call.
PKG_CFLAGS = @$(BUILD)/packages.cflags
PKG_LIBS   = @$(BUILD)/packages.libs
ifdef STATIC
PKG_LIBS = -L$(STATIC)/lib @$(BUILD)/packages.libs
endif
PKG_CONFIG = $(if $(STATIC),PKG_CONFIG_PATH=$(STATIC)/curl/lib/pkgconfig) pkg-config $(if $(STATIC),--static)
CPPFLAGS_ALL  = -Isrc -Iinclude -I$(BUILD)/gen $(FORTIFY) -DPXB_VERSION='"$(VERSION)"' $(CPPFLAGS)
CFLAGS_ALL    = -std=gnu17 $(OPT) $(WARN) $(HARDEN) $(SAN) $(PKG_CFLAGS) -pthread $(CFLAGS)
LDFLAGS_ALL   = $(LINK) $(SAN) $(if $(COVERAGE),--coverage) -pthread $(LDFLAGS)

# src/kubehelper is the program that asks clusters: the only one linked to libcurl, so it is not in the library.
LIB_SRC := $(filter-out src/kubehelper/%,$(wildcard src/*/*.c)) src/pxbfed.c
LIB_OBJ := $(LIB_SRC:src/%.c=$(BUILD)/obj/%.o) $(BUILD)/obj/gen/docs.o $(BUILD)/obj/gen/page.o $(BUILD)/obj/gen/automaton.o
ifdef COVERAGE
LIB_OBJ += $(BUILD)/obj/count.o
endif
# For the programs and the tests; what others link is PUBLIC.
LIB     := $(BUILD)/libpxb-internal.a
PUBLIC  := $(BUILD)/libpxbfed.a
BIN     := $(BUILD)/pxb-fed
KUBE    := $(BUILD)/pxb-fed-kube
KUBE_OBJ := $(patsubst src/%.c,$(BUILD)/obj/%.o,$(wildcard src/kubehelper/*.c))

all: $(BIN) $(KUBE) $(if $(STATIC)$(SAN)$(COVERAGE),,$(PUBLIC))

# Without libcurl: everything but the commands that ask clusters.
gate: $(BIN) ## the program without pxb-fed-kube: needs no libcurl

# Every recipe that compiles comes after these. Without the packages they print the command that installs them.
$(BUILD)/packages.cflags: ASKED = $(PKGS)
$(BUILD)/curl.cflags: ASKED = libcurl
$(BUILD)/packages.cflags $(BUILD)/curl.cflags: Makefile
	@mkdir -p $(@D)
	@$(CC) --version >/dev/null 2>&1 && $(PKG_CONFIG) --exists $(ASKED) 2>/dev/null || { sh tests/deps.sh --print; exit 1; }
	@$(PKG_CONFIG) --libs $(ASKED) > $(@:.cflags=.libs) && $(PKG_CONFIG) --cflags $(ASKED) > $@.tmp && mv $@.tmp $@

$(BUILD)/gen/docs.c: $(sort $(wildcard docs/rules/*.md docs/checks/*.md)) docs/embed.awk | $(BUILD)/packages.cflags
	@mkdir -p $(@D)
	$(Q)awk -f docs/embed.awk $(sort $(wildcard docs/rules/*.md docs/checks/*.md)) /dev/null > $@.tmp && mv $@.tmp $@

# Style and script of the HTML report, and the hashes by which a browser knows them.
PAGE := src/report/html/report.css src/report/html/report.js

$(BUILD)/gen/page.c: $(PAGE) src/report/html/embed.awk | $(BUILD)/packages.cflags
	@mkdir -p $(@D)
	$(Q)awk -v css="$$(sha256sum < src/report/html/report.css | cut -c1-64)" -v js="$$(sha256sum < src/report/html/report.js | cut -c1-64)" \
		-f src/report/html/embed.awk $(PAGE) > $@.tmp && mv $@.tmp $@

# The automaton of the credential scan: made by a program of its own, which runs here and is built without instruments.
AUTOMATON := tools/automaton.c src/credentials/automaton.c src/credentials/literals.c
HOSTCC    ?= $(CC)

$(BUILD)/make-automaton: $(AUTOMATON) $(wildcard src/credentials/*.def src/credentials/*.h src/base/*.h) | $(BUILD)/packages.cflags
	@mkdir -p $(@D)
	$(call say,HOST)
	$(Q)$(HOSTCC) -std=gnu17 -O1 $(WARN) -Isrc -o $@ $(AUTOMATON)

$(BUILD)/gen/automaton.c: $(BUILD)/make-automaton
	@mkdir -p $(@D)
	$(Q)$< > $@.tmp && mv $@.tmp $@

$(BUILD)/obj/gen/%.o: $(BUILD)/gen/%.c Makefile | $(BUILD)/packages.cflags
	@mkdir -p $(@D)
	$(call say,CC  )
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -c -o $@ $<

$(BUILD)/obj/%.o: src/%.c Makefile VERSION | $(BUILD)/packages.cflags
	@mkdir -p $(@D)
	$(call say,CC  )
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -MMD -MP -MF $(@:.o=.d).tmp -c -o $@ $< && mv $(@:.o=.d).tmp $(@:.o=.d)

$(BUILD)/obj/count.o: tests/growth/count.c Makefile | $(BUILD)/packages.cflags
	@mkdir -p $(@D)
	$(call say,CC  )
	$(Q)$(CC) -std=gnu17 -O2 $(WARN) $(HARDEN) -c -o $@ $<

$(LIB): $(LIB_OBJ)
	$(call say,AR  )
	$(Q)rm -f $@ && $(AR) rcs $@ $^

# The library: one object of what pxbfed.h needs, with no other name to be seen. Never of LTO objects, which only the compiler that
# made them can link.
OBJCOPY ?= objcopy

$(PUBLIC): $(BUILD)/obj/pxbfed.o $(LIB) | $(BUILD)/packages.cflags
	$(call say,LIB )
	$(Q)$(CC) -r -nostdlib $(filter -m%,$(CFLAGS)) -o $@.tmp.o $^
	$(Q)$(OBJCOPY) --wildcard --keep-global-symbol='pxbfed_*' $@.tmp.o $(@:.a=.o) && rm -f $@ $@.tmp.o
	$(Q)$(AR) rcs $@ $(@:.a=.o) && rm -f $(@:.a=.o)

$(BIN): $(BUILD)/obj/main.o $(LIB) | $(BUILD)/packages.cflags
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) -o $@.tmp $^ $(PKG_LIBS) -lm && mv $@.tmp $@

$(KUBE_OBJ): CFLAGS_ALL += @$(BUILD)/curl.cflags
$(KUBE_OBJ): | $(BUILD)/curl.cflags

$(KUBE): $(KUBE_OBJ) $(LIB) | $(BUILD)/packages.cflags
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) -o $@.tmp $^ $(PKG_LIBS) @$(BUILD)/curl.libs -lm && mv $@.tmp $@

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)

# --- tests: each runner ends with its own summary line; tests/run.sh runs them all -----------------------------------

UNIT_BIN := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/test_*.c))
READER   := $(BUILD)/tests/read-batch
SETTER   := $(BUILD)/tests/set-batch

$(BUILD)/tests/test_%: tests/unit/test_%.c $(LIB) $(wildcard tests/unit/*.h) | $(BUILD)/packages.cflags
	@mkdir -p $(@D)
	$(call say,CC  )
	$(Q)$(CC) $(CPPFLAGS_ALL) -Itests/unit $(CFLAGS_ALL) $(LDFLAGS_ALL) -o $@ $< $(LIB) $(PKG_LIBS) -lcmocka -lm

$(READER): tests/differential/read_batch.c $(LIB) | $(BUILD)/packages.cflags
	@mkdir -p $(@D)
	$(call say,CC  )
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(LDFLAGS_ALL) -o $@ $< $(LIB) $(PKG_LIBS) -lm

$(SETTER): tests/differential/set_batch.c $(LIB) | $(BUILD)/packages.cflags
	@mkdir -p $(@D)
	$(call say,CC  )
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(LDFLAGS_ALL) -o $@ $< $(LIB) $(PKG_LIBS) -lm

# The program with its own allocations behind an injector, for tests/fault.
$(BUILD)/pxb-fed-fault: tests/fault/inject.c $(BUILD)/obj/main.o $(LIB) | $(BUILD)/packages.cflags
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS_ALL) -Wno-missing-prototypes -DPXB_INJECT_WRAP $(LDFLAGS_ALL) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup -o $@ $^ $(PKG_LIBS) -lm

# Both programs as they are with a libyaml whose parser is not known: the referees of tests/differential/feeds.py.
PLAIN_LINK := -Wl,--wrap=yaml_get_version
PLAIN      := $(BUILD)/pxb-fed-plain $(BUILD)/tests/read-batch-plain

$(BUILD)/pxb-fed-plain: tests/differential/other_libyaml.c $(BUILD)/obj/main.o $(LIB) | $(BUILD)/packages.cflags
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) $(PLAIN_LINK) -o $@ $^ $(PKG_LIBS) -lm

$(BUILD)/tests/read-batch-plain: tests/differential/other_libyaml.c tests/differential/read_batch.c $(LIB) | $(BUILD)/packages.cflags
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(LDFLAGS_ALL) $(PLAIN_LINK) -o $@ $^ $(PKG_LIBS) -lm

plain: $(PLAIN) $(READER)
fault-bin: $(BUILD)/pxb-fed-fault $(KUBE)
unit-bin: $(UNIT_BIN)
reader: $(READER)
setter: $(SETTER)

check-unit: $(UNIT_BIN)
	sh tests/unit/run.sh $(UNIT_BIN)

# A script started here gets the variables of make's command line, but neither its options nor its job slots.
script = @MAKEFLAGS="$(if $(MAKEOVERRIDES), -- $(MAKEOVERRIDES))" sh

test: ## install what the tests need, run all of them
	$(script) tests/run.sh

test-quick: ## the tests that need no Go, cluster or browser
	$(script) tests/run.sh quick

test-fresh: ## make demo and make test-quick in a bare root of SUITE (this machine's release by default)
	$(script) tests/fresh/run.sh $(SUITE)

# Not in CI: minutes for the mutants that tests notice, more for those that none does.
test-mutants: ## the mutants of a draw (SEED, COUNT) that no test notices
	python3 tests/mutants/run.py --seed $(or $(SEED),1) --count $(or $(COUNT),100)

lint: ## what can be said about the sources without running them
	$(script) tests/lint.sh

coverage: ## lines of src that the tests reach
	$(script) tests/coverage.sh

fuzz: ## every fuzzing harness for SECONDS_EACH seconds
	$(script) fuzz/run.sh $(or $(SECONDS_EACH),60)

# Over everything that was ever slow.
growth: all ## count the work per byte at two sizes
	python3 tests/growth/each.py --bin $(BIN)

bench: all ## speed and memory
	python3 bench/run.py --bin $(BIN)
	python3 bench/cluster.py --bin $(BIN) || [ $$? -eq 77 ]

bench-fleet: all ## a thousand clusters in one process of the tests: time, memory, and what is found
	python3 bench/fleet.py --bin $(BIN) --kubectl "$$(sh tests/tools/build.sh kubectl)"

credentials-score: all ## how many of the known credentials are found
	python3 tests/credentials/score.py --bin $(BIN)

# The packages first, then a make of its own for the program: whatever -j says here, nothing is compiled before they are there.
demo: ## install what the build needs, build, and show three runs of the gate
	@sh tests/deps.sh build
	@MAKEFLAGS= sh docs/progress.sh $(MAKE) -j$$(getconf _NPROCESSORS_ONLN) --no-print-directory $(MAKEOVERRIDES) all
	@sh docs/demo.sh $(BIN)

pictures: all ## the README's pictures, from what the program prints (needs chromium)
	@sh docs/pictures.sh $(BIN)

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' Makefile
	@echo '  DEVELOPER=1 makes warnings errors, SANITIZE=1 builds with ASan and UBSan,'
	@echo '  V=1 shows command lines.'

# --- installation ------------------------------------------------------------------------------------------------------

PREFIX ?= /usr/local

# A manual page for each command, from its help.
man: $(BIN) ## the manual pages of the commands, in build/man
	@sh docs/manpages.sh $(BIN) $(BUILD)/man
	@cp docs/pxb-fed.1 $(BUILD)/man/

install: all $(PUBLIC) man ## install below PREFIX, /usr/local by default
	install -D -m 755 $(BIN) $(DESTDIR)$(PREFIX)/bin/pxb-fed
	install -D -m 755 $(KUBE) $(DESTDIR)$(PREFIX)/libexec/pxb-fed/pxb-fed-kube
	install -d $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 $(BUILD)/man/*.1 $(DESTDIR)$(PREFIX)/share/man/man1/
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions $(DESTDIR)$(PREFIX)/share/zsh/site-functions \
		$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	$(BIN) completion bash > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/pxb-fed
	$(BIN) completion zsh > $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_pxb-fed
	$(BIN) completion fish > $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/pxb-fed.fish
	install -D -m 644 include/pxbfed.h $(DESTDIR)$(PREFIX)/include/pxbfed.h
	install -D -m 644 $(PUBLIC) $(DESTDIR)$(PREFIX)/lib/libpxbfed.a
	install -d $(DESTDIR)$(PREFIX)/lib/pkgconfig
	sed 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(VERSION)|; s|@REQUIRES@|$(PKGS)|' pxbfed.pc.in > $(DESTDIR)$(PREFIX)/lib/pkgconfig/pxbfed.pc

# The archive that Helm and install-binary.sh take, its checksum, and the list of checksums. With MINISIGN_KEY=FILE the list is signed.
RELEASE := build/pxb-fed-$(VERSION)-linux-x86_64.tar.gz

release: ## the static programs as an archive for Helm, of HEAD; needs root and mmdebstrap
	@sh tools/release.sh $(RELEASE)
	@cp $(RELEASE).sha256 build/SHA256SUMS
	@$(if $(MINISIGN_KEY),cd build && minisign -S -s $(abspath $(MINISIGN_KEY)) -m SHA256SUMS)

completion.yaml: $(BIN)
	$(BIN) completion > $@.tmp && mv $@.tmp $@

deps: ## install the packages that the build needs, as root or with sudo
	@sh tests/deps.sh build

clean: ## remove build/
	rm -rf build

.DELETE_ON_ERROR:
.PHONY: all gate help pictures test-fresh test test-quick test-mutants lint coverage fuzz growth bench bench-fleet credentials-score demo install man release deps clean check-unit unit-bin fault-bin plain reader setter
