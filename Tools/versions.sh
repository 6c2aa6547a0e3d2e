# The versions of libtorch that Tools/test-libtorch-versions tests. The default is the one that is fetched.
readonly LIBTORCH_OLDEST=2.11 LIBTORCH_DEFAULT=2.13.0 LIBTORCH_NEWEST=2.15
# One of each minor version: packages contain engines for these.
readonly LIBTORCH_PACKAGED="2.11.0 2.12.1 2.13.0 2.14.1 2.15.0"
