// SPDX-License-Identifier: Apache-2.0
// Nothing here is mended: what is wrong in the metadata is not used.
#include "network/metadata_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "network/interface_names.hpp"

namespace stm32tvm {

void check_input_order(const Module& module, NetworkDescriptor& network) {
  std::vector<std::string> told;
  for (const MainTensor& input : module.main_inputs) {
    told.push_back(tvm_identifier(input.name));
  }
  std::vector<std::string> taken;
  for (const TensorIndex input : network.inputs) {
    taken.push_back(tvm_identifier(network.tensors[input].name));
  }
  if (told != taken && std::is_permutation(told.begin(), told.end(), taken.begin(), taken.end())) {
    network.diagnostics.push_back(
        {Diagnostic::Kind::repair,
         fmt::format("the metadata sorts the inputs by name, and the network takes \"{}\" first; its order is used",
                     network.tensors[network.inputs.front()].name.substr(0, 100)),
         "metadata.json"});
  }
}

void check_storage(const Module& module, const std::map<std::int64_t, std::uint64_t>& needed,
                   NetworkDescriptor& network) {
  std::size_t wrong = 0;
  std::string first;
  for (const auto& [id, bytes] : module.storage_bytes) {
    const auto found = needed.find(id);
    if (found == needed.end() || found->second == bytes) {
      continue;
    }
    if (wrong++ == 0) {
      first = fmt::format("{} bytes for storage {}, whose tensors have {}", bytes, id, found->second);
    }
  }
  if (wrong > 0) {
    network.diagnostics.push_back(
        {Diagnostic::Kind::repair,
         fmt::format(
             "the metadata's sizes of storage are not those of the graph in {} places: {}; the graph's are used", wrong,
             first),
         "metadata.json"});
  }
}

}  // namespace stm32tvm
