// SPDX-License-Identifier: Apache-2.0
// Tells quantization from Relay text: evaluates @main once over symbolic tensors, joins tensors whose values mean the
// same, and collects what quantized operators state of them.
#include "network/relay_quantization.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <map>
#include <span>
#include <system_error>
#include <utility>

#include "network/interface_names.hpp"
#include "network/relay_operators.hpp"
#include "network/relay_tensors.hpp"
#include "support/try.hpp"

namespace stm32tvm {
namespace {

using Kind = RelayExpression::Kind;
using namespace relay;

bool contains(std::span<const std::string_view> list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

std::optional<double> parse_real(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

std::string_view without_quotes(std::string_view text) {
  return text.size() >= 2 && text.front() == '"' && text.back() == '"' ? text.substr(1, text.size() - 2) : text;
}

// The strings of ["a", "b"].
std::vector<std::string> string_list(std::string_view text) {
  std::vector<std::string> strings;
  bool inside = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') {
      inside = !inside;
      if (inside) {
        strings.emplace_back();
      }
    } else if (inside) {
      i += text[i] == '\\' && i + 1 < text.size() ? 1U : 0U;
      strings.back() += text[i];
    }
  }
  return strings;
}

// The name in "name:0:0"; empty for a place in a text ("from_string:3:14") and for a list of spans.
std::string_view span_name(std::string_view span) {
  constexpr std::string_view no_place = ":0:0";
  const bool names_one = span.ends_with(no_place) && span.find(", ") == std::string_view::npos;
  return names_one ? span.substr(0, span.size() - no_place.size()) : std::string_view();
}

// What an expression stands for.
struct Value {
  enum class Kind { tensor, tuple, function, number };
  Kind kind = Kind::tensor;
  std::uint32_t index = 0;            // tensor; function; number: the literal's expression
  std::uint32_t activation = 0;       // function: of the function it is written in, when it was made
  const RelayType* type = nullptr;    // of the result of an operator that gives a tuple
  std::vector<std::uint32_t> fields;  // tuple; tensor: results of such an operator, as far as they are used
};

class Evaluator {
 public:
  explicit Evaluator(const RelayModule& module)
      : module_(module),
        steps_left_(16 * module.expressions.size() + 1000),
        bound_(module.expressions.size(), relay_none),
        active_(module.functions.size(), false),
        activations_(module.functions.size(), 0) {
    for (std::size_t i = 0; i < module.functions.size(); ++i) {
      if (!module.functions[i].name.empty()) {
        functions_.try_emplace(module.functions[i].name, static_cast<RelayIndex>(i));
      }
    }
  }

  // @main, or the only function of a text without names.
  [[nodiscard]] RelayIndex main() const {
    if (const auto found = functions_.find("main"); found != functions_.end()) {
      return found->second;
    }
    const auto bare = [](const RelayFunction& function) { return function.bare; };
    const auto first = std::find_if(module_.functions.begin(), module_.functions.end(), bare);
    const bool only = functions_.empty() && std::count_if(first, module_.functions.end(), bare) == 1;
    return only ? static_cast<RelayIndex>(first - module_.functions.begin()) : relay_none;
  }

  // The value of a function called with new tensors, which are left in `parameters`.
  std::uint32_t run(RelayIndex function, std::vector<std::uint32_t>& parameters) {
    for (const RelayIndex parameter : module_.functions[function].parameters) {
      parameters.push_back(add_tensor(module_.expressions[parameter]));
    }
    const std::uint32_t result = call(function, parameters);
    join_relus();
    return result;
  }

  // Whether the functions' calls of each other came to more work than the text's size allows for.
  [[nodiscard]] bool gave_up() const { return gave_up_; }

  [[nodiscard]] const Value& value(std::uint32_t index) const { return values_[index]; }
  Tensors& tensors() { return tensors_; }
  [[nodiscard]] const RelayType* type(RelayIndex index) const {
    return index == relay_none ? nullptr : &module_.types[index];
  }

