/* SPDX-License-Identifier: Apache-2.0 */
/* The device runtime on this machine. */
#include <stddef.h>

#include "stvm.h"

int main(void) {
  int64_t shape[2] = {2, 3};
  const DLTensor tensor = {NULL, {kDLCPU, 0}, 2, {kDLInt, 16, 1}, shape, NULL, 0};
  return stvm_tensor_bytes(&tensor) == 12 ? 0 : 1;
}
