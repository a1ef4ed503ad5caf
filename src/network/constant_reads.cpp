// SPDX-License-Identifier: Apache-2.0
// A mention of a constant counts as a read only in the one form that TVM prints; everything else keeps its type.
#include "network/constant_reads.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "network/kernel_reader.hpp"
#include "network/source_outline.hpp"

namespace stm32tvm {
namespace {

bool is_any(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// A variable of interest in one function.
struct Variable {
  enum class Kind : std::uint8_t { handle, data, pool_pointer };
  Kind kind = Kind::data;
  std::size_t parameter = 0;
  std::size_t pointer = 0;  ///< of a pool_pointer: its index
};

/// Tokens that stand in a row: '$' is any identifier, '#' any number.
struct Pattern {
  std::array<std::string_view, 20> words = {};
  std::size_t size = 0;
  std::size_t captures = 0;

  explicit constexpr Pattern(std::string_view text) {
    while (!text.empty()) {
      const std::string_view word = text.substr(0, text.find(' '));
      words.at(size++) = word;
      captures += word == "$" || word == "#" ? 1U : 0U;
      text.remove_prefix(std::min(word.size() + 1, text.size()));
    }
  }
};

constexpr Pattern kHandle("void * $ = ( ( ( TVMValue * ) args ) [ # ] . v_handle ) ;");
constexpr Pattern kData("void * $ = ( ( ( DLTensor * ) $ ) [ 0 ] . data ) ;");
constexpr Pattern kPackedPoolPointer("void * $ = ( & ( ( ( uint8_t * ) $ ) [ # ] ) ) ;");
constexpr Pattern kPoolPointer("void * $ = ( & ( $ [ # ] ) ) ;");
constexpr Pattern kTensorField("( ( DLTensor * ) $ ) [ 0 ] . $");
constexpr Pattern kElement("( ( $ * )");

class ReadFinder {
 public:
  ReadFinder(const SourceOutline& outline, const NameSet& kernels)
      : outline_(outline), tokens_(outline.tokens.view()), accounted_(tokens_.size()), kernels_(kernels) {}

  SourceReads run() {
    word_filter_ = NameFilter(kernels_);
    for (const std::string_view macro : outline_.macros) {
      word_filter_.add(macro);
    }
    for (const SourceFunction& function : outline_.functions) {
      look_through(function);
    }
    find_array_reads();
    return std::move(found_);
  }

 private:
  [[nodiscard]] std::string_view at(std::size_t token) const { return tokens_.at(token); }

  /// Whether the tokens from `begin` on are those of a pattern. What its '$' and '#' stand for goes to `captured`.
  template <std::size_t Captures>
  [[nodiscard]] bool matches(std::size_t begin, const Pattern& pattern,
                             std::array<std::size_t, Captures>& captured) const {
    std::size_t captures = 0;
    // From the end on: TVM's declarations of pointers begin alike.
    for (std::size_t i = pattern.size; i-- > 0;) {
      const std::string_view word = pattern.words[i];
      const std::size_t token = begin + i;
      const bool any = word == "$" || word == "#";
      const bool fits = any ? tokens_.is(token, word == "$" ? TokenKind::identifier : TokenKind::number)
                            : (word.size() == 1 && tokens_.is(token, word[0])) || at(token) == word;
      if (!fits) {
        return false;
      }
      if (any) {
        ++captures;
        captured.at(pattern.captures - captures) = token;
      }
    }
    return true;
  }

  void look_through(const SourceFunction& function) {
    const bool wanted = kernels_.contains(function.name);
    const bool main = is_main_function(function.name);
    bool uses_macros = function.holds_directives;
    for (const SourceWord word : outline_.words_of(function)) {
      if (!word_filter_.may_hold(word.mark)) {
        continue;
      }
      const std::string_view text = at(word.token);
      uses_macros = uses_macros || outline_.macros.contains(text);
      if (!main && kernels_.contains(text)) {
        found_.called.insert(text);
      }
    }
    if (!wanted) {
      return;
    }
    kernel_ = KernelReads{function.name, {}};
    variables_.clear();
    variable_filter_ = NameFilter({"args"});
    declare_parameters(function);
    declare_pointers(function);
    follow(function);
    if (uses_macros) {
      for (ParameterReads& parameter : kernel_.parameters) {
        keep_all(parameter, "the kernel uses macros");
      }
    }
    found_.kernels.push_back(std::move(kernel_));
  }

  /// The parameters of the unpacked calling convention; in the packed one they come from `args`.
  void declare_parameters(const SourceFunction& function) {
    const std::size_t close = tokens_.match(function.parameters);
    packed_ = at(function.parameters + 1) == "void" && at(function.parameters + 3) == "args";
    for (std::size_t i = function.parameters + 1; !packed_ && i <= close && i < tokens_.size(); ++i) {
      if (tokens_.is(i, ',') || i == close) {
        kernel_.parameters.emplace_back().reads.variable = at(i - 1);
        declare(at(i - 1), {Variable::Kind::data, kernel_.parameters.size() - 1});
      }
    }
  }

  void account(std::initializer_list<std::size_t> tokens) {
    for (const std::size_t token : tokens) {
      accounted_[token] = true;
    }
  }

  void declare(std::string_view name, const Variable& variable) {
    variable_filter_.add(name);
    const auto [known, added] = variables_.emplace(name, variable);
    if (!added) {
      keep_all(kernel_.parameters[known->second.parameter], "it is declared twice");
      keep_all(kernel_.parameters[variable.parameter], "it is declared twice");
    }
  }

  static void keep(ConstantReads& reads, const std::string& reason) {
    reads.other_use = reason;
    reads.only_elements = false;
  }

  static void keep_all(ParameterReads& parameter, const std::string& reason) {
    keep(parameter.reads, reason);
    parameter.other_pool_use = reason;
    for (PoolPointer& pointer : parameter.pointers) {
      keep(pointer.reads, reason);
    }
  }

  [[nodiscard]] const Variable* variable(std::size_t token, Variable::Kind kind) const {
    const auto found = variables_.find(at(token));
    return found != variables_.end() && found->second.kind == kind ? &found->second : nullptr;
  }

  void declare_pointers(const SourceFunction& function) {
    std::array<std::size_t, 3> captured{};
    const unsigned mark = NameFilter::mark_of("void");
    for (const SourceWord word : outline_.words_of(function)) {
      const std::size_t i = word.token;
      if (word.mark != mark || at(i) != "void") {
        continue;
      }
      if (packed_ && matches(i, kHandle, captured)) {
        declare_handle(captured[0], captured[1], i + 10);
      } else if (packed_ && matches(i, kData, captured)) {
        if (const Variable* const handle = variable(captured[1], Variable::Kind::handle)) {
          account({captured[0], captured[1]});
          ConstantReads& reads = kernel_.parameters[handle->parameter].reads;
          reads.variable = at(captured[0]);
          reads.address = text_of(i + 4, tokens_.match(i + 4));
          declare(at(captured[0]), {Variable::Kind::data, handle->parameter});
        }
      } else if (matches(i, packed_ ? kPackedPoolPointer : kPoolPointer, captured)) {
        declare_pool_pointer(captured[0], captured[1], captured[2]);
      }
    }
  }

  /// From a token to the end of another.
  [[nodiscard]] std::string_view text_of(std::size_t first, std::size_t last) const {
    const char* const begin = at(first).data();
    return {begin, static_cast<std::size_t>(at(last).data() - begin) + at(last).size()};
  }

  void declare_handle(std::size_t name, std::size_t index, std::size_t args) {
    constexpr std::uint64_t maximum_parameters = 1024;
    const auto parameter = decimal(at(index));
    if (!parameter || *parameter >= maximum_parameters) {
      return;
    }
    if (kernel_.parameters.size() <= *parameter) {
      kernel_.parameters.resize(*parameter + 1);
    }
    account({name, args});
    declare(at(name), {Variable::Kind::handle, *parameter});
  }

  void declare_pool_pointer(std::size_t name, std::size_t pool, std::size_t offset) {
    const Variable* const data = variable(pool, Variable::Kind::data);
    const auto value = decimal(at(offset));
    if (data == nullptr || !value) {
      return;
    }
    ParameterReads& parameter = kernel_.parameters[data->parameter];
    keep(parameter.reads, "the kernel takes the address of its elements");
    account({name, pool});
    PoolPointer pointer{*value, at(offset), {}};
    pointer.reads.variable = at(name);
    parameter.pointers.push_back(std::move(pointer));
    declare(at(name), {Variable::Kind::pool_pointer, data->parameter, parameter.pointers.size() - 1});
  }

  void follow(const SourceFunction& function) {
    bool passes_arguments = false;
    for (const SourceWord word : outline_.words_of(function)) {
      if (!variable_filter_.may_hold(word.mark)) {
        continue;
      }
      const std::size_t i = word.token;
      const auto found = variables_.find(at(i));
      const bool passes = packed_ && at(i) == "args";
      if ((found == variables_.end() && !passes) || accounted_[i]) {
        continue;
      }
      passes_arguments = passes_arguments || passes;
      if (found == variables_.end()) {
        continue;
      }
      const Variable& variable = found->second;
      ParameterReads& parameter = kernel_.parameters[variable.parameter];
      switch (variable.kind) {
        case Variable::Kind::handle:
          if (!is_metadata(i)) {
            keep_all(parameter, "the kernel passes its DLTensor on");
          }
          break;
        case Variable::Kind::data:
          parameter.other_pool_use = "the kernel uses the pool as a whole";
          add_mention(i, parameter.reads);
          break;
        case Variable::Kind::pool_pointer:
          add_mention(i, parameter.pointers[variable.pointer].reads);
          break;
      }
    }
    for (ParameterReads& parameter : kernel_.parameters) {
      if (passes_arguments) {
        keep_all(parameter, "the kernel passes its arguments on");
      }
    }
  }

  /// ((DLTensor*)p0)[0].strides and the like.
  [[nodiscard]] bool is_metadata(std::size_t token) const {
    std::array<std::size_t, 2> captured{};
    return token >= 5 && matches(token - 5, kTensorField, captured) &&
           is_any(at(captured[1]), {"shape", "strides", "device", "ctx"});
  }

  void add_mention(std::size_t token, ConstantReads& reads) const {
    const std::string other = "the code uses it in another way than to read single elements";
    bool is_written = false;
    const std::optional<ElementAccess> access = element_access(token, is_written);
    if (!access) {
      keep(reads, other);
    } else if (!reads.type.empty() && reads.type != access->type) {
      keep(reads, "it is read as " + std::string(reads.type) + " and as " + std::string(access->type));
    } else {
      reads.type = access->type;
      reads.accesses.push_back(*access);
      if (is_written) {
        reads.other_use = other;
      }
    }
  }

  /// ((int16_t*)name)[...], where the element's value is all that is read or written.
  [[nodiscard]] std::optional<ElementAccess> element_access(std::size_t name, bool& is_written) const {
    std::array<std::size_t, 1> type{};
    if (name < 6 || at(name + 1) != ")" || at(name + 2) != "[" || !matches(name - 5, kElement, type)) {
      return std::nullopt;
    }
    std::size_t begin = name - 5;
    std::size_t end = tokens_.match(name + 2);
    if (end == name + 2) {
      return std::nullopt;
    }
    const ElementAccess access{at(type[0]), at(end).substr(1)};
    while (begin > 0 && at(begin - 1) == "(" && tokens_.match(begin - 1) == end + 1) {
      --begin;
      ++end;
    }
    const std::string_view before = at(begin - 1);
    const std::string_view behind = at(end + 1);
    is_written = is_any(behind, {"++", "--"}) || is_any(before, {"++", "--"}) ||
                 (behind.ends_with('=') && !is_any(behind, {"==", "!=", "<=", ">="}));
    const bool place = is_any(before, {"&", "sizeof", "typeof", "__typeof__", "_Alignof", "_Generic"});
    const bool aggregate = is_any(behind, {"[", ".", "->", "("});
    return place || aggregate ? std::nullopt : std::optional(access);
  }

  void find_array_reads() {
    if (outline_.arrays.empty()) {
      return;
    }
    std::map<std::string_view, ConstantArray*, ByLength> arrays;
    std::set<std::size_t> definitions;
    NameFilter filter;
    found_.arrays.reserve(outline_.arrays.size());
    for (const SourceArray& array : outline_.arrays) {
      found_.arrays.push_back({array, {}});
      ConstantReads& reads = found_.arrays.back().reads;
      reads.variable = array.name;
      definitions.insert(array.token);
      filter.add(array.name);
      if (!arrays.emplace(array.name, &found_.arrays.back()).second) {
        keep(reads, "it is defined twice");
        keep(arrays[array.name]->reads, "it is defined twice");
      } else if (outline_.words_of_directives.contains(array.name)) {
        keep(reads, "a macro uses it");
      }
    }
    for (const SourceWord word : outline_.words) {
      const auto found = filter.may_hold(word.mark) ? arrays.find(at(word.token)) : arrays.end();
      if (found != arrays.end() && !definitions.contains(word.token)) {
        add_mention(word.token, found->second->reads);
      }
    }
  }

  const SourceOutline& outline_;
  TokenView tokens_;
  std::vector<bool> accounted_;  ///< tokens that belong to declarations which are understood
  const NameSet& kernels_;
  NameFilter word_filter_;  ///< of macros and kernels
  SourceReads found_;

  // Of the kernel in hand.
  KernelReads kernel_;
  bool packed_ = false;
  std::map<std::string_view, Variable, ByLength> variables_;
  NameFilter variable_filter_;  ///< of these, and of "args"
};

}  // namespace

SourceReads find_constant_reads(const SourceOutline& outline, const NameSet& kernels) {
  return ReadFinder(outline, kernels).run();
}

NameSet called_besides(const std::vector<SourceReads>& sources) {
  NameSet called;
  NameSet defined;
  for (const SourceReads& source : sources) {
    called.insert(source.called.begin(), source.called.end());
    for (const KernelReads& kernel : source.kernels) {
      if (!defined.insert(kernel.name).second) {
        called.insert(kernel.name);
      }
    }
  }
  return called;
}

}  // namespace stm32tvm
