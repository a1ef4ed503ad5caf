// SPDX-License-Identifier: Apache-2.0
// The kernels' text is not torn apart: a unit includes all of it, and the preprocessor leaves out the other kernels.
#include "emit/kernel_units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "emit/build/build_description.hpp"
#include "network/source_outline.hpp"
#include "support/relative_path.hpp"
#include "support/text_edits.hpp"
#include "support/try.hpp"

namespace stm32tvm {
namespace {

/// The functions of a source by what happens to them.
struct Parts {
  std::vector<SourceFunction> kernels;  ///< that operators call
  std::vector<SourceFunction> unused;   ///< what no operator calls, and nothing that stays
};

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

/// Nothing when the source is no set of functions that stand for themselves.
std::optional<Parts> parts_of(const KernelSource& source, const SourceOutline& outline, const NameSet& called) {
  Parts parts;
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
    (kernel ? parts.kernels : parts.unused).push_back(function);
  }
  const bool only_functions = std::all_of(source.definitions.begin(), source.definitions.end(),
                                          [&](const std::string& each) { return functions.contains(each); });
  return only_functions ? std::optional(std::move(parts)) : std::nullopt;
}

void enclose(std::vector<TextEdit>& edits, std::string_view definition, const std::string& condition) {
  edits.push_back({definition.substr(0, 0), "#if " + condition + "\n"});
  edits.push_back({definition.substr(definition.size(), 0), "\n#endif"});
}

NameSet called_kernels(const NetworkDescriptor& network) {
  NameSet called;
  for (const Operator& call : network.operators) {
    if (call.kind == Operator::Kind::kernel) {
      called.insert(call.kernel);
    }
  }
  return called;
}

/// Build files hold options as they stand.
bool is_option(std::string_view text) {
  constexpr std::string_view characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-=.,+";
  constexpr std::size_t longest = 200;
  return text.starts_with('-') && text.size() <= longest &&
         text.find_first_not_of(characters) == std::string_view::npos;
}

Result<void> check_compiler_options(const CompilerOptions& options) {
  const auto wrong = std::ranges::find_if_not(options, is_option);
  if (wrong != options.end()) {
    return Error{
        ErrorCode::bad_option,
        fmt::format("the profile's \"{}\" is no compiler option; options begin with '-' and hold letters, digits "
                    "and \"_-=.,+\"",
                    shown(*wrong)),
        {}};
  }
  return {};
}

/// The kernels by their options, and the lines of the preprocessor that leave them out of other units.
std::vector<KernelUnit> units_of(const Parts& parts, const KernelProfile& profile, bool separate,
                                 const std::string& macro, std::vector<TextEdit>& edits) {
  std::map<std::pair<CompilerOptions, std::string_view>, std::vector<const SourceFunction*>> groups;
  for (const SourceFunction& kernel : parts.kernels) {
    groups[{profile.of(kernel.name), separate ? kernel.name : std::string_view{}}].push_back(&kernel);
  }
  if (groups.size() == 1) {
    return {{groups.begin()->first.first, {}}};
  }
  std::vector<KernelUnit> units;
  for (const auto& [key, kernels] : groups) {
    KernelUnit unit{key.first, {}};
    for (const SourceFunction* kernel : kernels) {
      unit.kernels.emplace_back(kernel->name);
      enclose(edits, kernel->definition, fmt::format("{} == {}", macro, units.size() + 1));
    }
    std::ranges::sort(unit.kernels);
    units.push_back(std::move(unit));
  }
  for (const SourceFunction& function : parts.unused) {
    enclose(edits, function.definition, "0");
  }
  return units;
}

}  // namespace

KernelUnits cut_into_units(const NetworkDescriptor& network, const KernelSource& source, const EditedSource& edited,
                           const KernelProfile& profile, bool separate, const std::string& macro) {
  const std::optional<Parts> parts = parts_of(source, edited.outline, called_kernels(network));
  std::vector<TextEdit> edits = edited.edits;
  KernelUnits cut;
  // Between `extern "C"` and its function nothing can be left out.
  if (!parts || parts->kernels.empty() || is_cpp(source.name)) {
    cut.units.push_back({profile.options, {}});
  } else {
    cut.units = units_of(*parts, profile, separate, macro, edits);
  }
  cut.text = edits.empty() ? source.text : Bytes(apply_edits(source.text.view(), std::move(edits)));
  return cut;
}

Result<void> check_profile(const NetworkDescriptor& network, const KernelProfile& profile) {
  const NameSet called = called_kernels(network);
  const auto check_called = [&](const std::string& kernel) -> Result<void> {
    if (called.contains(kernel)) {
      return {};
    }
    return Error{ErrorCode::bad_option,
                 fmt::format("the profile names {}, which no operator of the network calls; take the profile that was "
                             "made for it",
                             shown(kernel)),
                 {}};
  };
  STM32TVM_CHECK(check_compiler_options(profile.options));
  for (const auto& [kernel, options] : profile.kernels) {
    STM32TVM_CHECK(check_compiler_options(options));
    STM32TVM_CHECK(check_called(kernel));
  }
  if (profile.memory.empty() && !profile.in_memory.empty()) {
    return Error{
        ErrorCode::bad_option,
        "the profile names kernels \"in_memory\", but no \"memory\" that they run from; name one, or leave both "
        "out",
        {}};
  }
  for (const std::string& kernel : profile.in_memory) {
    STM32TVM_CHECK(check_called(kernel));
  }
  return {};
}

}  // namespace stm32tvm
