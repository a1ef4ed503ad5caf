/* SPDX-License-Identifier: Apache-2.0 */
/* The self-test is an observer of a run. */
#include "stvm_self_test.h"

#include <stddef.h>
#include <string.h>

#include "stvm_step.h"

/* A test that goes on. */
typedef struct testing {
  const stvm_self_test* test;
  stvm_self_test_result* result;
  const stvm_self_test_row* row; /* of the next output */
  uint32_t sample;
  uint32_t differs;
} testing;

int stvm_self_test_set_inputs(const stvm_self_test* test, const stvm_context* instance, uint32_t sample) {
  const stvm_network* const network = instance->network;
  const uint32_t first = stvm_input_pool(network);
  for (uint32_t i = first; i < stvm_pool_count(network); ++i) {
    if (instance->pools[i] == NULL) {
      return 0;
    }
  }
  for (uint32_t i = 0; i < network->input_count; ++i) {
    memcpy(instance->pools[first + i], test->inputs[sample * network->input_count + i],
           network->pools[first + i].bytes);
  }
  return 1;
}

static uint32_t element_bytes(const DLTensor* tensor) {
  return ((uint32_t)tensor->dtype.bits + 7U) / 8U * tensor->dtype.lanes;
}

uint32_t stvm_self_test_value_count(const DLTensor* tensor) {
  const DLDataType type = tensor->dtype;
  if (type.code != kDLFloat || type.lanes != 1 || (type.bits != 32 && type.bits != 64)) {
    return 0;
  }
  const uint32_t elements = stvm_tensor_bytes(tensor) / element_bytes(tensor);
  return elements < STVM_SELF_TEST_VALUES ? elements : STVM_SELF_TEST_VALUES;
}

/* The first element of part `index` of `count`. */
static uint32_t first_of(const DLTensor* tensor, uint32_t index, uint32_t count) {
  const uint32_t elements = stvm_tensor_bytes(tensor) / element_bytes(tensor);
  return (uint32_t)((uint64_t)index * elements / count);
}

static float element_at(const DLTensor* tensor, uint32_t element) {
  const uint8_t* const at = (const uint8_t*)tensor->data + element * element_bytes(tensor);
  float single = 0;
  double wide = 0;
  if (tensor->dtype.bits == 32) {
    memcpy(&single, at, sizeof single);
  } else {
    memcpy(&wide, at, sizeof wide);
    single = (float)wide;
  }
  return single;
}

float stvm_self_test_value(const DLTensor* tensor, uint32_t index, uint32_t count) {
  const uint32_t first = first_of(tensor, index, count);
  const uint32_t end = first_of(tensor, index + 1, count);
  float sum = 0;
  for (uint32_t i = first; i < end; ++i) {
    sum += element_at(tensor, i);
  }
  return sum / (float)(end - first);
}

uint32_t stvm_self_test_crc(const DLTensor* tensor) {
  return ~stvm_add_to_crc(UINT32_MAX, (const uint8_t*)tensor->data, stvm_tensor_bytes(tensor));
}

static float absolute(float number) {
  return number < 0 ? -number : number;
}

/* Whether the numbers are as close as two compilers and libraries may make them; `largest` is that of the tensor. */
static int is_close(float actual, float expected, float largest) {
  return absolute(actual - expected) <= 1e-4f * absolute(expected) + 1e-5f * largest;
}

static void differ(testing* state, uint32_t element, uint32_t expected, uint32_t actual) {
  state->differs = 1;
  state->result->element = element;
  state->result->expected = expected;
  state->result->actual = actual;
}

static void compare_values(testing* state, const DLTensor* tensor) {
  const uint32_t* const values = state->test->values + state->row->first_value;
  const uint32_t count = state->row->value_count;
  float largest = 0;
  float expected;
  for (uint32_t i = 0; i < count; ++i) {
    memcpy(&expected, &values[i], sizeof expected);
    largest = absolute(expected) > largest ? absolute(expected) : largest;
  }
  for (uint32_t i = 0; i < count && !state->differs; ++i) {
    const float actual = stvm_self_test_value(tensor, i, count);
    uint32_t bits;
    memcpy(&bits, &actual, sizeof bits);
    memcpy(&expected, &values[i], sizeof expected);
    if (bits != values[i] && !is_close(actual, expected, largest)) {
      differ(state, first_of(tensor, i, count), values[i], bits);
    }
  }
}

static void compare(void* cookie, const stvm_event* event) {
  testing* const state = (testing*)cookie;
  const stvm_operator* const operator_ = &event->instance->network->operators[event->index];
  if (state->differs) {
    return;
  }
  state->result->operator_name = event->details->operator_names[event->index];
  state->result->operator_index = event->index;
  if (!event->is_done) {
    return;
  }
  for (uint32_t i = 0; i < operator_->output_count && !state->differs; ++i, ++state->row) {
    const DLTensor tensor = stvm_operand(event->details, event->instance, event->index, operator_->input_count + i);
    state->result->output = i;
    state->result->is_float = state->row->value_count != 0;
    if (state->result->is_float) {
      compare_values(state, &tensor);
    } else if (stvm_self_test_crc(&tensor) != state->row->crc) {
      differ(state, 0, state->row->crc, stvm_self_test_crc(&tensor));
    }
  }
}

stvm_self_test_status stvm_self_test_run(const stvm_self_test* test, const stvm_context* instance,
                                         stvm_self_test_result* result) {
  testing state = {test, result, test->rows, 0, 0};
  const stvm_observer observer = {compare, &state, NULL, test->details};
  memset(result, 0, sizeof *result);
  if (test->rows == NULL) {
    return STVM_SELF_TEST_NO_TABLE;
  }
  for (; state.sample < test->sample_count; ++state.sample) {
    stvm_progress progress = {*instance, 0};
    result->sample = state.sample;
    if (!stvm_self_test_set_inputs(test, instance, state.sample)) {
      return STVM_SELF_TEST_NO_MEMORY;
    }
    if (stvm_step(&progress, NULL, &observer) != STVM_OK) {
      return STVM_SELF_TEST_FAILED;
    }
    if (state.differs) {
      return STVM_SELF_TEST_DIFFERS;
    }
  }
  return STVM_SELF_TEST_PASSED;
}
