// SPDX-License-Identifier: Apache-2.0
// Arduino: a library compiles every C file below src/, all with the same options, and has src/ alone on the include
// path. So all files go into src/, the kernels' texts get names that are not compiled, and options become pragmas.
#include <fmt/format.h>

#include <map>
#include <string>
#include <string_view>

#include "emit/build/build_files.hpp"
#include "emit/template.hpp"
#include "stm32tvm/version.hpp"
#include "support/try.hpp"

namespace stm32tvm {
namespace {

/// Where a file of the tree goes; empty: nowhere.
std::string place_of(std::string_view path, const BuildDescription& build) {
  for (const std::string& folder : build.host_include_folders) {
    if (path.starts_with(folder + "/")) {
      return {};
    }
  }
  const std::string headers = build.runtime.folder + "/include/";
  if (path.starts_with(headers)) {
    return "src/" + std::string(path.substr(headers.size()));
  }
  for (const BuildUnit* unit : units_of(build)) {
    const std::string kernels = unit->folder + "/kernels/";
    if (path.starts_with(kernels)) {
      return fmt::format("src/{}_kernels/{}.inc", unit->folder, path.substr(kernels.size()));
    }
    if (path.starts_with(unit->folder + "/")) {
      return "src/" + std::string(path.substr(unit->folder.size() + 1));
    }
  }
  return std::string(path);
}

/// A source's text in its new place.
std::string moved_text(std::string_view text, const BuildUnit& unit, const BuildSource& source) {
  std::string pragmas;
  for (const std::string& option : source.options) {
    if (option.starts_with("-f") || option.starts_with("-O")) {
      pragmas += fmt::format("#pragma GCC optimize(\"{}\")\n", option.substr(option.starts_with("-f") ? 2 : 1));
    }
  }
  if (!pragmas.empty()) {
    pragmas = fmt::format("#if defined(__GNUC__) && !defined(__clang__)\n{}#endif\n", pragmas);
  }
  std::string moved = pragmas + std::string(text);
  constexpr std::string_view include = "#include \"kernels/";
  if (const std::size_t at = moved.find(include); at != std::string::npos) {
    const std::size_t end = moved.find('"', at + include.size());
    moved.insert(end, ".inc");
    moved.replace(at, include.size(), fmt::format("#include \"{}_kernels/", unit.folder));
  }
  return moved;
}

}  // namespace

Result<void> emit_arduino(const BuildDescription& build, SourceTree& tree) {
  std::map<std::string_view, std::pair<const BuildUnit*, const BuildSource*>> sources;
  for (const BuildUnit* unit : units_of(build)) {
    for (const BuildSource& source : unit->sources) {
      sources.try_emplace(source.path, unit, &source);
    }
  }
  SourceTree library;
  for (const auto& [path, contents] : tree.files()) {
    const std::string place = place_of(path, build);
    if (place.empty()) {
      continue;
    }
    const auto source = sources.find(path);
    STM32TVM_CHECK(library.add(place, source == sources.end() ? contents
                                                              : Bytes(moved_text(contents.view(), *source->second.first,
                                                                                 *source->second.second))));
  }
  std::string headers;
  for (const BuildUnit& network : build.networks) {
    headers += fmt::format("{}{}.h", headers.empty() ? "" : ",", network.name);
  }
  STM32TVM_TRY(properties, fill_template("arduino/library.properties",
                                         {{"VERSION", STM32TVM_VERSION}, {"NAME", build.name}, {"HEADERS", headers}}));
  STM32TVM_CHECK(library.add("library.properties", properties));
  tree = std::move(library);
  return {};
}

}  // namespace stm32tvm
