// SPDX-License-Identifier: Apache-2.0
// The main function of the ahead-of-time executor, in its unpacked and its packed form.
#include "network/aot_main.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <string_view>
#include <utility>

#include "support/try.hpp"

namespace stm32tvm {
namespace {

constexpr std::uint64_t maximum_parameters = 1024;
constexpr std::uint64_t maximum_rank = 16;
constexpr std::uint64_t maximum_workspaces = 100'000;

/// What a name in the main function stands for.
struct Variable {
  enum class Kind {
    pointer,  ///< to tensor data
    handle,   ///< to a parameter's DLTensor, in the packed form
    array     ///< of the packed form's own: shapes, DLTensors, values
  };
  Kind kind = Kind::pointer;
  AotPlace place = {};
  bool direct = false;  ///< see AotPointer
};

/// One DLTensor that the packed form fills in for a call.
struct StackTensor {
  std::optional<AotPointer> data;
  std::optional<std::pair<std::string_view, std::uint64_t>> shape;  ///< array and index of its first dimension
  std::uint64_t rank = 0;
  std::uint64_t code = 0;
  std::uint64_t bits = 0;
  std::uint64_t lanes = 1;
};

/// An element of an array: ((T*)name)[index].field.field
struct Element {
  std::string_view name;
  bool of_bytes = false;  ///< the array's elements are bytes
  std::uint64_t index = 0;
  std::string_view field;   ///< "dtype"; empty when there is none
  std::string_view detail;  ///< "code"; empty when there is none
};

class MainReader {
 public:
  MainReader(const SourceText& source, const KernelDefinition& definition, CodeBody body)
      : source_(source), definition_(definition), body_(std::move(body)) {}

  Result<AotMain> run();

 private:
  using Slot = std::pair<std::string_view, std::uint64_t>;

  Result<void> read_piece(const Piece& piece);
  Result<void> declare(const Piece& piece, const Declaration& declaration);
  Result<void> declare_pointer(std::string_view name, TokenRange value);
  Result<void> add(std::string_view name, Variable variable);
  Result<void> take_workspace(std::string_view name, TokenRange value);
  Result<void> assign(const Piece& piece, std::uint32_t sign);
  Result<void> set_field(StackTensor& tensor, const Element& target, TokenRange value);
  Result<void> call(const Piece& piece, std::uint32_t name);
  Result<std::vector<AotArgument>> unpacked_arguments(const std::vector<TokenRange>& ranges);
  Result<std::vector<AotArgument>> packed_arguments(const std::vector<TokenRange>& ranges);
  Result<AotArgument> stack_argument(const StackTensor& tensor, TokenRange place) const;

  [[nodiscard]] std::optional<AotPointer> pointer(TokenRange value) const;
  [[nodiscard]] std::optional<Element> element(TokenRange range) const;
  [[nodiscard]] bool is_bytes(TokenRange range, std::string_view name) const;
  [[nodiscard]] std::string_view name_of(TokenRange range) const;
  [[nodiscard]] bool is_call(std::uint32_t token) const;

  [[nodiscard]] Error not_understood(std::string_view place, std::string_view what) const {
    return source_.error(ErrorCode::bad_source,
                         fmt::format("the main function {} {}, which is not in TVM's way and not followed; export the "
                                     "model again, with the graph executor if this stays",
                                     definition_.name.substr(0, 100), what),
                         place);
  }
  [[nodiscard]] std::string_view text(TokenRange range) const { return body_.at(range.begin); }

