// SPDX-License-Identifier: Apache-2.0
// Archives give their kernels the same names, so each network has macros that rename its own.
#include "emit/kernel_sources.hpp"

#include "emit/c_writer.hpp"
#include "emit/network_tables.hpp"

namespace stm32tvm {

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
  return out.take();
}

std::string emit_kernel_source(const NetworkLayout& layout, const KernelSource& source) {
  CWriter out;
  out.lines(file_banner(layout.network, "TVM's kernels under the network's own symbols."));
  out.line("#include \"{}_symbols.h\"", layout.name).blank();
  out.line("#if defined(__GNUC__) && !defined(__cplusplus)");
  out.line("/* TVM passes int* for int32_t*, and int32_t is long on Arm. */");
  out.line("#pragma GCC diagnostic ignored \"-Wincompatible-pointer-types\"");
  out.line("#endif").line("#include \"kernels/{}\"", source.name);
  return out.take();
}

}  // namespace stm32tvm
