# make help lists the targets. LUA= picks the Lua: 5.4 (default), 5.3, 5.1 or luajit.

LUA ?= 5.4
VERSION := $(shell sed -n 's/.*_VERSION = "\(.*\)".*/\1/p' lua/bedrock/version.lua)

ifeq ($(LUA),luajit)
LUA_BIN ?= luajit
LUA_PC ?= luajit
LUA_ABI := 5.1
else
LUA_BIN ?= lua$(LUA)
LUA_PC ?= lua$(LUA)
LUA_ABI := $(LUA)
endif

PREFIX ?= /usr/local
INST_LUADIR ?= $(PREFIX)/share/lua/$(LUA_ABI)
INST_LIBDIR ?= $(PREFIX)/lib/lua/$(LUA_ABI)
INST_BINDIR ?= $(PREFIX)/bin
INST_MANDIR ?= $(PREFIX)/share/man
INST_DOCDIR ?= $(PREFIX)/share/doc/bedrock
INST_BASHDIR ?= $(PREFIX)/share/bash-completion/completions
INST_ZSHDIR ?= $(PREFIX)/share/zsh/site-functions
INST_FISHDIR ?= $(PREFIX)/share/fish/vendor_completions.d

CC ?= cc
CFLAGS ?= -O2 -g
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
  -Wcast-qual -Wwrite-strings -Wold-style-definition -Wno-long-long
ifdef WERROR
WARNINGS += -Werror
endif

# SANITIZE=1 builds beside the ordinary build, with AddressSanitizer and UBSan, and preloads their runtime.
ifdef SANITIZE
VARIANT := -asan
SANFLAGS := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
PRELOAD = LD_PRELOAD="$(shell $(CC) -print-file-name=libasan.so) $(shell $(CC) -print-file-name=libubsan.so)"
endif

# V=1 shows the commands as they are run.
ifndef V
Q := @
say = @printf '  %-3s %s\n' $(1) $(2)
endif

BUILD ?= build
OUT := $(BUILD)/$(LUA)$(VARIANT)
OBJ := $(OUT)/obj

# Asked of pkg-config once, and only when something is compiled, so that `make help` works on a bare machine.
LUA_CFLAGS ?= $(eval LUA_CFLAGS := $$(shell pkg-config --cflags $(LUA_PC)))$(LUA_CFLAGS)
CURL_LIBS ?= $(eval CURL_LIBS := $$(shell pkg-config --libs libcurl libssl libcrypto zlib) -lm)$(CURL_LIBS)
CORE_LIBS ?= $(eval CORE_LIBS := $$(shell pkg-config --libs libcrypto zlib))$(CORE_LIBS)

# macOS loads bundles, which find Lua in the program that loads them.
SHARED := $(if $(filter Darwin,$(shell uname)),-bundle -undefined dynamic_lookup,-shared)

ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -fPIC -fvisibility=hidden $(WARNINGS) $(CFLAGS) $(SANFLAGS) -Isrc/core -Isrc/bind

