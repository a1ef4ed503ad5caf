/* SPDX-License-Identifier: Apache-2.0 */
/* consumer ARCHIVE: opens it; prints how many modules there are. */
#include <stdio.h>
#include <stm32tvm/c_api.h>
#include <string.h>

int main(int argc, char** argv) {
  const char* path = argc > 1 ? argv[1] : "";
  stm32tvm_library* library = NULL;
  const stm32tvm_status status = stm32tvm_library_open(path, strlen(path), NULL, &library, NULL);
  printf("%s, %zu modules\n", stm32tvm_status_name(status), stm32tvm_library_module_count(library));
  stm32tvm_library_free(library);
  return status == STM32TVM_OK && stm32tvm_c_abi_version() == STM32TVM_C_ABI ? 0 : 1;
}
