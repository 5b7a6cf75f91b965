# Thin fronts over CMake. Each installs the Debian packages that it needs and that are missing.

JOBS   ?= $(shell nproc)
PREFIX ?= /usr/local
URL    ?=
WERROR  = $(if $(CI),-DOKHTTP_WERROR=ON)
CTEST   = ctest --progress --no-tests=error -j $(JOBS)

.PHONY: help demo test bench lint asan tsan fuzz install clean format deps
help:
	@echo "make demo [URL=...]   build and run the demo"
	@echo "make test             build everything and run all tests, real servers included"
	@echo "make lint             layers, formatting, clang-tidy"
	@echo "make asan | tsan      the tests under AddressSanitizer+UBSan | ThreadSanitizer"
	@echo "make bench            the micro-benchmarks"
	@echo "make fuzz [FOR=60]    each fuzz target for FOR seconds"
	@echo "make install          to PREFIX=$(PREFIX), below DESTDIR if set"
	@echo "make format | deps | clean"

demo:
	@tools/install_deps.sh build
	@cmake --preset demo >/dev/null
	@cmake --build --preset demo -j $(JOBS)
	@build/demo/examples/okhttp_demo $(URL)

test:
	@tools/install_deps.sh build test
	@cmake --preset test $(WERROR)
	@cmake --build --preset test -j $(JOBS)
	@$(CTEST) --preset test

asan:
	@tools/install_deps.sh build test
	@cmake --preset asan
	@cmake --build --preset asan -j $(JOBS)
	@$(CTEST) --preset asan

tsan:
	@tools/install_deps.sh build test lint bench
	@cmake --preset tsan $(WERROR)
	@cmake --build --preset tsan -j $(JOBS)
	@$(CTEST) --preset tsan

lint:
	@tools/install_deps.sh build lint
	@python3 tools/lint.py $(if $(CI),--without-analyzer)

format:
	@tools/install_deps.sh lint
	@python3 tools/lint.py --fix-format

bench:
	@tools/install_deps.sh build test bench
	@cmake --preset release
	@cmake --build --preset release -j $(JOBS) --target okhttp_benchmarks
	@benchmarks/include_cost.sh
	@for bench in build/release/benchmarks/*_bench; do [ ! -x $$bench ] || $$bench || exit 1; done

FOR ?= 60
fuzz:
	@tools/install_deps.sh build lint
	@cmake --preset fuzz
	@cmake --build --preset fuzz -j $(JOBS)
	@for target in build/fuzz/fuzz/*_libfuzzer; do name=$$(basename $$target _libfuzzer); \
	  mkdir -p build/fuzz/corpus/$$name && \
	  $$target -max_total_time=$(FOR) build/fuzz/corpus/$$name fuzz/corpus/$$name || exit 1; done

install:
	@tools/install_deps.sh build
	@cmake --preset release -B build/install -DOKHTTP_BUILD_TESTS=OFF -DOKHTTP_BUILD_EXAMPLES=OFF \
	  -DOKHTTP_BUILD_BENCHMARKS=OFF -DCMAKE_INSTALL_PREFIX=$(PREFIX)
	@cmake --build build/install -j $(JOBS)
	@cmake --install build/install

deps:
	@tools/install_deps.sh build test lint bench

clean:
	rm -rf build
