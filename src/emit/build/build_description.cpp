// SPDX-License-Identifier: Apache-2.0
// What several build systems ask of a description.
#include "emit/build/build_description.hpp"

#include <string>
#include <vector>

namespace stm32tvm {

std::vector<const BuildUnit*> units_of(const BuildDescription& build) {
  std::vector<const BuildUnit*> units = {&build.runtime};
  for (const BuildUnit& network : build.networks) {
    units.push_back(&network);
  }
  if (build.firmware) {
    units.push_back(&build.firmware->unit);
  }
  return units;
}

std::vector<std::string> include_folders_of(const BuildDescription& build) {
  std::vector<std::string> folders;
  for (const BuildUnit* unit : units_of(build)) {
    folders.insert(folders.end(), unit->include_folders.begin(), unit->include_folders.end());
  }
  return folders;
}

std::vector<std::string> options_of(const BuildUnit& unit, const BuildSource& source) {
  std::vector<std::string> options = unit.options;
  options.insert(options.end(), source.options.begin(), source.options.end());
  return options;
}

}  // namespace stm32tvm
