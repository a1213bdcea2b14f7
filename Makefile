# instalmentd: one Makefile for everything. `make help` lists the targets.
#
# Objects stand under build/VARIANT/obj, archives (one for each layer) at build/VARIANT/libLAYER.a,
# programs at build/bin. Sources are found by folder: a new .c file needs no change here, and neither does
# a new test (tests/FOLDER/test_X.c), fuzzer (tests/fuzz/fuzz_X.c), bench (tests/bench/bench_X.c) or
# migration (daemon/store/migrations). Nothing asks pkg-config before a recipe needs its answer, so that
# `make deps` and `make check` work on a machine that has not got it yet.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-builtin-rules --no-builtin-variables
.DELETE_ON_ERROR:
.SECONDARY:
.DEFAULT_GOAL := all

NPROC := $(shell nproc)
# For sub-makes: all processors, unless whoever called chose a -j; the output of each target in one piece.
JFLAG = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(NPROC)) -Otarget --no-print-directory
comma := ,
say = @printf '  %-8s %s\n' $1 $2

# ---------------------------------------------------------------------------------------- packages

BUILD_PACKAGES := gcc libc6-dev make pkg-config libevent-dev libssl-dev libsqlite3-dev libcurl4-openssl-dev \
	libcjson-dev libcups2-dev libconfuse-dev libsodium-dev libpango1.0-dev libfontconfig-dev libqrencode-dev \
	libncurses-dev scdoc curl fonts-roboto-unhinted fonts-noto-core fonts-wqy-microhei
CHECK_PACKAGES := libcmocka-dev clang clang-format clang-tidy libclang-rt-14-dev llvm cppcheck shellcheck \
	valgrind gcovr pmccabe python3 git util-linux tmux bash-completion openssl nginx chromium \
	poppler-utils zbar-tools cups-daemon cups-client cups-ipp-utils dbus
# Node and npm, for the checks that run on them: Debian's, unless the machine has others.
CHECK_PACKAGES += $(if $(shell command -v node && command -v npm),,nodejs npm)

# ------------------------------------------------------------------------------------------ layers

# In the order of the drawing in README.md. A folder without sources is left out of the build.
LAYERS := core sys store desk http schedule alert render print
SRC = $(sort $(wildcard daemon/$1/*.c daemon/$1/*/*.c))
$(foreach l,$(LAYERS),$(eval SRC_$l := $(call SRC,$l)))
BUILT := $(strip $(foreach l,$(LAYERS),$(if $(SRC_$l),$l)))

# The Debian libraries of each layer, by pkg-config name; the core has none.
PKGS_core :=
PKGS_sys := libevent libevent_pthreads libconfuse libsodium
PKGS_store := sqlite3 libcrypto
PKGS_desk := libsodium
PKGS_http := libevent libevent_openssl openssl libcjson
PKGS_schedule := libevent
PKGS_alert := libcurl libcjson libevent libcrypto
PKGS_render := pangocairo pangoft2 fontconfig libqrencode
PKGS_print :=
PKGS_client := libcurl libcjson libevent libevent_openssl openssl ncursesw
PKGS_inbox := sqlite3 libcjson libconfuse libsodium libevent libevent_pthreads libevent_openssl openssl

