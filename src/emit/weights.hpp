// SPDX-License-Identifier: Apache-2.0
// The weights as symbols of the image, and the files that hold them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "emit/c_writer.hpp"
#include "emit/network_layout.hpp"
#include "stm32tvm/project_emitter.hpp"

namespace stm32tvm {

/// The C type of the arrays' elements.
enum class WeightsElement { byte, word64 };

/// Declares where the blocks are stored and read, and the functions that fetch. `symbol` is that of the block of group
/// "weights"; another block's is made of it and the group's name.
void declare_weights(CWriter& out, const NetworkLayout& layout, const std::string& symbol, WeightsElement element);

/// Defines what declare_weights() declares, but for the application's functions, and the runtime's table of all blocks.
void write_weights(CWriter& out, const NetworkLayout& layout, EmitOptions::Weights weights, const std::string& symbol,
                   WeightsElement element);

/// <name>_data.c up to and with these, for a device API to add its functions.
CWriter weights_source(const NetworkLayout& layout, EmitOptions::Weights weights, const std::string& symbol,
                       WeightsElement element);

/// The section that a block in the image is in: ".nn_weights", or one of its own where it has an address.
std::string weights_section(const WeightsBlock& block);

/// The form that a block is stored in.
WeightsGroup::Format format_of(const WeightsBlock& block, EmitOptions::Weights weights);

/// Whether the linker gets the bytes; if not, they are a file beside the image.
bool is_in_image(WeightsGroup::Format format);

/// One file with the bytes of a block.
struct WeightsFile {
  enum class Use {
    assembled,    ///< brought in by the assembler
    linked,       ///< an object file
    beside_image  ///< written to the device apart from the image
  };
  std::string name;  ///< "network_weights.bin"
  Bytes contents;
  Use use = Use::assembled;
  std::optional<std::uint64_t> address;  ///< of what is beside the image
};
std::vector<WeightsFile> weights_files(const NetworkLayout& layout, EmitOptions::Weights weights,
                                       const std::string& symbol);

/// What each format, address and block asks of the others, and of what can be in an image.
Result<void> check_weights(const NetworkLayout& layout, EmitOptions::Weights weights);

}  // namespace stm32tvm
