// What the fuzzer measures and cannot do in Swift: memory, time and its current place.
#pragma once
#include <stdint.h>

// Memory: malloc and related functions are replaced in this program; they count the memory of the
// thread that called fuzz_memory_begin, and of others.

// Resets the maximum and starts measuring from here.
void fuzz_memory_begin(void);
// The largest number of bytes allocated at one time since fuzz_memory_begin, beyond those at its
// call.
int64_t fuzz_memory_peak(void);
// Ends the program with status 97 if more than this is allocated beyond those at the call of
// fuzz_memory_begin; 0 stands for no limit.
void fuzz_memory_limit(int64_t bytes);

// Place: the number of the current input is in a file that outlives the program.
int fuzz_open_place(const char *path);
void fuzz_set_place(uint64_t number);

// Time: ends the program with status 98 if the same place takes longer than so many seconds of
// processor time. Paused programs use none.
void fuzz_watch(int seconds);
