// SPDX-License-Identifier: Apache-2.0
// Looks for functions that need one another.
#include "emit/source_parts.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace stm32tvm {
namespace {

/// Those of the names that stand in the body.
NameSet named_in(const SourceOutline& outline, const SourceFunction& function, const NameSet& names,
                 const NameFilter& filter) {
  const TokenView tokens = outline.tokens.view();
  NameSet found;
  for (const SourceWord word : outline.words_of(function)) {
    if (filter.may_hold(word.mark) && names.contains(tokens.at(word.token))) {
      found.insert(tokens.at(word.token));
    }
  }
  return found;
}

/// Whether lines of the preprocessor can stand before and behind the function.
bool has_own_lines(const KernelSource& source, const SourceFunction& function) {
  const auto begin = static_cast<std::size_t>(function.definition.data() - source.text.data());
  const std::size_t end = begin + function.definition.size();
  const std::string_view text = source.text.view();
  return (begin == 0 || text[begin - 1] == '\n') && end < text.size() && text[end] == '\n';
}

}  // namespace

NameSet called_kernels(const NetworkDescriptor& network) {
  NameSet called;
  for (const Operator& call : network.operators) {
    if (call.kind == Operator::Kind::kernel) {
      called.insert(call.kernel);
    }
  }
  return called;
}

std::optional<SourceParts> parts_of(const KernelSource& source, const SourceOutline& outline, const NameSet& called) {
  SourceParts parts;
  const NameSet external(source.definitions.begin(), source.definitions.end());
  const NameFilter called_filter(called);
  const NameFilter external_filter(external);
  NameSet functions;
  NameSet needed;  // by functions that stay
  for (const SourceFunction& function : outline.functions) {
    const bool calls_kernels = !named_in(outline, function, called, called_filter).empty();
    if (calls_kernels && (called.contains(function.name) || !external.contains(function.name))) {
      return std::nullopt;
    }
    functions.insert(function.name);
    if (!calls_kernels) {
      NameSet others = named_in(outline, function, external, external_filter);
      others.erase(function.name);
      needed.merge(others);
    }
  }
  for (const SourceFunction& function : outline.functions) {
    const bool kernel = called.contains(function.name);
    if (!external.contains(function.name) || (!kernel && needed.contains(function.name))) {
      continue;
    }
    if (function.holds_directives || !has_own_lines(source, function)) {
      return std::nullopt;
    }
    (kernel ? parts.kernels : parts.unused).push_back({function.name, function.definition});
  }
  const bool only_functions = std::all_of(source.definitions.begin(), source.definitions.end(),
                                          [&](const std::string& each) { return functions.contains(each); });
  return only_functions ? std::optional(std::move(parts)) : std::nullopt;
}

}  // namespace stm32tvm
