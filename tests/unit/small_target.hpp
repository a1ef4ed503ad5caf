// SPDX-License-Identifier: Apache-2.0
// A target of two memories, for what fits and what does not.
#pragma once

#include <cstdint>

#include "stm32tvm/target.hpp"

inline stm32tvm::Target small_target(std::uint64_t flash, std::uint64_t ram) {
  stm32tvm::Target target;
  target.name = "tiny";
  target.description = "a part made by hand";
  target.part = "STM32X";
  target.core = "cortex-m3";
  target.systick_hz = 1'000'000;
  target.interrupts = 4;
  target.memories = {{"FLASH", 0x08000000, flash, true}, {"RAM", 0x20000000, ram, false}};
  return target;
}
