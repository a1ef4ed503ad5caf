/* SPDX-License-Identifier: Apache-2.0 */
/* What applications under test share: a check that ends the program, and the golden samples of a folder. */
#ifndef GOLDEN_FILES_H
#define GOLDEN_FILES_H

#include <stdio.h>
#include <stdlib.h>

#include "compare.h"

#define CHECK(condition)                                                        \
  do {                                                                          \
    if (!(condition)) {                                                         \
      fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition); \
      exit(1);                                                                  \
    }                                                                           \
  } while (0)

/* Reads "<folder>/<kind><index>_<sample>.bin", which must have this size; 0 when there is none. */
static int read_file(const char* folder, const char* kind, int index, int sample, void* bytes, size_t size) {
  char path[1024];
  snprintf(path, sizeof path, "%s/%s%d_%d.bin", folder, kind, index, sample);
  FILE* file = fopen(path, "rb");
  if (file == NULL) {
    return 0;
  }
  CHECK(fread(bytes, 1, size, file) == size);
  CHECK(fgetc(file) == EOF);
  fclose(file);
  return 1;
}

/* The values are those of output `index`. */
static void check_output(const char* folder, int index, int sample, DLDataType type, const void* values, size_t size) {
  uint8_t* const expected = malloc(size);
  CHECK(read_file(folder, "out", index, sample, expected, size));
  const long difference = first_difference(type, values, expected, size);
  if (difference >= 0) {
    fprintf(stderr, "%s: sample %d, output %d differs at element %ld\n", folder, sample, index, difference);
    exit(1);
  }
  free(expected);
}

#endif /* GOLDEN_FILES_H */
