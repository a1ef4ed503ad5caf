// SPDX-License-Identifier: Apache-2.0
// What several build systems ask of a description.
#include "emit/build/build_description.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
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

std::vector<FlashedFile> flashed_files(const BuildDescription& build) {
  std::vector<FlashedFile> files;
  for (const BuildUnit& network : build.networks) {
    std::ranges::copy_if(network.flashed, std::back_inserter(files),
                         [](const FlashedFile& file) { return file.address.has_value(); });
  }
  return files;
}

std::vector<std::string> qemu_loaders(const BuildDescription& build, const std::string& prefix) {
  std::vector<std::string> loaders;
  for (const FlashedFile& file : flashed_files(build)) {
    loaders.push_back(fmt::format("loader,file={}{}", prefix, file.path));
    if (file.path.ends_with(".bin")) {
      loaders.back() += fmt::format(",addr=0x{:08x},force-raw=on", *file.address);
    }
  }
  return loaders;
}

std::vector<std::string> options_of(const BuildUnit& unit, const BuildSource& source) {
  std::vector<std::string> options = unit.options;
  options.insert(options.end(), source.options.begin(), source.options.end());
  return options;
}

}  // namespace stm32tvm