  const SourceText& source_;
  const KernelDefinition& definition_;
  CodeBody body_;
  AotMain main_;
  std::map<std::string_view, Variable> variables_;
  std::map<Slot, std::uint64_t> numbers_;  ///< of shape arrays
  std::map<Slot, StackTensor> tensors_;    ///< of arrays of DLTensors
  std::map<Slot, Slot> values_;            ///< of arrays of TVMValues: which DLTensor
};

Result<AotMain> MainReader::run() {
  main_.packed = definition_.packed;
  if (!body_.understood) {
    return not_understood(definition_.name, "has jumps or blocks beside its calls");
  }
  if (!main_.packed) {
    for (const CParameter& parameter : definition_.parameters) {
      const auto index = static_cast<std::uint32_t>(main_.parameters.size());
      STM32TVM_CHECK(add(parameter.name, {.place = {AotPlace::Kind::parameter, index, 0}, .direct = true}));
      main_.parameters.emplace_back(parameter.name);
    }
  }
  for (const Piece& piece : body_.pieces) {
    STM32TVM_CHECK(read_piece(piece));
  }
  if (std::any_of(main_.parameters.begin(), main_.parameters.end(), [](const auto& name) { return name.empty(); })) {
    return not_understood(definition_.name, "does not read all of its arguments");
  }
  return std::move(main_);
}

/// Whether a name stands at the token that a '(' follows, as in a call.
bool MainReader::is_call(std::uint32_t token) const {
  return body_.is_identifier(token) && body_.is(token + 1, '(');
}

Result<void> MainReader::read_piece(const Piece& piece) {
  if (const auto declaration = parse_declaration(body_, piece.tokens)) {
    return declare(piece, *declaration);
  }
  for (std::uint32_t i = piece.tokens.begin; i < piece.tokens.end; ++i) {
    if (is_call(i)) {
      return body_.at(i) == "TVMBackendFreeWorkspace" ? Result<void>{} : call(piece, i);
    }
    if (body_.is(i, '=')) {
      return assign(piece, i);
    }
  }
  return {};  // "return 0", and comparisons that guard such a return
}

Result<void> MainReader::add(std::string_view name, Variable variable) {
  if (name.empty() || !variables_.emplace(name, variable).second) {
    return not_understood(name.empty() ? definition_.name : name,
                          fmt::format("declares '{}' twice", name.substr(0, 60)));
  }
  return {};
}

Result<void> MainReader::declare(const Piece& piece, const Declaration& declaration) {
  const std::string_view name = body_.at(declaration.name);
  if (declaration.several || declaration.lasting || !piece.plain) {
    return not_understood(name, fmt::format("declares '{}' in a special way", name.substr(0, 60)));
  }
  if (declaration.kind == Declaration::Kind::pointer) {
    return declare_pointer(name, declaration.initializer);
  }
  for (std::uint32_t i = declaration.initializer.begin; i < declaration.initializer.end; ++i) {
    if (is_call(i)) {
      return not_understood(body_.at(i), fmt::format("calls '{}' for a value", body_.at(i).substr(0, 60)));
    }
  }
  return declaration.array ? add(name, {.kind = Variable::Kind::array}) : Result<void>{};
}

/// void* name = value;
Result<void> MainReader::declare_pointer(std::string_view name, TokenRange value) {
  value = peel(body_, value);
  if (body_.at(value.begin) == "TVMBackendAllocWorkspace") {
    return take_workspace(name, value);
  }
  if (auto known = pointer(value)) {
    known->name = name;
    known->direct = false;
    STM32TVM_CHECK(add(name, {.place = known->place}));
    main_.pointers.push_back(std::move(*known));
    return {};
  }
  const std::optional<Element> from = element(value);
  const auto variable = variables_.find(name_of(value));
  if (!from) {
    const bool array = variable != variables_.end() && variable->second.kind == Variable::Kind::array;
    return array ? add(name, {.kind = Variable::Kind::array})
                 : not_understood(name, fmt::format("sets '{}' to an expression", name.substr(0, 60)));
  }
  if (main_.packed && from->name == definition_.parameters[0].name && from->field == "v_handle") {
    if (from->index >= maximum_parameters) {
      return not_understood(name, "has too many arguments");
    }
    main_.parameters.resize(std::max<std::size_t>(main_.parameters.size(), from->index + 1));
    main_.parameters[from->index] = name;
    return add(name, {.kind = Variable::Kind::handle,
                      .place = {AotPlace::Kind::parameter, static_cast<std::uint32_t>(from->index), 0}});
  }
  const auto handle = variables_.find(from->name);
  if (handle == variables_.end() || handle->second.kind != Variable::Kind::handle || from->index != 0) {
    return not_understood(name, fmt::format("sets '{}' to an expression", name.substr(0, 60)));
  }
  if (from->field != "data") {
    return {};  // shape and strides, which only guard empty blocks
  }
  return add(name, {.place = handle->second.place, .direct = true});
}

Result<void> MainReader::take_workspace(std::string_view name, TokenRange value) {
  const std::vector<TokenRange> arguments =
      body_.is(value.begin + 1, '(') ? call_arguments(body_, value.begin + 1) : std::vector<TokenRange>{};
  const auto bytes = arguments.size() == 5 ? fold_constant(body_, arguments[2]) : std::nullopt;
  if (!bytes || main_.workspaces.size() >= maximum_workspaces) {
    return not_understood(name, "takes a workspace whose size is no constant");
  }
  const auto index = static_cast<std::uint32_t>(main_.workspaces.size());
  STM32TVM_CHECK(add(name, {.place = {AotPlace::Kind::workspace, index, 0}, .direct = true}));
  main_.workspaces.push_back({std::string(name), *bytes});
  return {};
}

/// The variable that the range is, casts and parentheses left out; empty when it is more than one word.
std::string_view MainReader::name_of(TokenRange range) const {
  range = peel(body_, range);
  return range.end == range.begin + 1 && body_.is_identifier(range.begin) ? body_.at(range.begin) : std::string_view{};
}

/// name, or &name[constant] with a pointer to bytes.
std::optional<AotPointer> MainReader::pointer(TokenRange value) const {
  value = peel(body_, value);
  std::uint64_t offset = 0;
  if (body_.is(value.begin, '&')) {
    const std::optional<Element> target = element({value.begin + 1, value.end});
    if (!target || !target->field.empty() || !target->of_bytes) {
      return std::nullopt;
    }
    const auto found = variables_.find(target->name);
    if (found == variables_.end() || found->second.kind != Variable::Kind::pointer) {
      return std::nullopt;
    }
    AotPlace place = found->second.place;
    offset = target->index;
    if (offset > std::numeric_limits<std::uint64_t>::max() - place.offset) {
      return std::nullopt;
    }
    place.offset += offset;
    return AotPointer{std::string(target->name), place, false};
  }
  const std::string_view name = name_of(value);
  const auto found = variables_.find(name);
  if (found == variables_.end() || found->second.kind != Variable::Kind::pointer) {
    return std::nullopt;
  }
  return AotPointer{std::string(name), found->second.place, found->second.direct};
}

/// ((T*)name)[index], ((T*)name)[index].field, ((T*)name)[index].field.field
std::optional<Element> MainReader::element(TokenRange range) const {
  range = peel(body_, range);
  std::uint32_t end = range.end;
  Element found;
  while (end >= range.begin + 3 && body_.is_identifier(end - 1) && body_.is(end - 2, '.')) {
    if (!found.detail.empty()) {
      return std::nullopt;
    }
    found.detail = std::exchange(found.field, body_.at(end - 1));
    end -= 2;
  }
  TokenRange array = peel(body_, {range.begin, end});
  if (array.empty() || !body_.is(array.end - 1, ']')) {
    return std::nullopt;
  }
  const std::uint32_t open = body_.match(array.end - 1);
  if (open <= array.begin) {
    return std::nullopt;
  }
  const auto index = fold_constant(body_, {open + 1, array.end - 1});
  found.name = name_of({array.begin, open});
  if (!index || found.name.empty()) {
    return std::nullopt;
  }
  found.index = *index;
  found.of_bytes = is_bytes({array.begin, open}, found.name);
  return found;
}

/// Whether "(uint8_t*)name" or "name" points to bytes: by its cast, or as the parameter that it is.
bool MainReader::is_bytes(TokenRange range, std::string_view name) const {
  for (std::uint32_t i = range.begin; i < range.end; ++i) {
    if (body_.at(i) != name && body_.is_identifier(i)) {
      return body_.at(i) == "uint8_t" || body_.at(i) == "int8_t";
    }
  }
  return std::any_of(definition_.parameters.begin(), definition_.parameters.end(), [&](const CParameter& parameter) {
    return parameter.name == name && (parameter.type == "uint8_t*" || parameter.type == "int8_t*");
  });
}

/// The packed form: a number, a field of a DLTensor, or the address of a DLTensor goes into an array.
Result<void> MainReader::assign(const Piece& piece, std::uint32_t sign) {
  const std::string_view place = body_.at(piece.tokens.begin);
  const auto target = element({piece.tokens.begin, sign});
  const TokenRange value = peel(body_, {sign + 1, piece.tokens.end});
  const auto array = target ? variables_.find(target->name) : variables_.end();
  if (array == variables_.end() || array->second.kind != Variable::Kind::array || !piece.plain) {
    return not_understood(place, "assigns to something that is no argument of a call");
  }
  const Slot slot{target->name, target->index};
  if (target->field.empty()) {
    const auto number = fold_constant(body_, value);
    if (!number) {
      return not_understood(place, "sets a dimension that is no constant");
    }
    numbers_[slot] = *number;
    return {};
  }
  if (target->field != "v_handle") {
    return set_field(tensors_[slot], *target, value);
  }
  // ((DLTensor*)array) + index
  std::uint32_t plus = value.begin;
  while (plus < value.end && !body_.is(plus, '+')) {
    plus = body_.match(plus) > plus ? body_.match(plus) + 1 : plus + 1;
  }
  const std::string_view from = name_of({value.begin, plus});
  const auto index = plus < value.end ? fold_constant(body_, {plus + 1, value.end}) : std::optional<std::uint64_t>(0);
  if (from.empty() || !index || !tensors_.contains({from, *index})) {
    return not_understood(place, "passes something that is no tensor");
  }
  values_[slot] = {from, *index};
  return {};
}

Result<void> MainReader::set_field(StackTensor& tensor, const Element& target, TokenRange value) {
  if (target.field == "data") {
    tensor.data = pointer(value);
    return tensor.data ? Result<void>{} : not_understood(text(value), "passes a pointer that is not known");
  }
  if (target.field == "shape") {
    const bool address = body_.is(value.begin, '&');
    const auto first = address ? element({value.begin + 1, value.end}) : std::nullopt;
    if (!first || !first->field.empty()) {
      return not_understood(text(value), "sets a shape that is not followed");
    }
    tensor.shape = Slot{first->name, first->index};
    return {};
  }
  const bool wanted = target.field == "ndim" || target.field == "byte_offset" || target.field == "dtype";
  if (!wanted) {
    return {};  // the device, and strides, which are always NULL
  }
  const auto number = fold_constant(body_, value);
  if (!number || (target.field == "byte_offset" && *number != 0)) {
    return not_understood(text(value), fmt::format("sets '{}' in a way that is not followed", target.field));
  }
  if (target.field == "ndim") {
    tensor.rank = *number;
  } else if (target.detail == "code") {
    tensor.code = *number;
  } else if (target.detail == "bits") {
    tensor.bits = *number;
  } else if (target.detail == "lanes") {
    tensor.lanes = *number;
  }
  return {};
}

Result<void> MainReader::call(const Piece& piece, std::uint32_t name) {
  const std::string_view kernel = body_.at(name);
  const TokenRange range = peel(body_, piece.tokens);
  const std::uint32_t close = body_.match(name + 1);
  // kernel(...) != 0, and nothing else.
  const bool whole =
      range.begin == name &&
      (close + 1 == range.end || (close + 3 == range.end && body_.at(close + 1) == "!=" && body_.at(close + 2) == "0"));
  if (!whole || !piece.plain || piece.block != 0) {
    return not_understood(kernel, fmt::format("calls '{}' inside a larger statement", kernel.substr(0, 60)));
  }
  const std::vector<TokenRange> ranges = call_arguments(body_, name + 1);
  STM32TVM_TRY(arguments, main_.packed ? packed_arguments(ranges) : unpacked_arguments(ranges));
  main_.calls.push_back({std::string(kernel), std::move(arguments), kernel});
  return {};
}

Result<std::vector<AotArgument>> MainReader::unpacked_arguments(const std::vector<TokenRange>& ranges) {
  std::vector<AotArgument> arguments;
  for (const TokenRange range : ranges) {
    auto known = pointer(range);
    if (!known) {
      return not_understood(text(range), "passes an argument that is no pointer it knows");
    }
    arguments.push_back({std::move(*known), std::nullopt, {}});
  }
  return arguments;
}

/// (TVMValue*)values, (int*)codes, count, &result, &result_code, NULL
Result<std::vector<AotArgument>> MainReader::packed_arguments(const std::vector<TokenRange>& ranges) {
  const auto count = ranges.size() == 6 ? fold_constant(body_, ranges[2]) : std::nullopt;
  const std::string_view values = count ? name_of(ranges[0]) : std::string_view{};
  if (values.empty() || *count > maximum_parameters) {
    return not_understood(ranges.empty() ? definition_.name : text(ranges[0]),
                          "calls a function in another convention");
  }
  std::vector<AotArgument> arguments;
  for (std::uint64_t i = 0; i < *count; ++i) {
    const auto value = values_.find({values, i});
    if (value == values_.end()) {
      return not_understood(text(ranges[0]), fmt::format("calls a function without setting argument {}", i));
    }
    STM32TVM_TRY(argument, stack_argument(tensors_[value->second], ranges[0]));
    arguments.push_back(std::move(argument));
  }
  return arguments;
}

Result<AotArgument> MainReader::stack_argument(const StackTensor& tensor, TokenRange place) const {
  if (!tensor.data || tensor.rank > maximum_rank || tensor.code > 4 || tensor.bits > 255 || tensor.lanes > 65535) {
    return not_understood(text(place), "passes a tensor that it does not set");
  }
  AotArgument argument{*tensor.data, std::nullopt, {}};
  DataType type;
  type.code = static_cast<DataType::Code>(tensor.code);
  type.bits = static_cast<std::uint8_t>(tensor.bits);
  type.lanes = static_cast<std::uint16_t>(tensor.lanes);
  argument.type = type;
  for (std::uint64_t i = 0; i < tensor.rank; ++i) {
    const auto number = tensor.shape ? numbers_.find({tensor.shape->first, tensor.shape->second + i}) : numbers_.end();
    if (number == numbers_.end() || number->second > std::numeric_limits<std::int64_t>::max()) {
      return not_understood(text(place), "passes a tensor whose shape it does not set");
    }
    argument.shape.push_back(static_cast<std::int64_t>(number->second));
  }
  return argument;
}

}  // namespace

Result<AotMain> read_aot_main(const SourceText& source, const SourceOutline& outline,
                              const KernelDefinition& definition) {
  STM32TVM_TRY(body, cut_body(source, outline, outline.functions[definition.function]));
  return MainReader(source, definition, std::move(body)).run();
}

}  // namespace stm32tvm
