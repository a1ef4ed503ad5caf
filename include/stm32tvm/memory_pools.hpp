// SPDX-License-Identifier: Apache-2.0
// A target's memories as files describe them: the mempools.json of ST's tools.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "stm32tvm/memory_plan.hpp"
#include "stm32tvm/result.hpp"

namespace stm32tvm {
inline namespace v1 {

/// Reads the file that ST Edge AI Core (4.0.1) takes with --memory-pool:
/// {"memory": {"mempools": [{"name": "DTCM", "prop": {"throughput": "HIGH", "latency": "LOW", "rights": "ACC_WRITE"},
/// "size": {"value": "128", "magnitude": "KBYTES"}, "offset": {"value": "0x20000000", "magnitude": "BYTES"}}]}}.
/// Magnitudes are BYTES, KBYTES and MBYTES, and BYTES where there is none; numbers may be decimal or hexadecimal, in
/// quotes or not. The pools come in order of preference: higher throughput first, then lower latency, then as the file
/// has them. Pools that cannot be written (rights ACC_READ) are left out. `where` names the file in errors: bad_option.
Result<std::vector<PoolOptions>> read_memory_pools(std::string_view json, const std::string& where);

}  // namespace v1
}  // namespace stm32tvm
