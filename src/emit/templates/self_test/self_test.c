/* SPDX-License-Identifier: Apache-2.0 */
/* On this machine: with the name of a file, records the table of the self-test; without, runs the test. */
#include <stdio.h>
#include <string.h>

#include "@NAME@_self_test.h"
#include "instance.h"
#include "stvm_step.h"

typedef struct recorder {
  FILE* file;
  uint32_t sample;
} recorder;

static void record(void* cookie, const stvm_event* event) {
  const recorder* const to = (const recorder*)cookie;
  const stvm_operator* const operator_ = &event->instance->network->operators[event->index];
  for (uint32_t i = 0; event->is_done && i < operator_->output_count; ++i) {
    const DLTensor tensor = stvm_operand(event->details, event->instance, event->index, operator_->input_count + i);
    const uint32_t count = stvm_self_test_value_count(&tensor);
    fprintf(to->file, "%u %u %u", (unsigned)to->sample, (unsigned)event->index, (unsigned)i);
    if (count == 0) {
      fprintf(to->file, " crc %08x", (unsigned)stvm_self_test_crc(&tensor));
    }
    for (uint32_t j = 0; j < count; ++j) {
      const float value = stvm_self_test_value(&tensor, j, count);
      uint32_t bits;
      memcpy(&bits, &value, sizeof bits);
      fprintf(to->file, "%s%08x", j == 0 ? " float " : " ", (unsigned)bits);
    }
    fprintf(to->file, "\n");
  }
}

static int record_table(const stvm_context* instance, const char* path) {
  const stvm_self_test* const test = &@NAME@_self_test_tables;
  recorder to = {fopen(path, "w"), 0};
  const stvm_observer observer = {record, &to, NULL, test->details};
  if (to.file == NULL) {
    perror(path);
    return 1;
  }
  fprintf(to.file, "stm32tvm self-test 1 %s\n", @UPPER@_SELF_TEST_SIGNATURE);
  for (; to.sample < test->sample_count; ++to.sample) {
    stvm_progress progress = {*instance, 0};
    if (!stvm_self_test_set_inputs(test, instance, to.sample) || stvm_step(&progress, NULL, &observer) != STVM_OK) {
      fprintf(stderr, "sample %u does not run\n", (unsigned)to.sample);
      fclose(to.file);
      (void)remove(path);
      return 1;
    }
  }
  return fclose(to.file) != 0;
}

int main(int argc, char** argv) {
  const stvm_context* const instance = instance_create();
  stvm_self_test_result result;
  if (instance == NULL) {
    fprintf(stderr, "the network has no memory to run in\n");
    return 1;
  }
  if (argc == 2) {
    return record_table(instance, argv[1]);
  }
  const int32_t status = @NAME@_self_test(instance, &result);
  if (status == STVM_SELF_TEST_PASSED) {
    printf("self-test: passed (%u samples)\n", (unsigned)@NAME@_self_test_tables.sample_count);
    return 0;
  }
  printf("self-test: status %d, sample %u, operator %u %s, output %u: %08x, expected %08x\n", (int)status,
         (unsigned)result.sample, (unsigned)result.operator_index,
         result.operator_name == NULL ? "" : result.operator_name, (unsigned)result.output, (unsigned)result.actual,
         (unsigned)result.expected);
  return 1;
}
