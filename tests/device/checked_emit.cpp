// SPDX-License-Identifier: Apache-2.0
// checked_emit ARCHIVE FOLDER shared|apart: emits a network for checked_application.c. With "shared" the plan is the
// planner's, inputs consumed, and every kernel calls checked_statement() before each of its top-level statements; with
// "apart" no two buffers share a byte. checked_plan.h tells what is live at each step.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "emit/network_layout.hpp"
#include "network/kernel_reader.hpp"
#include "stm32tvm/stm32tvm.hpp"

namespace {

using namespace stm32tvm;

/// Offsets of a function body's top-level statements: a second reading, by nothing but brackets, of what the kernel
/// reader cut.
std::vector<std::size_t> statement_offsets(std::string_view text, std::size_t body) {
  std::vector<std::size_t> offsets;
  int depth = 0;
  bool inside = false;
  for (std::size_t i = body + 1; i < text.size(); ++i) {
    const char c = text[i];
    if (depth == 0 && !inside && c == '}') {
      break;
    }
    if (!inside && c != ' ' && c != '\n') {
      offsets.push_back(i);
      inside = true;
    }
    depth += c == '(' || c == '{' || c == '[' ? 1 : 0;
    depth -= c == ')' || c == '}' || c == ']' ? 1 : 0;
    if (depth == 0 && (c == ';' || c == '}')) {
      // "{...}" of an initialiser or before "else" goes on.
      const std::size_t next = text.find_first_not_of(" \n", i + 1);
      inside = c == '}' && (text[next] == ';' || text.substr(next, 4) == "else");
    }
  }
  return offsets;
}

/// The offset of the '{' that opens this kernel's body; npos when the source only declares it.
std::size_t body_of(std::string_view text, const std::string& kernel) {
  const std::string call = " " + kernel + "(";
  for (std::size_t found = text.find(call); found != std::string_view::npos; found = text.find(call, found + 1)) {
    const std::size_t behind = text.find_first_not_of(" \n", text.find(')', found) + 1);
    if (behind != std::string_view::npos && text[behind] == '{') {
      return behind;
    }
  }
  return std::string_view::npos;
}

/// The source with those of its kernels instrumented that the network calls; counts what could not be.
std::string instrumented(std::string_view text, const std::set<std::string>& called, std::size_t& failures) {
  const auto facts = read_kernels({text, "source"}, outline_source(text)).value();
  std::map<std::size_t, std::string> insertions;
  for (const Kernel& kernel : facts.kernels) {
    if (!called.contains(kernel.name)) {
      continue;
    }
    const std::size_t body = body_of(text, kernel.name);
    const auto offsets = body == std::string_view::npos ? std::vector<std::size_t>() : statement_offsets(text, body);
    if (offsets.size() != kernel.statement_numbers.size()) {
      ++failures;
      fmt::print(stderr, "{}: {} statements here, {} by the reader\n", kernel.name, offsets.size(),
                 kernel.statement_numbers.size());
      continue;
    }
    for (std::size_t i = 0; i < offsets.size(); ++i) {
      if (kernel.statement_numbers[i] < kernel.statement_count) {
        insertions[offsets[i]] = fmt::format("checked_statement({}); ", kernel.statement_numbers[i]);
      }
    }
  }
  std::string made = "void checked_statement(int);\n";
  std::size_t done = 0;
  for (const auto& [offset, call] : insertions) {
    made += text.substr(done, offset - done);
    made += call;
    done = offset;
  }
  return made.append(text.substr(done));
}

/// A plan in which no two buffers share a byte.
MemoryPlan apart(const NetworkDescriptor& network, MemoryPlan plan) {
  std::uint64_t end = 0;
  for (PlannedBuffer& buffer : plan.buffers) {
    buffer.offset = end;
    end += (buffer.bytes + buffer.alignment - 1) / buffer.alignment * buffer.alignment;
  }
  plan.pools.front().bytes = end;
  plan.check(network).value();
  return plan;
}

/// The first step of each operator that is emitted, and for each step the live ranges of the arena.
std::string plan_header(const NetworkDescriptor& network, const MemoryPlan& plan) {
  const MemoryNeeds needs = memory_needs(network, plan);
  const NetworkLayout layout(network, plan, CIdentifier::from("network"));
  std::string operators;
  for (const std::uint32_t index : layout.operators) {
    operators += fmt::format("{}, ", first_step(network, index));
  }
  std::string ranges;
  std::string starts;
  std::size_t count = 0;
  for (const StepNeeds& step : needs.steps) {
    starts += fmt::format("{}, ", count);
    for (const std::uint32_t index : step.buffers) {
      const PlannedBuffer& buffer = plan.buffers[index];
      ranges += fmt::format("  {{{}, {}}},\n", buffer.offset, buffer.offset + buffer.bytes);
      ++count;
    }
  }
  return fmt::format(
      "static const unsigned checked_steps[] = {{{}}};\n"
      "static const struct {{ unsigned begin, end; }} checked_ranges[] = {{\n{}  {{0, 0}}}};\n"
      "static const unsigned checked_starts[] = {{{}{}}};\n",
      operators, ranges, starts, count);
}

int run(const std::string& archive, const std::string& folder, bool shared) {
  const auto library = ModelLibrary::open(archive).value();
  // Kernels as the archive has them: the reader takes a macro in a body for what it cannot follow.
  const auto network = library.network({}, {.keep_constants = true}).value();
  PlanOptions options;
  options.inputs = PlanOptions::Inputs::consume;
  const auto planned = MemoryPlan::make(network, options).value();
  const auto plan = shared ? planned : apart(network, planned);
  const auto emitted = ProjectEmitter::emit(network, plan, {}).value();
  std::set<std::string> called;
  for (const Operator& call : network.operators) {
    called.insert(call.kernel);
  }
  SourceTree tree;
  std::size_t failures = 0;
  for (const auto& file : emitted.files()) {
    const bool is_source = file.first.starts_with("network/kernels/");
    tree.add(file.first, is_source && shared ? Bytes(instrumented(file.second.view(), called, failures)) : file.second)
        .value();
  }
  tree.add("checked_plan.h", plan_header(network, plan)).value();
  tree.write_to(folder).value();
  return failures == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    return 2;
  }
  try {
    return run(argv[1], argv[2], std::string_view(argv[3]) == "shared");
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
