/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of the st-ai API that are about no network. */
#include "stai.h"

stai_return_code stai_runtime_init(void) {
  return STAI_SUCCESS;
}

stai_return_code stai_runtime_deinit(void) {
  return STAI_SUCCESS;
}

stai_return_code stai_runtime_get_info(stai_runtime_info* info) {
  static const stai_runtime_info runtime = {
    {STAI_API_VERSION_MAJOR, STAI_API_VERSION_MINOR, STAI_API_VERSION_MICRO, 0},
    {STAI_TOOLS_VERSION_MAJOR, STAI_TOOLS_VERSION_MINOR, STAI_TOOLS_VERSION_MICRO, 0},
    {STAI_TOOLS_VERSION_MAJOR, STAI_TOOLS_VERSION_MINOR, STAI_TOOLS_VERSION_MICRO, 0},
    STVM_CONTRACT,
#if defined(__ICCARM__)
    STAI_COMPILER_ID_IAR,
    "IAR",
#elif defined(__ARMCC_VERSION)
    STAI_COMPILER_ID_KEIL_AC6,
    "Arm Compiler",
#elif defined(__GNUC__)
    STAI_COMPILER_ID_GCC,
    "GCC or compatible",
#else
    STAI_COMPILER_ID_NONE,
    "",
#endif
  };
  if (info == NULL) {
    return STAI_ERROR_NETWORK_INVALID_API_ARGUMENTS;
  }
  *info = runtime;
  return STAI_SUCCESS;
}

stai_return_code stai_runtime_set_callback(const stai_event_cb cb, void* cb_cookie) {
  (void)cb;
  (void)cb_cookie;
  return STAI_SUCCESS;
}

stai_format stai_init_format(const stai_format_type type, const int8_t sign, const int32_t bits, const int32_t fbits) {
  const uint32_t format = (uint32_t)(sign != 0) << 23 | ((uint32_t)type & 0xFU) << 17 | ((uint32_t)bits & 0x7FU) << 7 |
                          ((uint32_t)(fbits + 64) & 0x7FU);
  return (stai_format)format;
}
