/* SPDX-License-Identifier: Apache-2.0 */
/* The self-test of this network. */
#ifndef @UPPER@_SELF_TEST_H
#define @UPPER@_SELF_TEST_H

#include "stvm_self_test.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Of the kernels, the constants and the samples: a recorded table is for these alone. */
#define @UPPER@_SELF_TEST_SIGNATURE "@SIGNATURE@"

extern const stvm_self_test @NAME@_self_test_tables;

/* Runs the samples in this instance, whose inputs and outputs are overwritten. 0, or `result` names the first operator
 * that puts out something else than on the machine where the table was recorded. */
stvm_self_test_status @NAME@_self_test(const stvm_context* instance, stvm_self_test_result* result);

#ifdef __cplusplus
}
#endif

#endif /* @UPPER@_SELF_TEST_H */