INBOX_SRC := $(sort $(wildcard client/inbox/*.c))
CLIENT_SRC := $(sort $(wildcard client/cli/*.c client/inbox/*.c client/lib/*.c))
PKGS := $(sort $(foreach l,$(BUILT) $(if $(CLIENT_SRC),client) $(if $(INBOX_SRC),inbox),$(PKGS_$l)))

# Asked once, at the first recipe that uses it.
pkg = $(if $(PKGS),$(or $(shell pkg-config $1 $(PKGS) && echo '-DPKG_CONFIG_OK'),$(error pkg-config cannot answer for $(PKGS): run 'make deps' first)))
PKG_CFLAGS = $(eval PKG_CFLAGS := $$(filter-out -DPKG_CONFIG_OK,$$(patsubst -I%,-isystem %,$$(call pkg,--cflags))))$(PKG_CFLAGS)
PKG_LIBS = $(eval PKG_LIBS := $$(filter-out -DPKG_CONFIG_OK,$$(call pkg,--libs)) -lm $(if $(SRC_print),-lcups))$(PKG_LIBS)

# Data that the programs carry: each file becomes an object with the symbols of daemon/embed/embed.h.
EMBED := $(sort $(wildcard config/*.conf config/cards/*.card daemon/store/migrations/*.sql daemon/store/migrations/*/*.sql \
	$(addprefix client/web/*.,html css js svg png ico webmanifest) \
	client/inbox/migrations/*.sql $(addprefix client/inbox/page/*.,html css js svg)))
# What the command line carries: the rules, to be looked up without a daemon.
EMBED_CLIENT := docs/rules.md

# ------------------------------------------------------------------------------------------- flags

STD := -std=gnu17
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes -Wmissing-prototypes \
	-Wcast-qual -Wwrite-strings -Wformat=2 -Wundef -Wvla -Wswitch-enum -Wimplicit-fallthrough=5 -Wnull-dereference \
	-Wduplicated-cond -Wlogical-op -Wfloat-equal -Werror
HARDEN := -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection -fcf-protection
HARDEN_LINK := -pie -Wl,-z,relro,-z,now -Wl,--as-needed
# Layers include each other as "core/day.h"; other programs' headers as <instalment/...>.
INCLUDE := -Idaemon -Iinclude

# Warnings are the release variant's business; the others compile the same sources with other code in them.
VARIANTS := release asan tsan coverage fuzz
CC_release := gcc
FLAGS_release := -O2 -g -fPIE $(WARN) $(HARDEN)
LINK_release := $(HARDEN_LINK)
CC_asan := gcc
FLAGS_asan := -O1 -g -fPIE -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
LINK_asan := -pie -fsanitize=address,undefined
CC_tsan := gcc
FLAGS_tsan := -O1 -g -fPIE -fno-omit-frame-pointer -fsanitize=thread
LINK_tsan := -pie -fsanitize=thread
CC_coverage := gcc
FLAGS_coverage := -O0 -g -fPIE --coverage -fprofile-update=atomic
LINK_coverage := -pie --coverage
CC_fuzz := clang
FLAGS_fuzz := -O1 -g -fPIE -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
LINK_fuzz := -pie -fsanitize=fuzzer,address,undefined

# ------------------------------------------------------------------------------- programs and tests

BIN_release := build/bin
$(foreach v,$(filter-out release,$(VARIANTS)),$(eval BIN_$v := build/$v/bin))

MAIN_SRC := $(sort $(wildcard daemon/*.c))
CLI_SRC := $(sort $(wildcard client/cli/*.c))
LIB_SRC := $(sort $(wildcard client/lib/*.c))
SUPPORT_SRC := $(sort $(wildcard tests/support/*.c))
INBOX_TEST_SRC := $(filter-out tests/inbox/test_%.c,$(sort $(wildcard tests/inbox/*.c)))
PROGRAMS := $(if $(MAIN_SRC),instalmentd) $(if $(CLI_SRC),instalment) $(if $(INBOX_SRC),instalment-inbox)

# What the tests of a folder link: layers, or "everything". Another folder is another line.
TEST_LINK_unit := core
TEST_LINK_contract := everything
TEST_LINK_api := everything
TEST_LINK_fault := everything
TEST_LINK_print := everything
TEST_LINK_cli := everything
TEST_LINK_alert := everything
TEST_LINK_inbox := inbox inboxtest embed
# What one program of these may take: real printers, and time-outs of the network that cannot be hurried.
TEST_SECONDS_print := 300
TEST_SECONDS_alert := 240
TEST_SECONDS_api := 240
TEST_FOLDERS := unit contract api fault print cli alert inbox
$(foreach f,$(TEST_FOLDERS),$(eval TEST_SRC_$f := $(sort $(wildcard tests/$f/test_*.c))))
TESTED := $(strip $(foreach f,$(TEST_FOLDERS),$(if $(TEST_SRC_$f),$f)))
FUZZERS := $(patsubst tests/fuzz/fuzz_%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
RULES_SRC := $(sort $(wildcard tests/rules/*.c))
RULES_TABLES := $(sort $(wildcard tests/rules/*.rules tests/rules/*.wrong))
BENCH_SRC := $(filter-out tests/bench/bench_%.c tests/bench/slow_sync.c,$(sort $(wildcard tests/bench/*.c)))
BENCHES := $(patsubst tests/bench/%.c,%,$(sort $(wildcard tests/bench/bench_*.c)))

objects = $(patsubst %.c,build/$1/obj/%.o,$2)
# The archives of some layers in one variant; "everything" is all layers, the data and the tests' helpers. An archive
# may need a later one and the other way round, hence the group.
archives = $(if $(filter everything,$2),$(patsubst %,build/$1/lib%.a,$(BUILT) \
	$(if $(LIB_SRC),client) $(if $(CLI_SRC),cli embed-client) $(if $(EMBED),embed) $(if $(SUPPORT_SRC),support)),$(patsubst %,build/$1/lib%.a,$(filter $(BUILT) embed client inbox inboxtest,$2)))
grouped = $(if $(filter %.a,$1),-Wl$(comma)--start-group $(filter %.a,$1) -Wl$(comma)--end-group)
# Extra linker flags of one test stand in a line of its own in the source: /* link: -Wl,--wrap=malloc */
link_line = $$(sed -n 's,^/\* link: \(.*\) \*/$$,\1,p' $1)

define archive_rule # variant, name, sources
build/$1/lib$2.a: $(call objects,$1,$3)
	@mkdir -p $$(@D)
	$$(call say,AR,$$@)
	@rm -f $$@ && ar rcsD $$@ $$^
endef

define program_rule # variant, program, sources, archives
$(BIN_$1)/$2: $(call objects,$1,$3) $4
	@mkdir -p $$(@D)
	$$(call say,LINK,$$@)
	@$(CC_$1) $(FLAGS_$1) $(LINK_$1) -o $$@ $$(filter %.o,$$^) $$(call grouped,$$^) $$(PKG_LIBS) -pthread
endef

define test_rules # variant, folder
build/$1/tests/$2/%: build/$1/obj/tests/$2/%.o $(call archives,$1,$(TEST_LINK_$2))
	@mkdir -p $$(@D)
	$$(call say,LINK,$$@)
	@$(CC_$1) $(FLAGS_$1) $(LINK_$1) $$(call link_line,tests/$2/$$*.c) -o $$@ $$< \
		$$(call grouped,$$^) -lcmocka $(if $(filter everything inbox,$(TEST_LINK_$2)),$$(PKG_LIBS) -pthread)
tests-$2-$1 := $(patsubst tests/$2/%.c,build/$1/tests/$2/%,$(TEST_SRC_$2))
endef

define variant_rules # variant
build/$1/obj/daemon/core/%.o: daemon/core/%.c Makefile
	@mkdir -p $$(@D)
	$$(call say,CC,$$@)
	@$(CC_$1) $(STD) $(FLAGS_$1) -MMD -MP -c -o $$@ $$<
build/$1/obj/tests/unit/%.o: tests/unit/%.c Makefile
	@mkdir -p $$(@D)
	$$(call say,CC,$$@)
	@$(CC_$1) $(STD) $(FLAGS_$1) $(INCLUDE) -MMD -MP -c -o $$@ $$<
build/$1/obj/%.o: %.c Makefile
	@mkdir -p $$(@D)
	$$(call say,CC,$$@)
	@$(CC_$1) $(STD) -D_GNU_SOURCE $(FLAGS_$1) $(INCLUDE) $$(PKG_CFLAGS) -MMD -MP -c -o $$@ $$<
build/$1/obj/embed/%.o: % daemon/embed/embed.S Makefile
	@mkdir -p $$(@D)
	$$(call say,EMBED,$$@)
	@$(CC_$1) -fcf-protection -DEMBED_FILE='"$$*"' -DEMBED_NAME=$$(subst /,_,$$(subst .,_,$$(subst -,_,$$(patsubst daemon/%,%,$$*)))) \
		-c -o $$@ daemon/embed/embed.S
$(foreach l,$(BUILT),$(eval $(call archive_rule,$1,$l,$(SRC_$l))))
$(eval $(call archive_rule,$1,client,$(LIB_SRC)))
$(eval $(call archive_rule,$1,cli,$(filter-out client/cli/main.c,$(CLI_SRC))))
$(eval $(call archive_rule,$1,inbox,$(filter-out %/main.c,$(INBOX_SRC))))
$(eval $(call archive_rule,$1,support,$(SUPPORT_SRC)))
$(eval $(call archive_rule,$1,inboxtest,$(INBOX_TEST_SRC)))
build/$1/libembed.a: $(patsubst %,build/$1/obj/embed/%.o,$(EMBED))
	@mkdir -p $$(@D)
	$$(call say,AR,$$@)
	@rm -f $$@ && ar rcsD $$@ $$^
build/$1/libembed-client.a: $(patsubst %,build/$1/obj/embed/%.o,$(EMBED_CLIENT))
	@mkdir -p $$(@D)
	$$(call say,AR,$$@)
	@rm -f $$@ && ar rcsD $$@ $$^
$(foreach f,$(TESTED),$(eval $(call test_rules,$1,$f)))
-include $(patsubst %.o,%.d,$(call objects,$1,$(foreach l,$(BUILT),$(SRC_$l)) $(MAIN_SRC) $(CLIENT_SRC) $(SUPPORT_SRC) $(INBOX_TEST_SRC) \
	$(foreach f,$(TESTED),$(TEST_SRC_$f)) $(RULES_SRC) $(patsubst %,tests/bench/%.c,$(BENCHES)) $(patsubst %,tests/fuzz/fuzz_%.c,$(FUZZERS))))
endef
$(foreach v,$(VARIANTS),$(eval $(call variant_rules,$v)))

# The daemon knows every layer; the other two speak only the HTTP interface. The inbox without its main is an archive
# too, for its tests.
daemon_archives = $(patsubst %,build/$1/lib%.a,$(BUILT) $(if $(EMBED),embed))
client_archives = $(if $(LIB_SRC),build/$1/libclient.a) build/$1/libembed-client.a
inbox_archives = $(if $(INBOX_SRC),build/$1/libinbox.a) $(call client_archives,$1) $(if $(EMBED),build/$1/libembed.a)
$(foreach v,release asan tsan,$(eval $(call program_rule,$v,instalmentd,$(MAIN_SRC),$(call daemon_archives,$v))) \
	$(eval $(call program_rule,$v,instalment,$(CLI_SRC),$(call client_archives,$v))) \
	$(eval $(call program_rule,$v,instalment-inbox,$(filter %/main.c,$(INBOX_SRC)),$(call inbox_archives,$v))))
# For coverage only the core is instrumented; the rest of the daemon is the release's.
build/coverage/bin/instalmentd: $(call objects,release,$(MAIN_SRC)) build/coverage/libcore.a \
		$(filter-out %/libcore.a,$(call daemon_archives,release))
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	@$(CC_coverage) $(LINK_coverage) -o $@ $(filter %.o,$^) $(call grouped,$^) $(PKG_LIBS) -pthread

# The runner of the rule tables, with the core alone.
define rules_rule # variant
build/$1/tests/rules/tables: $(call objects,$1,$(RULES_SRC)) build/$1/libcore.a
	@mkdir -p $$(@D)
	$$(call say,LINK,$$@)
	@$(CC_$1) $(FLAGS_$1) $(LINK_$1) -o $$@ $$^
endef
$(foreach v,release asan coverage,$(eval $(call rules_rule,$v)))

# Manual pages, and the completion, which the program prints itself.
MANUAL := $(patsubst docs/%.scd,build/man/%,$(sort $(wildcard docs/*.scd)))
COMPLETION := $(if $(CLI_SRC),build/completions/instalment)
build/man/%: docs/%.scd
	@mkdir -p $(@D)
	$(call say,SCDOC,$@)
	@scdoc <$< >$@
build/completions/instalment: build/bin/instalment
	@mkdir -p $(@D)
	@$< completion >$@

.PHONY: all
all: $(patsubst %,build/bin/%,$(PROGRAMS)) $(patsubst %,build/release/lib%.a,$(BUILT) $(if $(LIB_SRC),client)) $(MANUAL) $(COMPLETION)

# ------------------------------------------------------------------------------------------- tests

.PHONY: deps deps-build
deps: packages = $(BUILD_PACKAGES) $(CHECK_PACKAGES)
deps-build: packages = $(BUILD_PACKAGES)
deps deps-build:
	@missing=(); \
	for package in $(packages); do \
		[ "$$(dpkg-query -W -f='$${db:Status-Status}' "$$package" 2>/dev/null)" = installed ] || missing+=("$$package"); \
	done; \
	[ $${#missing[@]} -gt 0 ] || exit 0; \
	echo "installing: $${missing[*]}"; \
	sudo=(); [ "$$(id -u)" = 0 ] || sudo=(sudo); \
	mkdir -p build; \
	"$${sudo[@]}" apt-get -qq update </dev/null; \
	"$${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install "$${missing[@]}" \
		</dev/null >build/deps.log 2>&1 || { cat build/deps.log; exit 1; }

# Every part in turn, each with all processors, its time behind it. `deps` comes first: no later part is looked at by
# make before the packages are there.
CHECK_PARTS := all lint check-layers check-controls $(if $(filter unit,$(TESTED)),,test-unit) $(TESTED:%=test-%) test-day \
	test-alert-messages test-inbox-page test-rules test-model coverage fuzz-short
.PHONY: check
check:
	+@begin=$$(date +%s); $(MAKE) --no-print-directory deps; \
	echo "== deps: $$(($$(date +%s) - begin)) s"; \
	for part in $(CHECK_PARTS); do \
		start=$$(date +%s); \
		$(MAKE) -k $(JFLAG) $$part || { echo "== $$part: FAILED after $$(($$(date +%s) - start)) s"; exit 1; }; \
		echo "== $$part: $$(($$(date +%s) - start)) s"; \
	done; \
	echo "== check: all parts passed in $$(($$(date +%s) - begin)) s"

RUN_TESTS := tests/support/run-tests.sh
PYTHON := python3

define folder_rules # folder
.PHONY: test-$1
test-$1: $(tests-$1-release) $(if $(filter everything inbox,$(TEST_LINK_$1)),all)
	@TEST_BIN=build/bin TEST_TIMEOUT=$(or $(TEST_SECONDS_$1),120) $(RUN_TESTS) $1 $(tests-$1-release) $(sort $(wildcard tests/$1/test_*.py))
endef
$(foreach f,$(sort $(TESTED) unit),$(eval $(call folder_rules,$f)))

# The keyworkers' page in Chromium. What is installed has a make of its own, which must not inherit this one's options.
build/inbox-page/node_modules/.ok: tests/inbox/web/package.json tests/inbox/web/package-lock.json .npmrc
	@mkdir -p build/inbox-page
	$(call say,NPM,$@)
	@cp .npmrc tests/inbox/web/package.json tests/inbox/web/package-lock.json build/inbox-page
	@cd build/inbox-page && env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL npm ci --no-audit --no-fund --loglevel=error && touch node_modules/.ok
.PHONY: test-inbox-page
test-inbox-page: all build/inbox-page/node_modules/.ok
	@cp tests/inbox/web/page.mjs build/inbox-page
	@TEST_BIN=build/bin TEST_MESSAGES=tests/inbox/messages $(RUN_TESTS) inbox-page build/inbox-page/page.mjs

.PHONY: test-rules test-model test
DECIDE := build/bin/instalmentd decide
test-rules: all build/release/tests/rules/tables
	@build/release/tests/rules/tables $(RULES_TABLES)
	@$(PYTHON) tests/rules/run.py --decide "$(DECIDE)" tests/rules
	@$(PYTHON) tests/rules/hostile.py --decide "$(DECIDE)"

# The daemon's decisions against the reference model's, made-up cases: two halves at the same time.
MODEL_COMPARE := $(wildcard tests/sim/model/compare.py)
MODEL_COUNT := 50000
MODEL_SEEDS := 1 2
test-model: $(if $(MODEL_COMPARE),$(MODEL_SEEDS:%=test-model-%))
$(MODEL_SEEDS:%=test-model-%): test-model-%: all
	@$(PYTHON) $(MODEL_COMPARE) --decide "$(DECIDE)" --seed $* --count $(MODEL_COUNT)

# Every golden message to a service and a thousand random ones, by two validators of FHIR and the reference library of
# Standard Webhooks. npm's packages have makes of their own, which must not inherit this one's options.
.PHONY: test-alert-messages
ALERT_MESSAGES := 1000
build/release/tests/alert/messages: build/release/obj/tests/alert/messages.o $(call archives,release,everything)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	@$(CC_release) $(LINK_release) -o $@ $< $(call grouped,$^) $(PKG_LIBS) -pthread
-include build/release/obj/tests/alert/messages.d
build/alert/validate.mjs: tests/alert/validate.mjs build/alert/.installed
	@cp $< $@
build/alert/.installed: tests/alert/package.json tests/alert/package-lock.json .npmrc
	@mkdir -p $(@D)
	$(call say,NPM,$(@D))
	@cp .npmrc tests/alert/package.json tests/alert/package-lock.json $(@D)
	@cd $(@D) && env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL npm ci --no-audit --no-fund --loglevel=error
	@touch $@
test-alert-messages: build/release/tests/alert/messages build/alert/validate.mjs
	@build/release/tests/alert/messages $(ALERT_MESSAGES) >build/alert/messages.jsonl
	@node build/alert/validate.mjs <build/alert/messages.jsonl >build/alert/validate.log || { grep -v '^ok' build/alert/validate.log; exit 1; }
	@tail -n 1 build/alert/validate.log

test: $(TESTED:%=test-%) test-alert-messages test-inbox-page test-rules test-model

# -------------------------------------------------------------------- sanitizers, valgrind, coverage

variant_tests = $(foreach f,$(TESTED),$(tests-$f-$1))
variant_bin = $(if $(MAIN_SRC),build/$1/bin/instalmentd) $(if $(CLI_SRC),build/$1/bin/instalment) $(if $(INBOX_SRC),build/$1/bin/instalment-inbox)

.PHONY: asan tsan valgrind
asan: $(call variant_tests,asan) $(call variant_bin,asan) build/asan/tests/rules/tables
	@export TEST_TIMEOUT=600 ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1 UBSAN_OPTIONS=print_stacktrace=1 \
		LSAN_OPTIONS=suppressions=$(CURDIR)/tests/support/leaks.supp:print_suppressions=0; \
	TEST_BIN=build/asan/bin $(RUN_TESTS) asan $(call variant_tests,asan); \
	build/asan/tests/rules/tables $(RULES_TABLES); \
	$(if $(MAIN_SRC),$(PYTHON) tests/rules/run.py --decide "build/asan/bin/instalmentd decide" tests/rules)

# Without address randomisation: gcc 12's thread sanitizer does not know the wider one of newer kernels.
tsan: $(call variant_tests,tsan) $(call variant_bin,tsan)
	@export TEST_TIMEOUT=600 TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1:suppressions=$(CURDIR)/tests/support/races.supp TEST_WRAPPER="setarch -R"; \
	TEST_BIN=build/tsan/bin $(RUN_TESTS) tsan $(call variant_tests,tsan)

valgrind: all $(call variant_tests,release)
	@TEST_BIN=build/bin TEST_TIMEOUT=600 TEST_WRAPPER="valgrind -q --leak-check=full --show-leak-kinds=definite,possible --error-exitcode=99 --suppressions=tests/support/valgrind.supp" \
		$(RUN_TESTS) valgrind $(call variant_tests,release)

# Every line and branch of the core, from its unit tests and the rules' tables. Not counted: what an assert would do, and
# the way past a switch that names every value (each case's own line is counted).
.PHONY: coverage
coverage: $(tests-unit-coverage) build/coverage/tests/rules/tables $(if $(MAIN_SRC),build/coverage/bin/instalmentd)
	@find build/coverage -name '*.gcda' -delete; \
	$(RUN_TESTS) "unit (coverage)" $(tests-unit-coverage); \
	build/coverage/tests/rules/tables $(RULES_TABLES); \
	$(if $(MAIN_SRC),$(PYTHON) tests/rules/run.py --decide "build/coverage/bin/instalmentd decide" tests/rules;) \
	tests/support/coverage.sh build/coverage daemon/core

# The long runs: ten million operations on register and stock (some 10 GB below /tmp), ten thousand tamperings.
LEDGER_OPERATIONS := 10000000
LEDGER_TAMPERINGS := 10000
.PHONY: torture
torture: build/release/tests/contract/test_ledger
	@LEDGER_OPERATIONS=$(LEDGER_OPERATIONS) LEDGER_TAMPERINGS=$(LEDGER_TAMPERINGS) TEST_TIMEOUT=14400 \
		$(RUN_TESTS) torture $<

# --------------------------------------------------------------------------------------------- fuzz

define fuzz_rule # name
build/fuzz/fuzz_$1: build/fuzz/obj/tests/fuzz/fuzz_$1.o $(call archives,fuzz,$(or $(FUZZ_LINK_$1),$(FUZZ_LINK)))
	@mkdir -p $$(@D)
	$$(call say,LINK,$$@)
	@$(CC_fuzz) $(LINK_fuzz) $$(call link_line,tests/fuzz/fuzz_$1.c) -o $$@ $$< $$(call grouped,$$^) $$(PKG_LIBS) -pthread
.PHONY: fuzz-run-$1
fuzz-run-$1: build/fuzz/fuzz_$1
	@tests/support/run-fuzzer.sh $1 $$(SECONDS)
endef
FUZZ_LINK_inbox_message := inbox
FUZZ_LINK := core sys http $(filter alert,$(BUILT)) $(if $(EMBED),embed)
$(foreach f,$(FUZZERS),$(eval $(call fuzz_rule,$f)))

# `make fuzz SECONDS=3600`; FUZZER=name for one of them. What it finds of interest stays in build/fuzz/corpus.
.PHONY: fuzz fuzz-short
fuzz: SECONDS := 60
fuzz: $(patsubst %,fuzz-run-%,$(or $(FUZZER),$(FUZZERS)))
fuzz-short: SECONDS := 3
fuzz-short: $(FUZZERS:%=fuzz-run-%)

# -------------------------------------------------------------------------------------------- bench

define bench_rule # program
build/release/bench/$1: build/release/obj/tests/bench/$1.o build/release/libbench.a $(call archives,release,everything)
	@mkdir -p $$(@D)
	$$(call say,LINK,$$@)
	@$(CC_release) $(LINK_release) -o $$@ $$< $$(call grouped,$$^) $$(PKG_LIBS) -pthread
endef
$(eval $(call archive_rule,release,bench,$(BENCH_SRC)))
-include $(patsubst %.o,%.d,$(call objects,release,$(BENCH_SRC)))
$(foreach b,$(BENCHES),$(eval $(call bench_rule,$b)))
build/release/bench/slow_sync.so: tests/bench/slow_sync.c Makefile
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	@gcc $(STD) -D_GNU_SOURCE -O2 -fPIC -shared $(WARN) -o $@ $<
# The server in Node to compare with; without npm its figures are left out. What it builds has a make of its own, which
# must not inherit this one's options.
build/peer/server.js: $(wildcard tests/bench/peer/*) .npmrc
	@mkdir -p $(@D)
	$(call say,NPM,$@)
	@cp .npmrc tests/bench/peer/package.json tests/bench/peer/package-lock.json $(@D)
	@if command -v npm >/dev/null; then (cd $(@D) && env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL npm ci --no-audit --no-fund --loglevel=error); cp tests/bench/peer/server.js $@; fi
.PHONY: bench bench-peer
bench-peer: build/peer/server.js
bench: all bench-peer $(BENCHES:%=build/release/bench/%) build/release/bench/slow_sync.so
	@$(PYTHON) tests/bench/run.py --json build/bench.json $(BENCHES:%=build/release/bench/%)

# --------------------------------------------------------------------------------------------- lint

C_SRC := $(foreach l,$(BUILT),$(SRC_$l)) $(MAIN_SRC) $(CLIENT_SRC)
SHELL_SRC := $(sort $(wildcard .ci/run tests/support/*.sh tests/*/*.sh))
TIDY := $(C_SRC:%=build/lint/tidy/%.ok)
ANALYZE := $(C_SRC:%=build/lint/analyze/%.ok)
.PHONY: lint lint-format lint-banned lint-metrics lint-shell lint-cppcheck lint-tidy lint-analyze format
lint: lint-format lint-banned lint-metrics lint-shell lint-cppcheck lint-tidy lint-analyze

FORMATTED = $(shell find daemon client include tests -name '*.[ch]' 2>/dev/null)
lint-format:
	@clang-format --dry-run -Werror $(FORMATTED) && echo "lint: format passed"
format:
	@clang-format -i $(FORMATTED)
lint-banned:
	@tests/support/check-banned.sh $(wildcard daemon client)
lint-metrics:
	@tests/support/function-metrics.sh $(C_SRC)
lint-shell:
	@shellcheck $(SHELL_SRC) && echo "lint: shellcheck passed"
lint-cppcheck: $(C_SRC)
	@mkdir -p build/lint/cppcheck
	@cppcheck -q -j$(NPROC) --std=c11 --library=posix --platform=unix64 --cppcheck-build-dir=build/lint/cppcheck \
		--enable=warning,style,performance,portability --inline-suppr --suppress=missingIncludeSystem \
		--suppress=unmatchedSuppression \
		--error-exitcode=1 $(INCLUDE) $(C_SRC) && echo "lint: cppcheck passed"
lint-tidy: $(TIDY)
	@echo "lint: clang-tidy passed"
lint-analyze: $(ANALYZE)
	@echo "lint: gcc -fanalyzer passed"

# Behind the object: a source is looked at again when it, one of its headers or the settings have changed.
# clang's own analyzer takes fifty times as long as all the rest of clang-tidy: in `make lint` it looks at the layers that
# everything else stands on, in `make lint-deep` at every file. gcc's looks at every file in both.
TIDY_DEEP := daemon/core/% daemon/sys/% daemon/store/%
tidy = clang-tidy -quiet $2 $1 -- $(STD) -D_GNU_SOURCE $(INCLUDE) $(if $(filter daemon/core/%,$1),,$(PKG_CFLAGS))
build/lint/tidy/%.ok: % .clang-tidy Makefile
	@mkdir -p $(@D)
	$(call say,TIDY,$<)
	@$(call tidy,$<,$(if $(filter $(TIDY_DEEP),$<),,--checks=-clang-analyzer-*)) 2>$@.err || { cat $@.err; exit 1; }
	@touch $@
build/lint/deep/%.ok: % .clang-tidy
	@mkdir -p $(@D)
	$(call say,TIDY,$<)
	@$(call tidy,$<) 2>$@.err || { cat $@.err; exit 1; }
	@touch $@
.PHONY: lint-deep
lint-deep: $(patsubst %,build/lint/deep/%.ok,$(filter-out $(TIDY_DEEP),$(C_SRC))) lint
	@echo "lint: clang's analyzer passed on every file"
# Leaks are for clang-tidy, valgrind and the address sanitizer: gcc 12 sees some that are not there (arrays of structs).
build/lint/analyze/%.ok: % Makefile
	@mkdir -p $(@D)
	$(call say,ANALYZE,$<)
	@gcc $(STD) -D_GNU_SOURCE -O2 -g -fanalyzer -Wno-analyzer-malloc-leak -Werror $(INCLUDE) $(if $(filter daemon/core/%,$<),,$(PKG_CFLAGS)) -c -o /dev/null $<
	@touch $@
$(foreach s,$(C_SRC),$(eval build/lint/tidy/$s.ok build/lint/analyze/$s.ok: $(call objects,release,$s)))

.PHONY: check-layers check-controls
check-layers: build/release/libcore.a
	@tests/support/check-layers.sh . build/release/libcore.a
# Each check above must fail where there is something to find.
check-controls: build/release/libcore.a
	@tests/support/check-controls.sh build/release/libcore.a

# ------------------------------------------------------------------------------------------------ demo

# A made-up pharmacy in the foreground, with whatever is missing installed and built first.
.PHONY: demo
demo:
	+@$(MAKE) --no-print-directory deps-build
	+@$(MAKE) $(JFLAG) all
	@printf '%s\n' '' \
	'A pharmacy with made-up staff and a dozen made-up patients, on a clock that stands at Monday 2026-11-23, 09:00' \
	'until it is moved. The JSON line below says where it is, who works there and their PINs. From another shell in this' \
	'folder, with the "socket" of that line:' '' \
	'  export INSTALMENT_SOCKET=...' \
	'  build/bin/instalment sign-in a.khan          sign in; the PIN is 739164' \
	'  build/bin/instalment today                   who is due today, and what the rules say of each' \
	'  build/bin/instalment decide ID               why, for one of them; the five characters of that list are enough' \
	'  build/bin/instalment supply ID               record a supervised dose' \
	'  build/bin/instalment counter                 the same in full screen' \
	'  build/bin/instalment clock advance cut-off   the pharmacy closes: who did not come is missed' '' \
	'make demo-script plays a whole day by itself. Ctrl-C ends this; nothing is left behind.' ''
	@build/bin/instalmentd --demo

# The same, played by itself through the command line with its words between; ends with 1 where an answer is another.
.PHONY: demo-script test-day
demo-script:
	+@$(MAKE) --no-print-directory deps-build
	+@$(MAKE) $(JFLAG) all
	@tests/cli/day.sh build/bin
test-day: all
	@tests/cli/day.sh build/bin >build/day.log 2>&1 || { tail -n 60 build/day.log; echo "day: 0 passed, 1 failed"; exit 1; }
	@echo "day: $$(grep -c '^  [a-z.]*\$$ instalment' build/day.log) commands, 1 passed, 0 failed"

# -------------------------------------------------------------------------------- install, dist, help

PREFIX := /usr/local
VERSION = $(or $(shell sed -n 's/^#define INSTALMENT_VERSION "\(.*\)"$$/\1/p' include/instalment/version.h 2>/dev/null),$(shell git describe --always))
.PHONY: install dist clean help
install: all
	@install_all() { local mode=$$1 folder="$(DESTDIR)$(PREFIX)/$$2"; shift 2; \
		[ $$# = 0 ] || { install -d "$$folder"; install -m "$$mode" "$$@" "$$folder"; }; }; \
	install_all 755 sbin $(patsubst %,build/bin/%,$(filter instalmentd,$(PROGRAMS))); \
	install_all 755 bin $(patsubst %,build/bin/%,$(filter-out instalmentd,$(PROGRAMS))); \
	install_all 644 include/instalment $(wildcard include/instalment/*.h); \
	install_all 644 share/instalment $(wildcard config/*.conf); \
	install_all 644 share/instalment/cards $(wildcard config/cards/*.card); \
	install_all 644 lib/systemd/system $(wildcard systemd/*.service systemd/*.socket systemd/*.timer); \
	install_all 644 lib/sysusers.d $(wildcard systemd/sysusers.d/*.conf); \
	install_all 644 share/man/man1 $(filter %.1,$(MANUAL)); \
	install_all 644 share/man/man5 $(filter %.5,$(MANUAL)); \
	install_all 644 share/man/man8 $(filter %.8,$(MANUAL)); \
	install_all 644 share/bash-completion/completions $(COMPLETION); \
	install_all 755 share/instalment tests/support/verify-register.py tests/support/check-register.sh; \
	install_all 644 share/doc/instalmentd README.md CHANGES.md LICENSE $(wildcard docs/*.md)

# What is committed, and nothing else; the same bytes each time.
dist:
	@mkdir -p build
	@git archive --format=tar --prefix=instalmentd-$(VERSION)/ HEAD | gzip -9n > build/instalmentd-$(VERSION).tar.gz
	@echo "build/instalmentd-$(VERSION).tar.gz"

clean:
	@rm -rf build

help:
	@printf '%s\n' \
	'make                 the programs at build/bin' \
	'make demo            a made-up pharmacy, until Ctrl-C' \
	'make demo-script     a pharmacy'"'"'s day, played through the command line with its words between' \
	'make deps            install the Debian packages that are missing (deps-build: only those of the build)' \
	'make check           deps, build, lint, layers, every test, coverage of the core, short fuzzing' \
	'make test            every test; test-unit, test-rules, test-model and so on for some of them' \
	'make test-alert-messages  messages to services, by validators that others wrote' \
	'make lint-deep       lint, with clang'"'"'s analyzer on every file' \
	'make lint            clang-tidy, cppcheck, gcc -fanalyzer, shellcheck, format, banned calls, function metrics' \
	'make format          apply .clang-format' \
	'make check-layers    who may call and include whom; check-controls shows that the checks can fail' \
	'make asan            the tests under the address and undefined-behaviour sanitizers' \
	'make tsan            the tests under the thread sanitizer' \
	'make valgrind        the tests under valgrind' \
	'make torture         the long runs on register and stock: an hour, 10 GB' \
	'make coverage        every branch of daemon/core, or it fails' \
	'make fuzz            SECONDS=60 each, FUZZER=name for one; fuzz-short as in check' \
	'make bench           measure; a table, and build/bench.json' \
	'make install         DESTDIR= PREFIX=/usr/local' \
	'make dist            the source archive of the last commit' \
	'make clean           remove build/'
