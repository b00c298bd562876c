/*
 * driver.c — runs a fuzz target over the files named on the command line, without a fuzzer.
 *
 * `make test` uses it to run each corpus under the sanitizers; `make fuzz NAME=…` links the fuzzer
 * in its place. Prints TAP.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

/* The file's bytes in memory of exactly their size, so that one read beyond them is seen. */
static uint8_t *file_bytes(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL || fseek(f, 0, SEEK_END) != 0)
        return NULL;
    *n = (size_t)ftell(f);
    rewind(f);
    uint8_t *bytes = malloc(*n ? *n : 1);
    if (bytes && fread(bytes, 1, *n, f) != *n) {
        free(bytes);
        bytes = NULL;
    }
    fclose(f);
    return bytes;
}

int main(int argc, char **argv)
{
    int failed = 0;

    setvbuf(stdout, NULL, _IONBF, 0);
    printf("1..%d\n", argc - 1);
    for (int i = 1; i < argc; i++) {
        size_t n = 0;
        uint8_t *bytes = file_bytes(argv[i], &n);

        printf("# %s\n", argv[i]);
        if (bytes == NULL) {
            printf("not ok %d - %s cannot be read\n", i, argv[i]);
            failed = 1;
            continue;
        }
        if (LLVMFuzzerTestOneInput(bytes, n) == 0)
            printf("ok %d - %s\n", i, argv[i]);
        else
            printf("not ok %d - %s\n", i, argv[i]), failed = 1;
        free(bytes);
    }
    return failed;
}
