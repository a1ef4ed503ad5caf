// SPDX-License-Identifier: Apache-2.0
// Decides how wide the elements of constants have to be. Constants and the variables that read them are tied: what one
// variable reads has one type, so what one constant needs, those that are read by the same variable keep.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "network/constant_reads.hpp"
#include "stm32tvm/data_type.hpp"

namespace stm32tvm {

struct Constant {
  std::string name;
  DataType type;                     ///< of its elements
  std::string_view values;           ///< little-endian
  std::string reason;                ///< why it is not narrower; empty when it is
  std::uint32_t width = 0;           ///< bytes of an element as decide() wants them
  std::vector<std::size_t> readers;  ///< indices

  [[nodiscard]] bool narrower() const noexcept { return width < type.bytes(); }
  /// The type with the width that was decided.
  [[nodiscard]] DataType stored_type() const noexcept;
  /// The values in that type.
  [[nodiscard]] std::string stored_values() const;
};

/// A variable of the generated C, and the constants that it may point to: never none.
struct Reader {
  const ConstantReads* reads = nullptr;
  std::size_t source = 0;   ///< index of the source that it stands in
  std::string_view kernel;  ///< empty for an array, which all kernels of its source may read
  std::vector<std::size_t> constants;
};

/// "int8_t" of a width of 1.
std::string signed_type(std::uint32_t width);

class ConstantWidths {
 public:
  /// `reason` is why the constant has to stay; empty when nothing is known. Returns its index.
  std::size_t add(std::string name, DataType type, std::string_view values, std::string reason = {});

  /// Ties the constants. They stay as they are when the reader uses them in another way than to read elements.
  void add_reader(Reader reader);

  /// Gives each constant its width.
  void decide();

  [[nodiscard]] const std::vector<Constant>& constants() const noexcept { return constants_; }
  [[nodiscard]] const std::vector<Reader>& readers() const noexcept { return readers_; }

 private:
  void decide_alone(Constant& constant) const;

  std::vector<Constant> constants_;
  std::vector<Reader> readers_;
};

}  // namespace stm32tvm
