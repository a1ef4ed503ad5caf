// SPDX-License-Identifier: Apache-2.0
// Provenance as the database writes it: one object with the members that are set, in a fixed order.
#pragma once

#include <string>
#include <string_view>

#include "stm32tvm/tuning_database.hpp"
#include "support/json.hpp"

namespace stm32tvm::tuning {

/// {"measured": "hardware", "board": ..., "clock_hz": ..., "compiler": ..., "flags": ..., "tvm_version": ...}
std::string write_provenance(const Provenance& provenance);

/// Fails with bad_json at a member that is unknown or of the wrong type, and where "measured" is missing.
Result<Provenance> read_provenance(json::Value value);

/// Whether everything that the filter sets is the same in the provenance.
bool matches(const Provenance& provenance, const Provenance& filter);

/// "hardware", "emulation"; "unset" for neither.
std::string_view name(Provenance::Measured measured);

}  // namespace stm32tvm::tuning