  // Completes what is not known of a value's type.
  void complete(std::uint32_t value, const RelayType* type) {
    if (type == nullptr || type->kind != RelayType::Kind::tensor || values_[value].kind != Value::Kind::tensor) {
      return;
    }
    Tensors::Tensor& tensor = tensors_[values_[value].index];
    if (!tensor.element) {
      tensors_.set_type(values_[value].index, type->element);
    }
    if (!tensor.shape) {
      tensor.shape = type->shape;
    }
  }

 private:
  // How deep expressions and calls may be nested in each other: calls are followed into the functions' bodies.
  static constexpr unsigned depth_maximum = 300;

  std::uint32_t add(Value value) {
    values_.push_back(std::move(value));
    return static_cast<std::uint32_t>(values_.size() - 1);
  }

  std::uint32_t add_tensor(const RelayExpression& origin) {
    Value value;
    value.index = tensors_.add();
    value.type = type(origin.type);
    tensors_[value.index].span = origin.span;
    const std::uint32_t index = add(std::move(value));
    complete(index, type(origin.type));
    return index;
  }

  std::uint32_t evaluate(RelayIndex index) {
    const RelayExpression& expression = module_.expressions[index];
    if (steps_left_ == 0 || depth_ >= depth_maximum) {
      gave_up_ = true;
      return add_tensor(expression);
    }
    --steps_left_;
    ++depth_;
    const std::uint32_t value = value_of(index, expression);
    --depth_;
    return value;
  }

  std::uint32_t value_of(RelayIndex index, const RelayExpression& expression) {
    switch (expression.kind) {
      case Kind::variable:
        if (expression.target != relay_none && bound_[expression.target] != relay_none) {
          return bound_[expression.target];
        }
        return add_tensor(expression);
      case Kind::global:
        return global(expression);
      case Kind::integer:
      case Kind::real:
        return add({Value::Kind::number, index, 0, nullptr, {}});
      case Kind::tuple:
        return add({Value::Kind::tuple, 0, 0, nullptr, evaluate_all(expression.operands)});
      case Kind::projection:
        return project(evaluate(expression.operands.front()), expression.target);
      case Kind::call:
        return evaluate_call(expression);
      case Kind::function: {
        const RelayIndex enclosing = module_.functions[expression.target].enclosing;
        const std::uint32_t activation = enclosing == relay_none ? 0 : activations_[enclosing];
        return add({Value::Kind::function, expression.target, activation, nullptr, {}});
      }
      case Kind::branch:
        evaluate_all(expression.operands);
        return add_tensor(expression);
      case Kind::block:
        return evaluate_block(expression);
      default:
        return add_tensor(expression);
    }
  }

  std::vector<std::uint32_t> evaluate_all(std::span<const RelayIndex> expressions) {
    std::vector<std::uint32_t> values;
    values.reserve(expressions.size());
    for (const RelayIndex expression : expressions) {
      values.push_back(evaluate(expression));
    }
    return values;
  }

  std::uint32_t global(const RelayExpression& expression) {
    const auto found = functions_.find(expression.text);
    return found == functions_.end() ? add_tensor(expression)
                                     : add({Value::Kind::function, found->second, 0, nullptr, {}});
  }

  std::uint32_t evaluate_block(const RelayExpression& block) {
    for (std::size_t i = 0; i + 1 < block.operands.size(); i += 2) {
      const RelayIndex name = block.operands[i];
      bound_[name] = evaluate(block.operands[i + 1]);
      complete(bound_[name], type(module_.expressions[name].type));
    }
    return evaluate(block.operands.back());
  }

  // Field `field` of a tuple; of an operator's result that is a tuple, one tensor for each field.
  std::uint32_t project(std::uint32_t value, std::uint32_t field) {
    constexpr std::uint32_t fields_maximum = 256;
    const RelayExpression nowhere;
    if (values_[value].kind == Value::Kind::tuple && field < values_[value].fields.size()) {
      return values_[value].fields[field];
    }
    if (values_[value].kind != Value::Kind::tensor || field >= fields_maximum) {
      return add_tensor(nowhere);
    }
    if (field >= values_[value].fields.size()) {
      values_[value].fields.resize(field + 1, relay_none);
    }
    if (values_[value].fields[field] == relay_none) {
      const std::uint32_t made = add_tensor(nowhere);
      const RelayType* whole = values_[value].type;
      if (whole != nullptr && whole->kind == RelayType::Kind::tuple && field < whole->fields.size()) {
        complete(made, &whole->fields[field]);
      }
      values_[value].fields[field] = made;
    }
    return values_[value].fields[field];
  }

