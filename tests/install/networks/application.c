/* SPDX-License-Identifier: Apache-2.0 */
/* Creates both networks; the exit code is 0 when that works. */
#include "branches.h"
#include "digits.h"

STAI_NETWORK_CONTEXT_DECLARE(digits_context, STAI_DIGITS_CONTEXT_SIZE)
STAI_NETWORK_CONTEXT_DECLARE(branches_context, STAI_BRANCHES_CONTEXT_SIZE)

int main(void) {
  const int made = stai_runtime_init() == STAI_SUCCESS && stai_digits_init(digits_context) == STAI_SUCCESS &&
                   stai_branches_init(branches_context) == STAI_SUCCESS;
  return made ? 0 : 1;
}
