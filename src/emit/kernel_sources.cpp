// SPDX-License-Identifier: Apache-2.0
// Archives give their kernels the same names, so each network has macros that rename its own.
#include "emit/kernel_sources.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <string_view>

#include "emit/c_writer.hpp"
#include "emit/network_tables.hpp"

namespace stm32tvm {
namespace {

/// Functions that are no kernels stand in every unit, so the later ones give them other names.
void write_unit_symbols(CWriter& out, const NetworkLayout& layout, const KernelSource& source, const KernelUnits& cut,
                        std::size_t index) {
  std::set<std::string_view> kernels;
  for (const KernelUnit& unit : cut.units) {
    kernels.insert(unit.kernels.begin(), unit.kernels.end());
  }
  for (const std::string& definition : source.definitions) {
    if (!kernels.contains(definition)) {
      out.line("#undef {}", definition);
      out.line("#define {} {}_{}_{}", definition, layout.name, index + 1, definition);
    }
  }
  out.blank();
}

}  // namespace

std::string emit_symbols_header(const NetworkLayout& layout) {
  CWriter out;
  out.lines(file_banner(layout.network, "TVM gives kernels of all archives the same names: these are the network's."));
  out.line("#ifndef {}_SYMBOLS_H", layout.upper).line("#define {}_SYMBOLS_H", layout.upper).blank();
  if (layout.network.needs.arm_simd) {
    out.line("#if defined(__ARM_ARCH)");
    out.line("/* Here, so that a compiler's own __ror keeps its name. */");
    out.line("#include <arm_acle.h>").line("#endif").blank();
  }
  for (const std::string& definition : layout.definitions) {
    out.line("#define {} {}_{}", definition, layout.name, definition);
  }
  out.blank().line("#endif /* {}_SYMBOLS_H */", layout.upper);
  return out.text();
}

std::string emit_kernel_source(const NetworkLayout& layout, const KernelSource& source, const KernelUnits& cut,
                               std::size_t index, const std::vector<EditNote>& edits) {
  const KernelUnit& unit = cut.units[index];
  CWriter out;
  out.lines(file_banner(layout.network, "TVM's kernels under the network's own symbols."));
  if (!unit.kernels.empty()) {
    out.line("/* Those that are compiled with {}:", fmt::join(unit.options, " "));
    for (const std::string& kernel : unit.kernels) {
      out.line(" *   {}", kernel);
    }
    out.line(" */").line("#define {}_UNIT {}", layout.upper, index + 1);
  }
  std::vector<EditNote> own;
  std::ranges::copy_if(edits, std::back_inserter(own), [&](const EditNote& edit) {
    return unit.kernels.empty() || std::ranges::binary_search(unit.kernels, edit.kernel);
  });
  if (!own.empty()) {
    out.line("/* The text tells the compiler what the memory plan proves of its pointers:");
    for (const EditNote& edit : own) {
      out.line(" *   {}: {}", edit.kernel, edit.text);
    }
    out.line(" */").line("#include \"stvm_kernel_types.h\"");
  }
  out.line("#include \"{}_symbols.h\"", layout.name).blank();
  if (index > 0) {
    write_unit_symbols(out, layout, source, cut, index);
  }
  out.line("#if defined(__GNUC__) && !defined(__cplusplus)");
  out.line("/* TVM passes int* for int32_t*, and int32_t is long on Arm. */");
  out.line("#pragma GCC diagnostic ignored \"-Wincompatible-pointer-types\"");
  out.line("#endif").line("#include \"kernels/{}\"", source.name);
  return out.text();
}

}  // namespace stm32tvm
