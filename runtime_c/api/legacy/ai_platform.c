/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of the legacy API that are about no network. */
#include "ai_platform.h"

ai_size ai_buffer_get_size(const ai_buffer* buffer, const ai_bool with_padding) {
  ai_size elements = 1;
  (void)with_padding;
  if (buffer == NULL || buffer->shape.data == NULL) {
    return 0;
  }
  for (ai_u32 i = 0; i < buffer->shape.size; ++i) {
    elements *= buffer->shape.data[i];
  }
  return elements;
}

ai_size ai_buffer_get_byte_size(const ai_size count, const ai_buffer_format format) {
  const ai_u32 bits = (ai_u32)AI_BUFFER_FMT_GET_BITS(format);
  return (ai_size)(((ai_u64)count * bits + 7) / 8);
}

ai_bool ai_buffer_array_is_empty(const ai_buffer_array* array) {
  return array == NULL || array->buffer == NULL || array->size == 0;
}

ai_bool ai_buffer_array_is_valid(const ai_buffer_array* array) {
  return array != NULL && array->buffer != NULL;
}

ai_bool ai_buffer_array_sane(const ai_buffer_array* array) {
  return ai_buffer_array_is_valid(array) && !ai_buffer_array_is_empty(array);
}

ai_size ai_buffer_array_get_byte_size(const ai_buffer_array* array) {
  ai_size bytes = 0;
  if (ai_buffer_array_sane(array)) {
    for (ai_u32 i = 0; i < array->size; ++i) {
      const ai_buffer* const buffer = &array->buffer[i];
      bytes += ai_buffer_get_byte_size(ai_buffer_get_size(buffer, true), buffer->format);
    }
  }
  return bytes;
}

ai_bool ai_buffer_array_item_set_address(ai_buffer_array* array, const ai_u32 pos, ai_handle address) {
  if (!ai_buffer_array_sane(array) || pos >= array->size) {
    return false;
  }
  array->buffer[pos].data = address;
  return true;
}