  std::uint32_t evaluate_call(const RelayExpression& expression) {
    const std::span<const RelayIndex> operands(expression.operands);
    const RelayExpression& callee = module_.expressions[operands.front()];
    if (callee.kind == Kind::op) {
      return apply(callee.text, expression, evaluate_all(operands.subspan(1)));
    }
    const std::uint32_t function = evaluate(operands.front());
    const std::vector<std::uint32_t> arguments = evaluate_all(operands.subspan(1));
    if (!can_call(values_[function], arguments.size())) {
      return add_tensor(expression);
    }
    const std::uint32_t result = call(values_[function].index, arguments);
    complete(result, type(expression.type));
    return result;
  }

  // A nested function sees the names around it as they are now, so it must come from the last call of the function
  // that it is written in; a function that calls itself is not followed.
  [[nodiscard]] bool can_call(const Value& value, std::size_t arguments) const {
    if (value.kind != Value::Kind::function) {
      return false;
    }
    const RelayFunction& function = module_.functions[value.index];
    return !active_[value.index] && function.parameters.size() == arguments &&
           (function.enclosing == relay_none || activations_[function.enclosing] == value.activation);
  }

  std::uint32_t call(RelayIndex index, const std::vector<std::uint32_t>& arguments) {
    const RelayFunction& function = module_.functions[index];
    active_[index] = true;
    ++activations_[index];
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      bound_[function.parameters[i]] = arguments[i];
      complete(arguments[i], type(module_.expressions[function.parameters[i]].type));
    }
    const std::uint32_t result = evaluate(function.body);
    complete(result, type(function.result_type));
    active_[index] = false;
    return result;
  }

  // The tensor behind an argument, if it is one.
  [[nodiscard]] std::optional<std::uint32_t> tensor(std::span<const std::uint32_t> arguments, std::size_t index) const {
    const bool found = index < arguments.size() && values_[arguments[index]].kind == Value::Kind::tensor;
    return found ? std::optional(values_[arguments[index]].index) : std::nullopt;
  }

  std::uint32_t apply(std::string_view name, const RelayExpression& call, std::span<const std::uint32_t> arguments) {
    const std::uint32_t result = add_tensor(call);
    const std::uint32_t made = values_[result].index;
    const bool keeps = contains(keeping_operators, name) && !counts_padding(call);
    find_element(name, call, arguments, made);
    state_facts(name, call, arguments, made);
    const auto from = tensor(arguments, 0);
    if (!from) {
      return result;
    }
    if (keeps) {
      tensors_.join(made, *from);
      keep_range(name, call, made, *from);
    } else if (name == "cast" || name == "cast_like") {
      cast(made, *from);
    } else if (name == "nn.relu") {
      relus_.emplace_back(*from, made);
    }
    return keeps && name == "split" ? pieces(call, result) : result;
  }

  // An average over padding, too, is not an average of the values that were there.
  static bool counts_padding(const RelayExpression& call) {
    return find_attribute(call.attributes, "count_include_pad").value_or("False") != "False";
  }

  // The result's element type, where the text does not write it behind the call.
  void find_element(std::string_view name, const RelayExpression& call, std::span<const std::uint32_t> arguments,
                    std::uint32_t made) {
    if (tensors_[made].element) {
      return;
    }
    const auto written = find_attribute(call.attributes, name == "cast" ? "dtype" : "out_dtype");
    if (const auto element = parse_data_type(without_quotes(written.value_or("")))) {
      tensors_.set_type(made, element);
    } else if (name == "qnn.dequantize") {
      tensors_.set_type(made, DataType{DataType::Code::floating_point, 32, 1});
    } else if (contains(keeping_operators, name) || contains(typed_by_data_operators, name)) {
      tensors_.set_type(made, first_element(arguments.first(std::min<std::size_t>(arguments.size(), 1))));
    } else if (contains(elementwise_operators, name)) {
      tensors_.set_type(made, first_element(arguments));
    }
  }

