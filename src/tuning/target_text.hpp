// SPDX-License-Identifier: Apache-2.0
// The target of a record, which TVM writes as a command line ("llvm -keys=arm_cpu,cpu -mcpu=cortex-m7") or as an
// object.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "support/json.hpp"

namespace stm32tvm::tuning {

struct TargetText {
  std::string kind;
  std::vector<std::string> keys;  ///< as written, else the device and the kind's own
  std::string model;              ///< empty when it is not written
  std::string mcpu;
  std::string device;
};

TargetText read_target(std::string_view command_line);
TargetText read_target(json::Value value);

/// What TVM looks records up by: "model M" unless that is unknown, then "key K" for each key (ApplyHistoryBest of
/// python/tvm/autotvm/task/dispatcher.py).
std::vector<std::string> lookup_scopes(const TargetText& target);

/// The most telling word of the target: model, processor, device or kind.
const std::string& short_name(const TargetText& target);

}  // namespace stm32tvm::tuning
