// What the fuzzer measures and cannot do in Swift: memory, time and the place it is at.
#pragma once
#include <stdint.h>

// Memory: malloc and its kin are replaced in this program; they count what the thread that called
// fuzz_memory_begin, and others, hold.

// Forgets the highest mark and begins to measure from here.
void fuzz_memory_begin(void);
// The most bytes that were allocated at a time since fuzz_memory_begin, beyond those at its call.
int64_t fuzz_memory_peak(void);
// Ends the program with the status 97 when more than this is allocated beyond those at the call of
// fuzz_memory_begin; 0 stands for no limit.
void fuzz_memory_limit(int64_t bytes);

// Place: the number of the input under way lies in a file that outlives the program.
int fuzz_open_place(const char *path);
void fuzz_set_place(uint64_t number);

// Time: ends the program with the status 98 when the same place takes longer than so many seconds of
// processor time. Paused programs use none.
void fuzz_watch(int seconds);
