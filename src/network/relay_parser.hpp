// SPDX-License-Identifier: Apache-2.0
// Reads Relay text, as TVM 0.8 to 0.18 print it into an archive, into flat tables of functions and expressions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "stm32tvm/data_type.hpp"
#include "stm32tvm/result.hpp"

namespace stm32tvm {

/// Index into RelayModule::expressions, ::functions or ::types.
using RelayIndex = std::uint32_t;
inline constexpr RelayIndex relay_none = UINT32_MAX;

/// How deep expressions, types and blocks may be nested; deeper text is refused with limit_exceeded.
inline constexpr unsigned relay_depth_maximum = 100;
/// How many expressions a text may have; more are refused with limit_exceeded.
inline constexpr std::size_t relay_expressions_maximum = 500'000;

struct RelayType {
  enum class Kind {
    tensor,    ///< Tensor[(1, 8), int8], or a scalar's int8
    tuple,     ///< (A, B)
    function,  ///< fn (A, B) -> C
    other      ///< anything else, not looked into
  };
  Kind kind = Kind::other;
  std::optional<DataType> element;                 ///< tensor: nothing for a type that TVM's C code cannot have
  std::optional<std::vector<std::int64_t>> shape;  ///< tensor: nothing when a dimension is not a number
  std::vector<RelayType> fields;                   ///< tuple: its fields; function: its parameters, then its result
};

/// key=value behind a call's or a function's arguments.
struct RelayAttribute {
  std::string_view name;
  std::string_view value;  ///< as written: "[1, 1]", "\"int8\""
};

/// One expression. Texts are views of the parsed text.
struct RelayExpression {
  enum class Kind {
    parameter,   ///< the place where a name is bound, by a function or a `let`; text: the name without %
    variable,    ///< the use of a name; target: the expression that binds it, or relay_none when nothing does
    global,      ///< @name; text: the name without @
    op,          ///< an operator or constructor; text: its name
    integer,     ///< text: as written
    real,        ///< text: as written, suffix included
    boolean,     ///< text: True or False
    string,      ///< text: as written, without the quotes
    constant,    ///< meta[relay.Constant][k]; target: k
    tuple,       ///< operands: the fields
    projection,  ///< operands: the tuple; target: the field's index
    call,        ///< operands: what is called, then the arguments; attributes
    function,    ///< target: index into RelayModule::functions
    branch,      ///< operands: condition, block, block
    block,       ///< operands: (parameter, value) pairs in order, then the result
    other        ///< something that is skipped
  };
  Kind kind = Kind::other;
  std::uint16_t depth = 1;  ///< 1 + the deepest operand's; at most relay_depth_maximum
  RelayIndex target = relay_none;
  RelayIndex type = relay_none;  ///< index into RelayModule::types: from `: type` or a `ty=` comment
  std::uint32_t line = 0;        ///< from 1
  std::uint32_t column = 0;      ///< from 1, in bytes
  std::string_view text;
  std::string_view span;  ///< of a `span=` comment: "Identity:0:0"
  std::vector<RelayIndex> operands;
  std::vector<RelayAttribute> attributes;
};

struct RelayFunction {
  std::string_view name;               ///< without @; empty for a nested one
  std::vector<RelayIndex> parameters;  ///< expressions of kind parameter
  std::vector<RelayAttribute> attributes;
  RelayIndex result_type = relay_none;  ///< index into RelayModule::types
  RelayIndex body = relay_none;         ///< expression of kind block
  RelayIndex enclosing = relay_none;    ///< the function this one is written in
  bool bare = false;                    ///< stands alone, as `fn (...) {...}` outside of any function
};

struct RelayModule {
  std::vector<RelayExpression> expressions;  ///< operands stand before the expression that uses them
  std::vector<RelayFunction> functions;
  std::vector<RelayType> types;
};

/// Parses a module's text, which must outlive the result. `where` names it in errors. What the parser does not know is
/// skipped where brackets show its end; text that cannot be one module is an error (bad_source).
Result<RelayModule> parse_relay(std::string_view text, std::string_view where);

/// The value of the attribute of this name, as written; nothing when there is none.
std::optional<std::string_view> find_attribute(const std::vector<RelayAttribute>& attributes, std::string_view name);

}  // namespace stm32tvm
