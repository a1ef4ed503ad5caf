// SPDX-License-Identifier: Apache-2.0
// Any text is an Error or C whose kernels have statements and spans that fit them. It is read as source, as header, and
// as object file.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "check.hpp"
#include "network/aot_main.hpp"
#include "network/constant_pool.hpp"
#include "network/constant_reads.hpp"
#include "network/interface_header.hpp"
#include "network/kernel_reader.hpp"
#include "network/object_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace stm32tvm;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(read_object_file(text, "fuzz"));
  InterfaceHeader header;
  read_interface_header(text, header);
  PoolMapping mapping;
  read_pool_mapping(text, mapping);
  PoolDefinitions pools;
  static_cast<void>(read_pools(text, "fuzz", pools));
  const SourceOutline outline = outline_source(text);
  const auto facts = read_kernels({text, "fuzz"}, outline);
  if (!facts) {
    return 0;
  }
  NameSet names;
  for (const Kernel& kernel : facts->kernels) {
    names.insert(kernel.name);
    fuzz::check(kernel.statement_count > 0);
    for (const KernelParameter& parameter : kernel.parameters) {
      fuzz::check(parameter.use.first <= parameter.use.last && parameter.use.last < kernel.statement_count);
    }
    for (const Workspace& workspace : kernel.workspaces) {
      fuzz::check(workspace.use.first <= workspace.use.last && workspace.use.last < kernel.statement_count);
    }
  }
  static_cast<void>(find_constant_reads(outline, names));
  if (facts->main) {
    static_cast<void>(read_aot_main({text, "fuzz"}, outline, *facts->main));
  }
  return 0;
}
