/* SPDX-License-Identifier: Apache-2.0 */
/* A test of the image on the device: runs samples and compares what each operator puts out with what it put out on the
 * machine where the table was recorded. Integers are compared by their CRC-32, which is the same everywhere; floats by
 * the means of a few parts of the tensor, which may differ as compilers and libraries make them. Linked only where it
 * is used. */
#ifndef STVM_SELF_TEST_H
#define STVM_SELF_TEST_H

#include "stvm.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A tensor of floats is compared in at most so many parts. */
#define STVM_SELF_TEST_VALUES 8u

/* What one output of one operator should be. */
typedef struct stvm_self_test_row {
  uint32_t crc;         /* of its bytes, where value_count is 0 */
  uint32_t first_value; /* index of its first mean in the values */
  uint32_t value_count;
} stvm_self_test_row;

/* One network's test; const, in flash. */
typedef struct stvm_self_test {
  const stvm_details* details;
  const void* const* inputs;      /* the bytes of each input, sample after sample */
  const stvm_self_test_row* rows; /* of each output of each operator, sample after sample; NULL: not recorded */
  const uint32_t* values;         /* the means, as the bits of float32 numbers */
  uint32_t sample_count;
} stvm_self_test;

typedef enum stvm_self_test_status {
  STVM_SELF_TEST_PASSED = 0,
  STVM_SELF_TEST_DIFFERS = 1,   /* the result says where */
  STVM_SELF_TEST_NO_TABLE = 2,  /* the network was emitted without a recorded table */
  STVM_SELF_TEST_NO_MEMORY = 3, /* an input or output of the instance has no memory */
  STVM_SELF_TEST_FAILED = 4     /* the result says which operator failed */
} stvm_self_test_status;

/* The first operator that differs. */
typedef struct stvm_self_test_result {
  const char* operator_name;
  uint32_t sample;
  uint32_t operator_index;
  uint32_t output;   /* of the operator */
  uint32_t is_float; /* 0: `expected` and `actual` are CRCs; 1: they are the bits of float32 numbers */
  uint32_t element;  /* where is_float: of the tensor, the first of the part that differs */
  uint32_t expected;
  uint32_t actual;
} stvm_self_test_result;

/* Runs the samples in this instance, whose inputs and outputs are overwritten. */
stvm_self_test_status stvm_self_test_run(const stvm_self_test* test, const stvm_context* instance,
                                         stvm_self_test_result* result);

/* What follows is for the program that records the table, too. */

/* Sets the instance's inputs; 0 when an input or output has no memory. */
int stvm_self_test_set_inputs(const stvm_self_test* test, const stvm_context* instance, uint32_t sample);
/* In how many parts a tensor is compared: 0 for integers, which are compared by their CRC. */
uint32_t stvm_self_test_value_count(const DLTensor* tensor);
/* The mean of part `index` of `count`. */
float stvm_self_test_value(const DLTensor* tensor, uint32_t index, uint32_t count);
uint32_t stvm_self_test_crc(const DLTensor* tensor);

#ifdef __cplusplus
}
#endif

#endif /* STVM_SELF_TEST_H */
