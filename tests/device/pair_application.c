/* SPDX-License-Identifier: Apache-2.0 */
/* Two networks of one device API in one image, "one" and "two": both are made, then run in turns on the golden samples
 * of two folders. PAIR_LEGACY tells the legacy API from st-ai. */
#include "golden_files.h"
#include "one.h"
#include "two.h"

#if defined(PAIR_LEGACY)
#include "one_data.h"
#include "two_data.h"

#define NETWORK(name, NAME)                                                                   \
  AI_ALIGNED(32) static ai_u8 name##_activations[AI_##NAME##_DATA_ACTIVATIONS_SIZE];          \
  static ai_handle name##_network;                                                            \
  static void name##_create(void) {                                                           \
    const ai_handle arenas[] = {name##_activations};                                          \
    CHECK(ai_##name##_create_and_init(&name##_network, arenas, NULL).type == AI_ERROR_NONE);  \
  }                                                                                           \
  static void name##_run(const char* folder, int sample) {                                    \
    static const ai_size in_bytes[] = AI_##NAME##_IN_SIZE_BYTES;                              \
    static const ai_size out_bytes[] = AI_##NAME##_OUT_SIZE_BYTES;                            \
    ai_buffer* const in = ai_##name##_inputs_get(name##_network, NULL);                       \
    ai_buffer* const out = ai_##name##_outputs_get(name##_network, NULL);                     \
    for (int i = 0; i < AI_##NAME##_IN_NUM; ++i) {                                            \
      CHECK(read_file(folder, "in", i, sample, in[i].data, in_bytes[i]));                     \
    }                                                                                         \
    CHECK(ai_##name##_run(name##_network, in, out) == 1);                                     \
    for (int i = 0; i < AI_##NAME##_OUT_NUM; ++i) {                                           \
      const int is_float = AI_BUFFER_FMT_GET_TYPE(out[i].format) == AI_BUFFER_FMT_TYPE_FLOAT; \
      const DLDataType type = {is_float ? kDLFloat : kDLInt, is_float ? 32 : 8, 1};           \
      check_output(folder, i, sample, type, out[i].data, out_bytes[i]);                       \
    }                                                                                         \
  }
#else
#define NETWORK(name, NAME)                                                                      \
  STAI_ALIGNED(32) static uint8_t name##_activations[STAI_##NAME##_ACTIVATIONS_SIZE_BYTES];      \
  STAI_ALIGNED(8) static stai_network name##_context[STAI_##NAME##_CONTEXT_SIZE];                \
  static void name##_create(void) {                                                              \
    const stai_ptr arenas[] = {name##_activations};                                              \
    CHECK(stai_##name##_init(name##_context) == STAI_SUCCESS);                                   \
    CHECK(stai_##name##_set_activations(name##_context, arenas, 1) == STAI_SUCCESS);             \
  }                                                                                              \
  static void name##_run(const char* folder, int sample) {                                       \
    static const stai_size in_bytes[] = STAI_##NAME##_IN_SIZES_BYTES;                            \
    static const stai_size out_bytes[] = STAI_##NAME##_OUT_SIZES_BYTES;                          \
    static const stai_format formats[] = STAI_##NAME##_OUT_FORMATS;                              \
    stai_ptr in[STAI_##NAME##_IN_NUM];                                                           \
    stai_ptr out[STAI_##NAME##_OUT_NUM];                                                         \
    stai_size count;                                                                             \
    CHECK(stai_##name##_get_inputs(name##_context, in, &count) == STAI_SUCCESS);                 \
    CHECK(stai_##name##_get_outputs(name##_context, out, &count) == STAI_SUCCESS);               \
    for (int i = 0; i < STAI_##NAME##_IN_NUM; ++i) {                                             \
      CHECK(read_file(folder, "in", i, sample, in[i], in_bytes[i]));                             \
    }                                                                                            \
    CHECK(stai_##name##_run(name##_context, STAI_MODE_SYNC) == STAI_SUCCESS);                    \
    for (int i = 0; i < STAI_##NAME##_OUT_NUM; ++i) {                                            \
      const int is_float = STAI_FORMAT_GET_TYPE((uint32_t)formats[i]) == STAI_FORMAT_TYPE_FLOAT; \
      const DLDataType type = {is_float ? kDLFloat : kDLInt, is_float ? 32 : 8, 1};              \
      check_output(folder, i, sample, type, out[i], out_bytes[i]);                               \
    }                                                                                            \
  }
#endif

NETWORK(one, ONE)
NETWORK(two, TWO)

int main(int argc, char** argv) {
  CHECK(argc == 3);
  one_create();
  two_create();
#if defined(PAIR_LEGACY)
  /* A handle is its own network's alone. */
  CHECK(ai_two_get_error(one_network).type == AI_ERROR_INVALID_HANDLE);
#else
  CHECK(stai_two_get_error(one_context) == STAI_ERROR_NETWORK_INVALID_CONTEXT_HANDLE);
#endif
  for (int sample = 0; sample < 4; ++sample) {
    one_run(argv[1], sample);
    two_run(argv[2], sample);
  }
  printf("both networks give what they should\n");
  return 0;
}
