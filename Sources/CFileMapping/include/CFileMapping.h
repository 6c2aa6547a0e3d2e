#ifndef C_FILE_MAPPING_H
#define C_FILE_MAPPING_H

#include <stddef.h>

#pragma clang assume_nonnull begin

/// A mapped file that the SIGBUS handler knows.
typedef struct file_mapping file_mapping;

/// Keeps the process alive when a mapped file becomes shorter.
///
/// If a touched page is no longer in the file, it is replaced with zeros, and the mapping is marked
/// as cut. The handler is installed with the first mapping; other faults go to the previous
/// handler.
file_mapping *file_mapping_watch(void *start, size_t count);

/// Whether a page of the file was missing when it was touched.
int file_mapping_is_cut(const file_mapping *mapping);

/// Ends the watch; call it before the memory is unmapped.
void file_mapping_forget(file_mapping *mapping);

#pragma clang assume_nonnull end

#endif