  // The element type of the first argument that is a tensor, or a tuple that starts with one.
  [[nodiscard]] std::optional<DataType> first_element(std::span<const std::uint32_t> arguments) {
    for (const std::uint32_t argument : arguments) {
      const Value& value = values_[argument];
      const auto first = value.kind == Value::Kind::tuple ? tensor(value.fields, 0) : tensor({&argument, 1}, 0);
      if (first && tensors_[*first].element) {
        return tensors_[*first].element;
      }
    }
    return std::nullopt;
  }

  void state_facts(std::string_view name, const RelayExpression& call, std::span<const std::uint32_t> arguments,
                   std::uint32_t made) {
    if (name == "qnn.concatenate" && arguments.size() == 5) {
      return state_concatenate(name, call, arguments, made);
    }
    const QuantizedOperator* known = find_quantized_operator(name);
    if (known == nullptr || arguments.size() != known->arguments) {
      return;
    }
    for (const Statement& statement : known->statements) {
      const bool is_result = statement.tensor < 0;
      const auto subject = is_result ? made : tensor(arguments, static_cast<std::size_t>(statement.tensor));
      if (subject) {
        state(*subject, arguments[statement.scale], arguments[statement.zero_point],
              {0, 0, is_result ? "result" : "argument", name, call.line});
      }
    }
  }

  // qnn.concatenate((data...), (scales...), (zero points...), scale, zero point)
  void state_concatenate(std::string_view name, const RelayExpression& call, std::span<const std::uint32_t> arguments,
                         std::uint32_t made) {
    state(made, arguments[3], arguments[4], {0, 0, "result", name, call.line});
    const auto is_tuple = [this](std::uint32_t argument) { return values_[argument].kind == Value::Kind::tuple; };
    const auto& data = values_[arguments[0]].fields;
    const auto& scales = values_[arguments[1]].fields;
    const auto& zero_points = values_[arguments[2]].fields;
    if (!std::all_of(arguments.begin(), arguments.begin() + 3, is_tuple) || data.size() != scales.size() ||
        data.size() != zero_points.size()) {
      return;
    }
    for (std::size_t i = 0; i < data.size(); ++i) {
      if (const auto subject = tensor(data, i); subject) {
        state(*subject, scales[i], zero_points[i], {0, 0, "argument", name, call.line});
      }
    }
  }

  // Adds a fact when scale and zero point are literals that have a meaning.
  void state(std::uint32_t subject, std::uint32_t scale, std::uint32_t zero_point, Fact fact) {
    if (values_[scale].kind != Value::Kind::number || values_[zero_point].kind != Value::Kind::number) {
      return;
    }
    const RelayExpression& zero = module_.expressions[values_[zero_point].index];
    const auto real = parse_real(module_.expressions[values_[scale].index].text);
    const auto parsed = std::from_chars(zero.text.data(), zero.text.data() + zero.text.size(), fact.zero_point);
    if (!real || !(*real > 0) || zero.kind != Kind::integer || parsed.ec != std::errc{}) {
      return;
    }
    fact.scale = *real;
    tensors_.state(subject, fact);
  }

  // A result of a keeping operator has no values but its operand's, save for padding, and fewer behind a clip.
  void keep_range(std::string_view name, const RelayExpression& call, std::uint32_t made, std::uint32_t from) {
    if (name == "nn.pad") {
      return;
    }
    Range range = tensors_[from].range;
    if (name == "clip") {
      range.low =
          std::max(range.low, parse_real(find_attribute(call.attributes, "a_min").value_or("")).value_or(-infinity));
      range.high =
          std::min(range.high, parse_real(find_attribute(call.attributes, "a_max").value_or("")).value_or(infinity));
    }
    tensors_[made].range = range;
  }

  // Values that a cast between integers cannot change keep their meaning.
  void cast(std::uint32_t made, std::uint32_t from) {
    const Tensors::Tensor& source = tensors_[from];
    Tensors::Tensor& target = tensors_[made];
    const bool integers =
        source.element && source.element->is_integer() && target.element && target.element->is_integer();
    if (integers && range_of(target.element).holds(source.range)) {
      tensors_.join(made, from);
      target.range = source.range;
    }
  }

