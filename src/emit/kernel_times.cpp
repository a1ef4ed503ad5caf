// SPDX-License-Identifier: Apache-2.0
// The linker's --wrap puts a timed call around each kernel, so neither runtime nor network knows of it.
#include "emit/kernel_times.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "emit/c_writer.hpp"
#include "emit/network_tables.hpp"

namespace stm32tvm {
namespace {

/// A call of each kernel that runs, in the order of the first calls.
std::vector<const Operator*> kernels_of(const NetworkLayout& layout) {
  std::vector<const Operator*> kernels;
  std::set<std::string_view> known;
  for (const std::uint32_t index : layout.operators) {
    const Operator& call = layout.network.operators[index];
    if (call.kind == Operator::Kind::kernel && known.insert(call.kernel).second) {
      kernels.push_back(&call);
    }
  }
  return kernels;
}

/// The types of a kernel's C parameters. Pointers are passed on as they come, so their type does not matter.
std::vector<std::string> parameter_types(const Operator& call) {
  if (call.parameter_types.empty()) {
    return {"void*", "int32_t*", "int32_t", "void*", "int32_t*", "void*"};
  }
  std::vector<std::string> types(call.parameter_types.size(), "void*");
  return types;
}

void write_timed_kernel(CWriter& out, const std::string& symbol, const std::vector<std::string>& types,
                        std::size_t row) {
  std::vector<std::string> parameters;
  std::vector<std::string> arguments;
  for (const std::string& type : types) {
    arguments.push_back(fmt::format("a{}", arguments.size()));
    parameters.push_back(fmt::format("{} {}", type, arguments.back()));
  }
  out.line("int32_t __real_{}({});", symbol, fmt::join(types, ", "));
  out.line("int32_t __wrap_{}({});", symbol, fmt::join(types, ", "));
  out.open("int32_t __wrap_{}({}) {{", symbol, fmt::join(parameters, ", "));
  out.line("const uint64_t start = ticks_now();");
  out.line("const int32_t status = __real_{}({});", symbol, fmt::join(arguments, ", "));
  out.line("times[{}].ticks += ticks_now() - start;", row);
  out.line("++times[{}].calls;", row);
  out.line("return status;").close("}").blank();
}

}  // namespace

std::string emit_kernel_times(const NetworkLayout& layout) {
  const std::vector<const Operator*> kernels = kernels_of(layout);
  CWriter out;
  out.lines(file_banner(layout.network, "Times each kernel. The linker calls these functions in the kernels' stead."));
  out.line("#include <stdint.h>").blank();
  out.line("#include \"console.h\"").line("#include \"ticks.h\"").blank();
  out.open("typedef struct kernel_time {{");
  out.line("const char* kernel;").line("uint64_t ticks; /* of all its calls */").line("uint32_t calls;");
  out.close("} kernel_time;").blank();
  out.open("static kernel_time times[{}] = {{", std::max<std::size_t>(kernels.size(), 1));
  if (kernels.empty()) {
    out.line("{{\"\", 0, 0}},");
  }
  for (const Operator* call : kernels) {
    out.line("{{\"{}\", 0, 0}},", call->kernel);
  }
  out.close("};").blank();
  for (std::size_t row = 0; row < kernels.size(); ++row) {
    write_timed_kernel(out, layout.symbol(kernels[row]->kernel), parameter_types(*kernels[row]), row);
  }
  out.line("int __real_main(void);").line("int __wrap_main(void);");
  out.open("int __wrap_main(void) {{");
  out.line("const int status = __real_main();");
  out.open("for (uint32_t i = 0; i < {}; ++i) {{", kernels.size());
  out.line("console_text(\"kernel \");").line("console_text(times[i].kernel);").line("console_text(\": \");");
  out.line("console_integer((int64_t)times[i].ticks);").line("console_text(\" ticks in \");");
  out.line("console_integer(times[i].calls);").line("console_text(\" calls\\n\");");
  out.close("}");
  out.line("return status;").close("}");
  return out.text();
}

std::vector<std::string> kernel_times_link_options(const NetworkLayout& layout) {
  std::vector<std::string> options = {"-Wl,--wrap=main"};
  for (const Operator* call : kernels_of(layout)) {
    options.push_back("-Wl,--wrap=" + layout.symbol(call->kernel));
  }
  return options;
}

}  // namespace stm32tvm
