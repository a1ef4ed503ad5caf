// SPDX-License-Identifier: Apache-2.0
// PlatformIO: a library for any framework; it compiles all its sources with the same options.
#include <algorithm>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "emit/build/build_files.hpp"
#include "stm32tvm/version.hpp"

namespace stm32tvm {

Result<void> emit_platformio(const BuildDescription& build, SourceTree& tree) {
  std::vector<std::string> filter = {"-<*>"};
  std::vector<std::string> flags = section_options;
  for (const BuildUnit* unit : units_of(build)) {
    for (const BuildSource& source : unit->sources) {
      filter.push_back("+<" + source.path + ">");
      for (const std::string& option : source.options) {
        // Warnings are for us; what the kernels are compiled with does no harm to the rest.
        if (option.starts_with("-f") && std::ranges::find(flags, option) == flags.end()) {
          flags.push_back(option);
        }
      }
    }
  }
  for (const std::string& folder : include_folders_of(build)) {
    flags.push_back("-I" + folder);
  }
  nlohmann::ordered_json json;
  json["name"] = build.name;
  json["version"] = STM32TVM_VERSION;
  json["description"] = "A neural network that TVM compiled, with the runtime that it runs on. Made by stm32tvm.";
  json["frameworks"] = "*";
  json["platforms"] = "*";
  json["build"]["srcDir"] = ".";
  json["build"]["includeDir"] = build.runtime.folder;
  json["build"]["srcFilter"] = filter;
  json["build"]["flags"] = flags;
  return tree.add("library.json", json.dump(2) + "\n");
}

}  // namespace stm32tvm
