/* test_slice_plain.c — the same sentences hold for the slicer without SSE2. */
#define SLICE_PLAIN
#include "base/slice.c"

#include "test_slice.c"
