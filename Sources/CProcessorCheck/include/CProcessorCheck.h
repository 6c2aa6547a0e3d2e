// This must be C because it runs before any code that the processor may not know.
#ifndef CPROCESSORCHECK_H
#define CPROCESSORCHECK_H

/// The instruction set that the program was compiled for: "x86-64-v4", "x86-64-v3" or "baseline".
const char *_Nonnull processor_check_instruction_set(void);

/// The first processor feature that the program was compiled for and this processor lacks, or null.
const char *_Nullable processor_check_missing_feature(void);

#endif