  // relu bounds integers at 0, which is the real 0 only when the zero point is 0: then both sides mean the same. Once
  // in each direction finds chains of them.
  void join_relus() {
    const auto join = [this](const std::pair<std::uint32_t, std::uint32_t>& relu) {
      const Tensors::Tensor& a = tensors_.root(relu.first);
      const Tensors::Tensor& b = tensors_.root(relu.second);
      const std::uint32_t fact = a.fact != relay_none ? a.fact : b.fact;
      const bool one_is_known = (a.fact == relay_none) != (b.fact == relay_none);
      if (one_is_known && a.conflict == relay_none && b.conflict == relay_none && tensors_.fact(fact).zero_point == 0) {
        tensors_.join(relu.first, relu.second);
      }
    };
    std::for_each(relus_.begin(), relus_.end(), join);
    std::for_each(relus_.rbegin(), relus_.rend(), join);
  }

  // The tuple of a split's results: as far as quantization goes, each is the whole.
  std::uint32_t pieces(const RelayExpression& call, std::uint32_t whole) {
    constexpr std::size_t pieces_maximum = 256;
    const std::string_view written = find_attribute(call.attributes, "indices_or_sections").value_or("");
    std::size_t count = 0;
    if (written.starts_with('[') || written.starts_with('(')) {
      count = 2 + static_cast<std::size_t>(std::count(written.begin(), written.end(), ','));
    } else {
      std::from_chars(written.data(), written.data() + written.size(), count);
    }
    if (count == 0 || count > pieces_maximum) {
      return whole;
    }
    Value all{Value::Kind::tuple, 0, 0, nullptr, {}};
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::uint32_t piece = project(whole, i);
      const Tensors::Tensor& from = tensors_[values_[whole].index];
      Tensors::Tensor& made = tensors_[values_[piece].index];
      made.element = from.element;
      made.range = from.range;
      made.span = from.span;
      tensors_.join(values_[whole].index, values_[piece].index);
      all.fields.push_back(piece);
    }
    return add(std::move(all));
  }

  const RelayModule& module_;
  std::map<std::string_view, RelayIndex> functions_;
  std::vector<Value> values_;
  Tensors tensors_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> relus_;
  std::size_t steps_left_;
  std::vector<std::uint32_t> bound_;        // by expression of kind parameter: its value
  std::vector<bool> active_;                // by function: being called
  std::vector<std::uint32_t> activations_;  // by function: how often it was called
  unsigned depth_ = 0;
  bool gave_up_ = false;
};

class Reporter {
 public:
  Reporter(const RelayModule& module, std::string_view where) : module_(module), where_(where), evaluator_(module) {}

