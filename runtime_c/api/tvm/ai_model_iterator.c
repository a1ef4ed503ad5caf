/* SPDX-License-Identifier: Apache-2.0 */
/* The networks of the image: section .nn_models where the linker script gathers it, else a table. */
#include "ai_runtime_api.h"

#if defined(STVM_MODELS_IN_SECTION)

/* Symbols of the linker script; their names are those that scripts for TVM's STM32 port define. */
extern const ai_model_info __models_section_start__[];
extern const ai_model_info __models_section_end__[];

ai_model_iterator ai_model_iterator_end(void) {
  return (ai_model_iterator)(__models_section_end__ - __models_section_start__);
}

static const ai_model_info* model_at(ai_model_iterator it) {
  return &__models_section_start__[it];
}

#else

/* All networks, ended by NULL: made by the emitted CMakeLists.txt, or by hand. */
extern const ai_model_info* const ai_models[];

ai_model_iterator ai_model_iterator_end(void) {
  ai_model_iterator count = 0;
  while (ai_models[count] != NULL) {
    ++count;
  }
  return count;
}

static const ai_model_info* model_at(ai_model_iterator it) {
  return ai_models[it];
}

#endif

ai_model_iterator ai_model_iterator_begin(void) {
  return 0;
}

ai_model_iterator ai_model_iterator_next(ai_model_iterator it) {
  return it + 1;
}

ai_model_info* ai_model_iterator_value(ai_model_iterator it) {
  return it < ai_model_iterator_end() ? (ai_model_info*)model_at(it) : NULL;
}
