/* SPDX-License-Identifier: Apache-2.0 */
/* The board of the examples: the golden samples of the emitted firmware, which the outputs are compared with. */
#include "board.h"
#include "compare.h"
#include "samples.h"

#if defined(__arm__)
#include "console.h"
#else
#include <stdio.h>
static void console_text(const char* text) {
  fputs(text, stdout);
}
static void console_integer(int64_t value) {
  printf("%lld", (long long)value);
}
#endif

static uint32_t acquired; /* samples */

int board_acquire(uint32_t input, void* data, uint32_t bytes) {
  if (acquired == sample_count) {
    console_text("example: passed (");
    console_integer(sample_count);
    console_text(" samples)\n");
    return 0;
  }
  memcpy(data, samples[acquired].inputs[input], bytes);
  return 1;
}

void board_deliver(uint32_t output, const void* data, uint32_t bytes, int is_float) {
  const DLDataType type = {is_float ? kDLFloat : kDLInt, is_float ? 32 : 8, 1};
  const uint8_t* const* const expected = (const uint8_t* const*)samples[acquired].outputs;
  if (first_difference(type, (const uint8_t*)data, expected[output], bytes) >= 0) {
    console_text("example: an output differs\n");
  }
  /* The last output ends the sample. */
  acquired += output + 1 == EXAMPLE_OUTPUTS ? 1 : 0;
}

void board_error(const char* text, int32_t code) {
  console_text("example: ");
  console_text(text);
  console_text(" failed: ");
  console_integer(code);
  console_text("\n");
}
