// Carries libtorch's compiler and linker flags (from pkg-config) to TorchEngine; declares nothing,
// because libtorch's own headers are C++ and no Swift target may see them.