# Two shared objects: core.so never sees libcurl, so that nginx need not load it.
SHARED_SRC := src/core/buf.c src/core/gunzip.c src/bind/lbuf.c
LIBCURL_SRC := $(addprefix src/core/,http.c http_setup.c http_fault.c)
HTTP_SRC := $(LIBCURL_SRC) $(addprefix src/core/,head.c clocks.c pollset.c pool.c) src/bind/lhttp.c src/bind/curl.c
CURL_SRC := $(HTTP_SRC) $(SHARED_SRC)
CORE_SRC := $(filter-out $(HTTP_SRC),$(wildcard src/core/*.c src/bind/*.c))
CORE_OBJ := $(CORE_SRC:src/%.c=$(OBJ)/%.o)
CURL_OBJ := $(CURL_SRC:src/%.c=$(OBJ)/%.o)

# The versioned variables go: even when empty, Lua prefers them to the plain ones.
RUN_ENV = env -u LUA_PATH_5_4 -u LUA_PATH_5_3 -u LUA_CPATH_5_4 -u LUA_CPATH_5_3 \
  LUA_PATH="lua/?.lua;lua/?/init.lua;./?.lua;;" LUA_CPATH="$(OUT)/?.so;;" BEDROCK_BUILD="$(OUT)" BEDROCK_LUA="$(LUA_BIN)"
ASAN_ENV = ASAN_OPTIONS=detect_leaks=1:abort_on_error=0:exitcode=99
BUSTED = $(LUA_BIN) spec/support/busted.lua

.PHONY: all help setup test check demo run hosts chat page secrets vectors recordings operations faults soak silent tls interop interop-operations lint format asan valgrind gcstress gcstress-run fuzz fuzz-coverage fuzz-programs ctest ctest-programs bench install uninstall packages newcomer deb docs rockspec clean times

all: $(OUT)/bedrock/core.so $(OUT)/bedrock/curl.so ## build the module for LUA

print-%:
	@echo $($*)

help: ## list the targets
	@echo "bedrock $(VERSION): targets (LUA=5.4|5.3|5.1|luajit)"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' Makefile | expand -t 16

$(OBJ)/%.o: src/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) $(LUA_CFLAGS) -MMD -MP -c $< -o $@ || { LUA=$(LUA) .ci/setup --tell build; false; }

$(OUT)/bedrock/core.so: $(CORE_OBJ)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(SHARED) $(SANFLAGS) $(LDFLAGS) $^ -o $@ $(CORE_LIBS)

$(OUT)/bedrock/curl.so: $(CURL_OBJ)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(SHARED) $(SANFLAGS) $(LDFLAGS) $^ -o $@ $(CURL_LIBS)

-include $(CORE_OBJ:.o=.d) $(CURL_OBJ:.o=.d)

setup: ## install what is missing on a Debian machine (each package is named)
	@LUA=$(LUA) .ci/setup test

test: ## set up, build and run the specs on LUA (SPEC=file runs one)
	@LUA=$(LUA) .ci/setup test
	@$(MAKE) --no-print-directory all
	@$(MAKE) --no-print-directory check

check: all ## run the specs without setting up
	$(Q)$(RUN_ENV) $(if $(SANITIZE),$(ASAN_ENV) $(PRELOAD)) $(BUSTED) $(SPEC)

demo: ## set up, build, and stream an answer from the local emulator
	@LUA=5.4 .ci/setup demo
	@$(MAKE) --no-print-directory LUA=5.4 all
	@$(RUN_ENV) lua5.4 bin/bedrock emulate -- lua5.4 examples/stream.lua "Tell me about Lua."
	@printf '%s\n' '' 'That was the emulator on this machine. The same against AWS:' '' \
	  '  export AWS_REGION=us-west-2     # and your keys, a profile, or AWS_BEARER_TOKEN_BEDROCK' \
	  "  make run SCRIPT=examples/stream.lua ARGS=\"'Tell me about Lua.'\""

run: all ## run SCRIPT=file.lua with ARGS="..." on the built module, without installing
	@$(RUN_ENV) $(LUA_BIN) $(SCRIPT) $(ARGS)

secrets: all ## run the suite at its most talkative and look for every secret that it used
	@rm -rf $(OUT)/secrets && mkdir -p $(OUT)/secrets
	$(Q)BEDROCK_LOG=debug $(RUN_ENV) $(LUA_BIN) spec/secrets/watch.lua $(OUT)/secrets $(SPEC) >$(OUT)/secrets/printed 2>&1 || true
	@$(LUA_BIN) spec/secrets/check.lua $(OUT)/secrets

vectors: all ## run every vector file of VECTORS=DIR
	@$(RUN_ENV) $(LUA_BIN) spec/vectors/run.lua $(VECTORS)

recordings: all ## replay every recording of RECORDINGS=DIR over a socket
	@$(RUN_ENV) $(LUA_BIN) spec/recordings/run.lua $(RECORDINGS)

faults: all ## the fault campaign: COUNT streams (20000) under every fault of the emulator, from SEED
	@$(RUN_ENV) $(if $(SANITIZE),$(ASAN_ENV) $(PRELOAD)) COUNT=$(or $(COUNT),20000) SEED=$(or $(SEED),1) FAULT="$(FAULT)" ONLY=$(ONLY) \
	  $(LUA_BIN) spec/faults/run.lua

soak: all ## an hour (SECONDS=3600) of streams, cancels and faults at a moderate RATE: memory and descriptors stay flat; build/soak/soak.png
	@.ci/setup emulator soak
	@$(RUN_ENV) SECONDS=$(or $(SECONDS),3600) RATE=$(or $(RATE),50) SEED=$(or $(SEED),1) SOAK_DIR=$(BUILD)/soak $(LUA_BIN) spec/soak/run.lua

tls: ## whom libcurl and nginx's cosockets trust: a table of good and bad servers
	@LUA=5.4 .ci/setup build hosts
	@LUA=luajit .ci/setup build
	@$(MAKE) --no-print-directory LUA=luajit all
	@$(MAKE) --no-print-directory all
	@$(RUN_ENV) $(LUA_BIN) spec/tls/run.lua

times: ## how late the clocks are and how soon the server sees that a stream was given up, ROUNDS=10 times, by host
	@LUA=5.4 .ci/setup build hosts
	@LUA=luajit .ci/setup build
	@$(MAKE) --no-print-directory LUA=luajit all
	@$(MAKE) --no-print-directory all
	@$(RUN_ENV) ROUNDS=$(or $(ROUNDS),10) $(LUA_BIN) spec/times/run.lua

silent: all ## what a call costs whose idle connection was dropped without a word, ROUNDS=20 times, in a network of its own
	@.ci/setup emulator silent
	@ROUNDS=$(or $(ROUNDS),20) spec/silent/network $(RUN_ENV) $(LUA_BIN) spec/silent/run.lua

interop: ## AWS's and Anthropic's JavaScript clients against the emulator
	@.ci/setup emulator interop
	@spec/interop/run

hosts: ## one suite in a plain script, bedrock.async, luv, cqueues, nginx, Neovim and LÖVE; a table of host by case
	@LUA=5.4 .ci/setup build hosts
	@LUA=luajit .ci/setup build
	@$(MAKE) --no-print-directory LUA=5.4 all
	@$(MAKE) --no-print-directory LUA=luajit all
	@$(MAKE) --no-print-directory LUA=5.4 run SCRIPT=spec/hosts/run.lua
	@$(MAKE) --no-print-directory LUA=5.4 check SPEC="spec/hosts/nginx_cases.lua spec/hosts/neovim_cases.lua spec/hosts/love_cases.lua spec/hosts/threads_cases.lua spec/hosts/readme_cases.lua"

chat: ## the chat page of examples/openresty on http://127.0.0.1:8080, against the local emulator
	@examples/openresty/start

PLAYWRIGHT := playwright-core@1.65.1

page: ## that page in a headless Chromium; screenshots in build/page/shots
	@LUA=luajit .ci/setup build page
	@$(MAKE) --no-print-directory LUA=luajit all
	@mkdir -p $(BUILD)/page
	@cd $(BUILD)/page && { [ -d node_modules/playwright-core ] || \
	  { echo '{ "private": true }' >package.json && npm install --silent --no-audit --no-fund $(PLAYWRIGHT); }; }
	@node spec/hosts/page.mjs

asan: ## the suite under AddressSanitizer, UBSan and LeakSanitizer
	$(MAKE) check SANITIZE=1

# The specs of what is in C, as far as they go in a minute or two: valgrind is slow.
VALGRIND_SPECS ?= $(patsubst %,spec/%_spec.lua,transport http limits eventstream sigv4 crypto pieces client tls async system \
  call cancel base64 sse gunzip messages)

valgrind: all ## a part of the suite under valgrind's memcheck (VALGRIND_SPECS=files picks)
	@printf '%s\n' $(VALGRIND_SPECS) | $(RUN_ENV) xargs -P 2 -I{} spec/memory/valgrind {}

GCSTRESS_SPECS ?= $(patsubst %,spec/%_spec.lua,http limits sigv4 signer crypto pieces client async call cancel system sse gunzip \
  accumulator messages tools)

gcstress: ## a part with the collector at its most aggressive, under ASan and UBSan (GCSTRESS_SPECS=files picks)
	@$(MAKE) --no-print-directory all SANITIZE=1
	$(Q)$(MAKE) -s --no-print-directory gcstress-run SANITIZE=1

gcstress-run:
	$(Q)$(RUN_ENV) $(ASAN_ENV) $(PRELOAD) $(LUA_BIN) spec/memory/gcstress.lua $(GCSTRESS_SPECS)

# Fuzzers, each with its corpus in spec/fuzz/corpus/NAME and its words in spec/fuzz/NAME.dict: spec/fuzz/NAME.c over src/core,
# spec/fuzz/curl/NAME.c over the engine with libcurl, and spec/fuzz/lua/NAME.lua over modules in Lua (5.4) and the bindings.
FUZZ_SECONDS ?= 60
FUZZ_JOBS ?= 1
FUZZ_C := $(patsubst spec/fuzz/%.c,%,$(wildcard spec/fuzz/*.c))
FUZZ_CURL := $(patsubst spec/fuzz/curl/%.c,%,$(wildcard spec/fuzz/curl/*.c))
FUZZ_LUA := $(patsubst spec/fuzz/lua/%.lua,%,$(wildcard spec/fuzz/lua/*.lua))
FUZZERS := $(FUZZ_C) $(FUZZ_CURL) $(FUZZ_LUA)
FUZZ_SRC := $(filter-out $(LIBCURL_SRC),$(wildcard src/core/*.c))
FUZZ_BIND_SRC := $(filter-out $(HTTP_SRC),$(wildcard src/bind/*.c))
FUZZ_OUT := $(BUILD)/fuzz
FUZZ_FLAGS := -fsanitize=address,undefined -fno-sanitize-recover=undefined
FUZZ_CC = clang -std=c11 -D_GNU_SOURCE -g -O1 $(FUZZ_FLAGS) -MMD -MP -Isrc/core -Isrc/bind $(shell pkg-config --cflags lua5.4)
FUZZ_LINK = $(FUZZ_CC) -fsanitize=fuzzer $(filter %.c %.o,$^) -o $@ $(CORE_LIBS)
fuzz_objects = $(patsubst src/%.c,$(FUZZ_OUT)/obj/%.o,$(1))

$(FUZZ_OUT)/obj/%.o: src/%.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(FUZZ_CC) -fsanitize=fuzzer-no-link -c $< -o $@

$(FUZZ_C:%=$(FUZZ_OUT)/%): $(FUZZ_OUT)/%: spec/fuzz/%.c $(call fuzz_objects,$(FUZZ_SRC))
	$(call say,CC,$@)
	$(Q)$(FUZZ_LINK)

$(FUZZ_CURL:%=$(FUZZ_OUT)/%): $(FUZZ_OUT)/%: spec/fuzz/curl/%.c $(call fuzz_objects,$(FUZZ_SRC) $(LIBCURL_SRC))
	$(call say,CC,$@)
	$(Q)$(FUZZ_LINK) $(CURL_LIBS)

# One program under many names: its name picks the script.
$(FUZZ_OUT)/driver: spec/fuzz/lua/driver.c $(call fuzz_objects,$(FUZZ_SRC) $(FUZZ_BIND_SRC))
	$(call say,CC,$@)
	$(Q)$(FUZZ_LINK) $(shell pkg-config --libs lua5.4) -lm

$(FUZZ_LUA:%=$(FUZZ_OUT)/%): $(FUZZ_OUT)/driver
	@ln -f $< $@

-include $(wildcard $(FUZZ_OUT)/obj/*/*.d)

fuzz: $(FUZZERS:%=$(FUZZ_OUT)/%) ## run each fuzzer for FUZZ_SECONDS (FUZZERS=name picks, FUZZ_JOBS at a time)
	@printf '%s\n' $(FUZZERS) | FUZZ_OUT=$(FUZZ_OUT) FUZZ_SECONDS=$(FUZZ_SECONDS) xargs -P $(FUZZ_JOBS) -I{} spec/fuzz/run {}

# The same programs, built to count the lines they pass; the C tests reach what the corpora cannot.
COVERAGE := $(BUILD)/coverage
COVERAGE_FLAGS := -fprofile-instr-generate -fcoverage-mapping

fuzz-coverage: ## lines of src/core that the corpora reach, a row a file; fails below 90 %
	@$(MAKE) --no-print-directory BUILD=$(COVERAGE) FUZZ_FLAGS="$(COVERAGE_FLAGS)" CC=clang \
	  CTEST_FLAGS="$(CTEST_FLAGS) $(COVERAGE_FLAGS)" fuzz-programs ctest-programs
	@spec/fuzz/coverage $(COVERAGE) "$(FUZZERS)" "$(CTESTS:%=ctest/%) $(CURL_CTESTS:%=ctest/curl/%)"

fuzz-programs: $(FUZZERS:%=$(FUZZ_OUT)/%)

operations: all ## compare the table of operations with FACTS=operations.json
	@$(RUN_ENV) $(LUA_BIN) spec/operations/check.lua $(FACTS)

interop-operations: ## compare every operation with AWS's own JavaScript libraries (node, npm)
	@LUA=$(LUA) spec/interop/operations/run

# Each spec/c/NAME.c is a program over src/core under sanitizers; allocations go through spec/c/support, which can fail them.
CTESTS := $(patsubst spec/c/%.c,%,$(wildcard spec/c/*.c))
CTEST_SUPPORT := $(wildcard spec/c/support/*.c)
CTEST_WRAP := -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free
CTEST_FLAGS := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined $(CTEST_WRAP)
CTEST_VECTORS ?= ../shared/vectors

$(BUILD)/ctest/%: spec/c/%.c $(CTEST_SUPPORT) $(FUZZ_SRC) $(wildcard src/core/*.h spec/c/support/*.h)
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_GNU_SOURCE $(WARNINGS) $(CTEST_FLAGS) -Isrc/core -Ispec/c $< $(CTEST_SUPPORT) $(FUZZ_SRC) -o $@ $(CORE_LIBS)

# Each spec/c/bind/NAME.c drives a binding inside of a Lua whose allocations fail in the same way.
BIND_CTESTS := $(patsubst spec/c/bind/%.c,%,$(wildcard spec/c/bind/*.c))

$(OUT)/ctest/%: spec/c/bind/%.c $(CTEST_SUPPORT) $(CORE_SRC) $(wildcard src/*/*.h spec/c/support/*.h)
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_GNU_SOURCE $(WARNINGS) $(CTEST_FLAGS) -Isrc/core -Isrc/bind -Ispec/c $(LUA_CFLAGS) $< $(CTEST_SUPPORT) $(CORE_SRC) \
	  -o $@ $(CORE_LIBS) $(shell pkg-config --libs $(LUA_PC)) -lm

# Each spec/c/curl/NAME.c needs libcurl, too.
CURL_CTESTS := $(patsubst spec/c/curl/%.c,%,$(wildcard spec/c/curl/*.c))

$(BUILD)/ctest/curl/%: spec/c/curl/%.c $(CTEST_SUPPORT) $(FUZZ_SRC) $(LIBCURL_SRC) $(wildcard src/core/*.h spec/c/support/*.h)
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_GNU_SOURCE $(WARNINGS) $(CTEST_FLAGS) -Isrc/core -Ispec/c $< $(CTEST_SUPPORT) $(FUZZ_SRC) $(LIBCURL_SRC) \
	  -o $@ $(CORE_LIBS) $(CURL_LIBS)

# Each spec/c/call/NAME.c makes whole calls: core, libcurl and the bindings inside of one program.
CALL_CTESTS := $(patsubst spec/c/call/%.c,%,$(wildcard spec/c/call/*.c))

$(OUT)/ctest/call/%: spec/c/call/%.c $(CTEST_SUPPORT) $(CORE_SRC) $(HTTP_SRC) $(wildcard src/*/*.h spec/c/*/*.h)
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_GNU_SOURCE $(WARNINGS) $(CTEST_FLAGS) -Isrc/core -Isrc/bind -Ispec/c $(LUA_CFLAGS) $< $(CTEST_SUPPORT) $(CORE_SRC) \
	  $(HTTP_SRC) -o $@ $(CURL_LIBS) $(shell pkg-config --libs $(LUA_PC)) -lm

ctest-programs: $(CTESTS:%=$(BUILD)/ctest/%) $(CURL_CTESTS:%=$(BUILD)/ctest/curl/%)

ctest: ctest-programs $(BIND_CTESTS:%=$(OUT)/ctest/%) $(CALL_CTESTS:%=$(OUT)/ctest/call/%) ## run the C tests at guard pages and with failing allocations
	@for t in $(CTESTS); do $(BUILD)/ctest/$$t spec/fuzz/corpus/$$t $(CTEST_VECTORS)/$$t-cases.json || exit 1; done
	@for t in $(BIND_CTESTS); do $(OUT)/ctest/$$t || exit 1; done
	@for t in $(CURL_CTESTS); do $(BUILD)/ctest/curl/$$t || exit 1; done
	@for t in $(CALL_CTESTS); do $(OUT)/ctest/call/$$t || exit 1; done

lint: ## compiler warnings as errors, static analysis, luacheck, format
	$(MAKE) BUILD=$(BUILD)/lint WERROR=1 CC=gcc all
	$(MAKE) BUILD=$(BUILD)/lint-clang WERROR=1 CC=clang all
	cppcheck --quiet --std=c11 --error-exitcode=1 --inline-suppr --enable=warning,performance,portability \
	  --suppress=missingIncludeSystem -Isrc/core -Isrc/bind src
	clang-format --dry-run --Werror $(wildcard src/*/*.[ch] spec/*/*.[ch] spec/*/*/*.[ch] bench/*/*.c)
	luacheck -q lua spec examples $(wildcard bench) bin/bedrock

format: ## apply clang-format
	clang-format -i $(wildcard src/*/*.[ch] spec/*/*.[ch] spec/*/*/*.[ch] bench/*/*.c)

# Only `make bench` of everything is written down: ratios are of one run.
BENCH ?=

bench: ## measure beside the peers (BENCH=decode|invoke|sse|sign|cold|stream|paced|many|call|document|json|load|growth|poll|frame|nginx)
	@LUA=5.4 .ci/setup bench
	@$(MAKE) -s --no-print-directory LUA=5.4 all
	@$(MAKE) -s --no-print-directory LUA=luajit all
	@$(RUN_ENV) BUILD=$(BUILD) lua5.4 bench/run.lua $(BENCH) $(if $(BENCH),,--save)

# What is installed, as from:to; the command's first line is written anew for LUA.
INTERPRETER ?= /usr/bin/env $(LUA_BIN)
MODULES = $(shell cd lua && find bedrock -name '*.lua')
DOCUMENTS = README.md CHANGELOG.md LICENSE bench/results.svg $(wildcard docs/*.md) $(shell find examples -type f)
INSTALLED = $(foreach f,$(MODULES),lua/$(f):$(INST_LUADIR)/$(f)) \
  $(foreach f,core.so curl.so,$(OUT)/bedrock/$(f):$(INST_LIBDIR)/bedrock/$(f)) \
  $(OUT)/bedrock/command:$(INST_BINDIR)/bedrock man/bedrock.1:$(INST_MANDIR)/man1/bedrock.1 completions/bedrock.bash:$(INST_BASHDIR)/bedrock \
  completions/_bedrock:$(INST_ZSHDIR)/_bedrock completions/bedrock.fish:$(INST_FISHDIR)/bedrock.fish \
  $(foreach f,$(DOCUMENTS),$(f):$(INST_DOCDIR)/$(f))

$(OUT)/bedrock/command: bin/bedrock FORCE
	@mkdir -p $(@D)
	@{ echo '#!$(INTERPRETER)'; sed 1d $<; } >$@
	@chmod +x $@

FORCE:

install: all $(OUT)/bedrock/command ## install for LUA below PREFIX=/usr/local (DESTDIR is honoured)
	@for pair in $(INSTALLED); do \
	  from=$${pair%%:*} to="$(DESTDIR)$${pair#*:}" mode=644; \
	  if [ -x "$$from" ]; then mode=755; fi; \
	  mkdir -p "$${to%/*}" && install -m $$mode "$$from" "$$to" || exit 1; \
	done
	@echo "Installed $(INST_BINDIR)/bedrock and the module for $(LUA_BIN)."

uninstall: ## remove what install put there, and nothing else
	@for pair in $(INSTALLED); do rm -f "$(DESTDIR)$${pair#*:}"; done
	@for dir in $(INST_LUADIR)/bedrock $(INST_LIBDIR)/bedrock $(INST_DOCDIR); do \
	  if [ -d "$(DESTDIR)$$dir" ]; then find "$(DESTDIR)$$dir" -depth -type d -empty -delete; fi; \
	done

packages: all ## install in every way, make, LuaRocks and Debian, into trees of their own, and run from each
	@spec/packages/run

newcomer: all ## walk the README in a fresh Debian (debootstrap, as root), block by block as it is written
	@spec/newcomer/run

deb: ## set up, and make a Debian package for Lua 5.4, 5.3, 5.1 and LuaJIT: build/lua-bedrock_*.deb
	@.ci/setup deb
	@packaging/deb

docs: all ## write what is made of the sources: reference, operations, manual page, completions
	@mkdir -p man completions
	@$(RUN_ENV) $(LUA_BIN) docs/build/write.lua
	@$(LUA_BIN) rockspec/update.lua

rockspec: ## write the rockspec's list of modules anew
	lua$(LUA) rockspec/update.lua

clean: ## remove what was built
	rm -rf $(BUILD)
