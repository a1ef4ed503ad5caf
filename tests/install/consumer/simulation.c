/* SPDX-License-Identifier: Apache-2.0 */
/* The device runtime on this machine. */
#include "stvm.h"

int main(void) {
  return STVM_CONTRACT == 1 && sizeof(stvm_network) > 0 ? 0 : 1;
}
