// SPDX-License-Identifier: Apache-2.0
// What the two passes over a kernel's body come to.
#include "network/kernel_body.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "network/body_reader.hpp"
#include "support/try.hpp"

namespace stm32tvm {

Result<Kernel> BodyReader::run() {
  STM32TVM_CHECK(declare());
  STM32TVM_CHECK(follow());
  table_.finish(body_.statement_count == 0 ? 0 : body_.statement_count - 1, body_.has_jump);
  if (!body_.understood) {
    table_.set_irregular();
  }
  return finish();
}

/// Whether two pointers into one memory are used as different types one after the other: TVM's planner may have given
/// them the same bytes. Those whose uses interleave are live together and have bytes of their own.
bool BodyReader::may_reuse_bytes() const {
  struct Uses {
    std::uint32_t first_end = kNone;
    std::uint32_t last_begin = 0;
  };
  constexpr std::size_t maximum_types = 1000;                             // TVM has some ten
  std::set<std::string_view> changed;                                     // memories that are not only read
  std::map<std::pair<std::string_view, std::string_view>, Uses> uses_of;  // by memory and type
  for (const Name& name : names_) {
    if (!name.base.empty() && name.first_token != kNone) {
      Uses& uses = uses_of[{name.base, name.cast}];
      uses.first_end = std::min(uses.first_end, name.last_token);
      uses.last_begin = std::max(uses.last_begin, name.first_token);
      if (name.written || name.escaped) {
        changed.insert(name.base);
      }
    }
  }
  if (uses_of.size() > maximum_types) {
    return true;
  }
  for (auto a = uses_of.begin(); a != uses_of.end(); ++a) {
    // The types of one memory stand next to each other.
    for (auto b = std::next(a); b != uses_of.end() && b->first.first == a->first.first; ++b) {
      const bool one_after_other =
          a->second.first_end < b->second.last_begin || b->second.first_end < a->second.last_begin;
      if (one_after_other && changed.contains(a->first.first)) {
        return true;
      }
    }
  }
  return false;
}

void BodyReader::merge_groups() {
  for (std::uint32_t i = 0; i < names_.size(); ++i) {
    const Name& name = names_[i];
    Name& group = names_[group_of(i)];
    group.first = std::min(group.first, name.first);
    group.last = std::max(group.last, name.last);
    group.escaped = group.escaped || name.escaped;
    group.written = group.written || name.written;
  }
}

void BodyReader::number_statements() {
  std::uint32_t count = 0;
  for (const bool touches : touches_) {
    numbers_.push_back(count);
    count += touches ? 1U : 0U;
  }
  statement_count_ = body_.understood ? std::max(count, 1U) : 1;
}

/// To be called for a name that is mentioned.
StatementSpan BodyReader::span_of(std::uint32_t name) {
  const Name& group = names_[group_of(name)];
  return group.escaped || !body_.understood ? whole() : StatementSpan{numbers_[group.first], numbers_[group.last]};
}

void BodyReader::add_parameters(Kernel& kernel) {
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const Seen& seen = parameters_[i];
    KernelParameter parameter;
    parameter.name = seen.name.empty() ? "p" + std::to_string(i) : std::string(seen.name);
    parameter.type = definition_.packed ? "" : definition_.parameters[i].type;
    const bool mentioned = seen.data != kNone && names_[group_of(seen.data)].first != kNone;
    const bool lost = arguments_escaped_ || seen.escaped || !body_.understood;
    parameter.used = mentioned || lost;
    parameter.written = mentioned && names_[group_of(seen.data)].written;
    parameter.use = mentioned && !lost ? span_of(seen.data) : whole();
    kernel.parameters.push_back(std::move(parameter));
  }
}

void BodyReader::add_workspaces(Kernel& kernel) {
  constexpr StatementSpan kUnset{kNone, 0};
  kernel.workspaces.assign(table_.entry_count(), {0, kUnset});
  for (const WorkspaceSite& site : table_.sites()) {
    Workspace& workspace = kernel.workspaces[site.entry];
    workspace.bytes = site.bytes;
    const auto include = [&](StatementSpan span) {
      workspace.use = {std::min(workspace.use.first, span.first), std::max(workspace.use.last, span.last)};
    };
    if (table_.irregular() || !body_.understood) {
      include(whole());
      continue;
    }
    const bool mentioned = names_[group_of(site.name)].first != kNone;
    if (mentioned) {
      include(span_of(site.name));
    }
    const std::optional<StatementSpan> required = table_.required_span(site);
    if (required || !mentioned) {
      const StatementSpan span = required.value_or(StatementSpan{site.statement, site.statement});
      include({numbers_[span.first], std::min(numbers_[span.last], statement_count_ - 1)});
    }
  }
}

/// The most bytes of local arrays in blocks that are open at the same time.
void BodyReader::add_stack(Kernel& kernel) const {
  std::vector<std::uint64_t> open = block_bytes_;
  for (std::size_t i = 0; i < open.size(); ++i) {
    const std::uint64_t around = i == 0 ? 0 : open[body_.block_parents[i]];
    open[i] = around > std::numeric_limits<std::uint64_t>::max() - open[i] ? std::numeric_limits<std::uint64_t>::max()
                                                                           : around + open[i];
    kernel.stack_bytes = std::max(kernel.stack_bytes, open[i]);
  }
}

Result<Kernel> BodyReader::finish() {
  if (table_.entry_count() > WorkspaceTable::kMaximumEntries) {
    return source_.error(ErrorCode::bad_source,
                         "kernel " + std::string(definition_.name) + " needs more than " +
                             std::to_string(WorkspaceTable::kMaximumEntries) +
                             " workspaces, which is as many as the device runtime serves to one operator; split the "
                             "operator or disable fusion",
                         definition_.name);
  }
  const bool reuses = may_reuse_bytes();
  merge_groups();
  number_statements();
  Kernel kernel;
  kernel.reuses_bytes = reuses;
  kernel.name = definition_.name;
  kernel.packed = definition_.packed;
  kernel.statement_count = statement_count_;
  kernel.statement_numbers = body_.understood ? numbers_ : std::vector<std::uint32_t>{};
  add_parameters(kernel);
  add_workspaces(kernel);
  add_handovers(kernel);
  add_written_bytes(kernel);
  add_stack(kernel);
  return kernel;
}

Result<Kernel> read_kernel(const SourceText& source, const SourceOutline& outline, const KernelDefinition& definition) {
  STM32TVM_TRY(body, cut_body(source, outline, outline.functions[definition.function]));
  for (const SourceWord word : outline.words_of(outline.functions[definition.function])) {
    const bool is_macro =
        outline.macro_filter.may_hold(word.mark) && outline.macros.contains(outline.tokens.view().at(word.token));
    body.understood = body.understood && !is_macro;
  }
  return BodyReader(source, definition, std::move(body)).run();
}

}  // namespace stm32tvm
