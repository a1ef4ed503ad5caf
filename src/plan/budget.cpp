// SPDX-License-Identifier: Apache-2.0
// The budget beside the needs.
#include "stm32tvm/budget.hpp"

#include <fmt/format.h>

#include "stm32tvm/memory_needs.hpp"

namespace stm32tvm {
inline namespace v1 {

Result<void> check_budget(const NetworkDescriptor& network, const MemoryPlan& plan, const Budget& budget) {
  if (!budget.ram_bytes && !budget.flash_bytes) {
    return {};
  }
  const MemoryNeeds needs = memory_needs(network, plan);
  if (budget.ram_bytes && needs.ram_bytes() > *budget.ram_bytes) {
    return Error{ErrorCode::does_not_fit,
                 fmt::format("the network takes {} bytes of RAM without the stack (arena {}, descriptors {}, copied "
                             "weights {}), {} more than the budget of {}; allow more, or take a smaller network",
                             needs.ram_bytes(), needs.arena_bytes, needs.context_bytes, needs.copied_weights_bytes,
                             needs.ram_bytes() - *budget.ram_bytes, *budget.ram_bytes),
                 "budget"};
  }
  if (budget.flash_bytes && needs.flash_bytes() > *budget.flash_bytes) {
    return Error{
        ErrorCode::does_not_fit,
        fmt::format("the network takes {} bytes of flash without its code (weights {}, tables {}), {} more than "
                    "the budget of {}; allow more, take a smaller network, or place weights elsewhere",
                    needs.flash_bytes(), needs.flash_bytes() - needs.tables_bytes, needs.tables_bytes,
                    needs.flash_bytes() - *budget.flash_bytes, *budget.flash_bytes),
        "budget"};
  }
  return {};
}

}  // namespace v1
}  // namespace stm32tvm
