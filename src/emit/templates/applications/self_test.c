/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the network's self-test, and tells what it finds. */
#include <stddef.h>
#include <string.h>

#include "@NAME@_self_test.h"
#include "console.h"
#include "instance.h"

static void print_word(const stvm_self_test_result* result, uint32_t word) {
  if (result->is_float) {
    float value;
    memcpy(&value, &word, sizeof value);
    console_number(value);
  } else {
    console_hexadecimal(word);
  }
}

static void print_difference(const stvm_self_test_result* result) {
  console_text("self-test: sample ");
  console_integer(result->sample);
  console_text(" operator ");
  console_integer(result->operator_index);
  console_text(" ");
  console_text(result->operator_name);
  console_text(" output ");
  console_integer(result->output);
  if (result->is_float) {
    console_text(" mean from value ");
    console_integer(result->element);
    console_text(": ");
  } else {
    console_text(": CRC ");
  }
  print_word(result, result->actual);
  console_text(", expected ");
  print_word(result, result->expected);
  console_text("\n");
}

int main(void) {
  const stvm_context* const instance = instance_create();
  stvm_self_test_result result;
  if (instance == NULL) {
    console_text("the network has no memory to run in\n");
    return 1;
  }
  switch (@NAME@_self_test(instance, &result)) {
    case STVM_SELF_TEST_PASSED:
      console_text("self-test: passed (");
      console_integer(@NAME@_self_test_tables.sample_count);
      console_text(@NAME@_self_test_tables.sample_count == 1 ? " sample)\n" : " samples)\n");
      return 0;
    case STVM_SELF_TEST_DIFFERS:
      print_difference(&result);
      break;
    case STVM_SELF_TEST_NO_TABLE:
      console_text("self-test: no table was recorded; run self_test/record.cmake, and emit again with it\n");
      break;
    case STVM_SELF_TEST_NO_MEMORY:
      console_text("self-test: an input or output has no memory\n");
      break;
    default:
      console_text("self-test: failed in operator ");
      console_text(result.operator_name == NULL ? "" : result.operator_name);
      console_text("\n");
      break;
  }
  return 1;
}
