// SPDX-License-Identifier: Apache-2.0
// Reads what an ahead-of-time module says of its interface: the header tvmgen_<module>.h, and where its inputs and
// outputs lie in pools.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace stm32tvm {

struct InterfaceHeader {
  bool found = false;                ///< the structs of inputs and outputs are there
  std::vector<std::string> inputs;   ///< members of struct ..._inputs: names in call order
  std::vector<std::string> outputs;  ///< members of struct ..._outputs
  std::vector<std::string> devices;  ///< members of struct ..._devices: "ethos_u"
  /// Macros that are numbers or lists, as written: "TVMGEN_DEFAULT_WORKSPACE_SIZE" is "960".
  std::map<std::string_view, std::string_view> macros;
};

/// Adds what a header holds; texts are parts of it. What is not understood is left out.
void read_interface_header(std::string_view text, InterfaceHeader& header);

/// One `.image = &((uint8_t*)workspace_pools->sram)[840]` of ..._map_inputs() or ..._map_outputs().
struct PooledTensor {
  std::string name;
  std::string pool;
  std::uint64_t offset = 0;
};

struct PoolMapping {
  std::vector<PooledTensor> inputs;
  std::vector<PooledTensor> outputs;
};

/// Adds what a source's mapping functions say.
void read_pool_mapping(std::string_view text, PoolMapping& mapping);

}  // namespace stm32tvm
