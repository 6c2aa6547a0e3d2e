# target                what it does
# ------                ------------
# make                  set up what is missing, then build the program (release mode)
# make setup            install system libraries and fetch libtorch, nothing else
# make test             check the formatting, build and run all tests
# make test-setup       set up with missing or damaged parts: each time one clear error
# make test-examples    build the packages in Examples, train and predict with each
# make fuzz             read ten million damaged files with every reader (RUNS=N for another number), run commands
# make test-cluster     train over two networks, complete a task on a Slurm started for it (as root)
# make docs             the guides and libraries as a web site (DocC) in .build/documentation
# make test-report      open a report in a browser without a window (installs chromium, as root)
# make demo             the whole path on synthetic data: plan, train, predict, evaluate
# make demo DATA=DIR    the same on a task of the Medical Segmentation Decathlon
# make wheel            a Python wheel in dist/: all commands, for every supported version of torch
# make dist             the wheel, and an archive in dist/ that needs only Linux
# make image            an OCI image of the archive in dist/ (needs buildah and root)
# make test-packages    test wheel and archive on bare Debian systems (needs debootstrap and root)
# make install PREFIX=DIR   put the program and a link for each command into DIR/bin
# make format           rewrite the sources in the project's format
# make lint             report what `make format` would change, and more
# make clean            remove what was built (libtorch stays; `make distclean` removes it too)
#
# variable              meaning
# --------              -------
# LIBTORCH=DIR          use this libtorch (a folder with include/ and lib/) instead of fetching one
# CUDA=1, CUDA=0        fetch libtorch's CUDA half, or not (default: if there is an NVIDIA driver)
# TORCH_VERSION=...     fetch this version (2.11 to 2.15 are supported)
# TORCH_PIP_ARGS=...    arguments for `pip download`, for example an index with other builds
# MARCH=...             processor to compile for, such as x86-64-v3 (default: this machine's level)
# SWIFT=, PYTHON=, CXX= the commands to use

export LIBTORCH TORCH_VERSION TORCH_PIP_ARGS CUDA MARCH SWIFT PYTHON

.PHONY: build program setup wheel dist image test-packages test test-setup test-examples test-cluster test-report docs fuzz demo install format lint clean distclean

build: setup
	@Tools/swift build

# Only the program and its engine, without benchmarks and tests.
program: setup
	@Tools/swift build --product nnunet

setup:
	@Tools/setup

test: lint setup
	@Tools/test-setup
	@Tools/swift test
	@NNUNET_CPU=avx2 Tools/swift test --skip-build --filter ConvolutionTests
	@Tools/test-examples

test-setup:
	@Tools/test-setup

test-examples: program
	@Tools/test-examples

test-cluster: program
	@Tools/test-ranks
	@Tools/test-cluster

docs: build
	@Tools/docs

test-report: program
	@Tools/test-report $(if $(REPORT),"$(REPORT)")

fuzz: program
	@Tools/swift build --product Fuzz
	@.build/release/Fuzz $(or $(RUNS),10000000) $(or $(SEED),1) $(READERS)
	@$(if $(READERS),,Tools/fuzz-commands .build/release/nnunet $(or $(COMMANDS),400) $(or $(SEED),1))

demo: program
	@Tools/demo $(if $(DATA),"$(DATA)")

install: setup
	@Tools/install "$(PREFIX)"

wheel: setup
	@Tools/make-wheel

dist: wheel
	@Tools/make-dist

image: dist
	@Tools/make-image

test-packages: dist program
	@Tools/test-packages

format:
	@Tools/swift format

lint:
	@Tools/swift lint

clean:
	rm -rf .build .build-package .demo

distclean: clean
	rm -rf .libtorch .libtorch-downloads