  RelayQuantization report() && {
    const RelayIndex main = evaluator_.main();
    if (main == relay_none) {
      warn("the Relay text has no function @main, so it tells no quantization");
      return std::move(report_);
    }
    std::vector<std::uint32_t> parameters;
    const std::uint32_t result = evaluator_.run(main, parameters);
    if (evaluator_.gave_up()) {
      warn("the functions of the Relay text call each other more than is followed, so it tells no quantization");
    }
    const RelayFunction& function = module_.functions[main];
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      const std::string_view name = module_.expressions[function.parameters[i]].text;
      report_.inputs.push_back(tensor(parameters[i], std::string(name), fmt::format("input %{}", name)));
    }
    if (!evaluator_.gave_up()) {
      add_outputs(result, function);
    }
    return std::move(report_);
  }

 private:
  void warn(std::string message) {
    report_.diagnostics.push_back({Diagnostic::Kind::warning, std::move(message), std::string(where_)});
  }

  // The values of a tuple, and of the tuples in it, in order.
  [[nodiscard]] std::vector<std::uint32_t> flatten(std::uint32_t result) const {
    constexpr std::size_t values_maximum = 4096;
    std::vector<std::uint32_t> flat;
    std::vector<std::uint32_t> left = {result};
    for (std::size_t seen = 0; !left.empty() && seen < values_maximum; ++seen) {
      const Value& value = evaluator_.value(left.back());
      if (value.kind == Value::Kind::tuple) {
        left.pop_back();
        left.insert(left.end(), value.fields.rbegin(), value.fields.rend());
      } else {
        flat.push_back(left.back());
        left.pop_back();
      }
    }
    return flat;
  }

  void add_outputs(std::uint32_t result, const RelayFunction& function) {
    const std::vector<std::uint32_t> outputs = flatten(result);
    const RelayType* type = evaluator_.type(function.result_type);
    if (type != nullptr && type->kind == RelayType::Kind::tuple && type->fields.size() == outputs.size()) {
      for (std::size_t i = 0; i < outputs.size(); ++i) {
        evaluator_.complete(outputs[i], &type->fields[i]);
      }
    }
    const std::vector<std::string> names = output_names(outputs, function);
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const std::string shown = names[i].empty() ? fmt::format("output {}", i) : fmt::format("output \"{}\"", names[i]);
      report_.outputs.push_back(tensor(outputs[i], names[i], shown));
    }
  }

  std::string_view span_name_of(std::uint32_t output) {
    const Value& value = evaluator_.value(output);
    return value.kind == Value::Kind::tensor ? span_name(evaluator_.tensors()[value.index].span) : std::string_view();
  }

  std::vector<std::string> output_names(const std::vector<std::uint32_t>& outputs, const RelayFunction& function) {
    std::vector<std::string> names =
        string_list(find_attribute(function.attributes, "output_tensor_names").value_or(""));
    if (names.size() == outputs.size()) {
      for (std::size_t i = 0; i < names.size(); ++i) {
        const std::string_view span = span_name_of(outputs[i]);
        names[i] = tvm_identifier(span) == names[i] ? std::string(span) : names[i];
      }
      return names;
    }
    names.clear();
    std::map<std::string, std::size_t> uses;
    for (const std::uint32_t output : outputs) {
      names.emplace_back(span_name_of(output));
      ++uses[names.back()];
    }
    for (std::string& name : names) {
      if (uses[name] > 1) {
        name.clear();  // an operator's name, or another tensor's: no way to tell
      }
    }
    return names;
  }

  RelayTensor tensor(std::uint32_t index, std::string name, const std::string& shown) {
    RelayTensor read;
    read.name = std::move(name);
    const Value& value = evaluator_.value(index);
    if (value.kind != Value::Kind::tensor) {
      return read;
    }
    const Tensors::Tensor& tensor = evaluator_.tensors()[value.index];
    read.type = tensor.element;
    read.shape = tensor.shape;
    if (is_float(tensor.element)) {
      read.quantization.kind = Quantization::Kind::unquantized;
      read.evidence = to_string(*tensor.element);
      return read;
    }
    const Tensors::Tensor& root = evaluator_.tensors().root(value.index);
    if (root.fact == relay_none || evaluator_.gave_up()) {
      return read;
    }
    const Fact& fact = evaluator_.tensors().fact(root.fact);
    if (root.conflict != relay_none) {
      warn(fmt::format("the Relay text gives {} two quantizations, {} and {}; it is left unknown: give the right one",
                       shown, fact.text(), evaluator_.tensors().fact(root.conflict).text()));
    } else if (const auto zero = static_cast<double>(fact.zero_point);
               range_of(tensor.element).holds(Range{zero, zero})) {
      read.quantization = {
          Quantization::Kind::per_tensor, Quantization::Source::relay, {fact.scale}, {fact.zero_point}, -1};
      read.evidence = fact.evidence();
    }
    return read;
  }

  const RelayModule& module_;
  std::string_view where_;
  Evaluator evaluator_;
  RelayQuantization report_;
};

}  // namespace

RelayQuantization find_relay_quantization(const RelayModule& module, std::string_view where) {
  return Reporter(module, where).report();
}

Result<RelayQuantization> read_relay_quantization(std::string_view text, std::string_view where) {
  STM32TVM_TRY(module, parse_relay(text, where));
  return find_relay_quantization(module, where);
}

}  // namespace stm32tvm
