// SPDX-License-Identifier: Apache-2.0
// The assembler brings a file in within milliseconds; a C array is for toolchains without one that can.
#include "emit/weights.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "emit/network_tables.hpp"

namespace stm32tvm {
namespace {

std::vector<std::string> words(std::string_view bytes) {
  constexpr std::size_t word = 8;
  std::vector<std::string> texts;
  texts.reserve(bytes.size() / word);
  for (std::size_t i = 0; i + word <= bytes.size(); i += word) {
    std::uint64_t value = 0;
    for (std::size_t j = word; j > 0; --j) {
      value = value << 8U | static_cast<unsigned char>(bytes[i + j - 1]);
    }
    texts.push_back(fmt::format("UINT64_C(0x{:016x})", value));
  }
  return texts;
}

}  // namespace

void write_weights(CWriter& out, const NetworkLayout& layout, EmitOptions::Weights weights, const std::string& symbol,
                   WeightsElement element) {
  if (layout.weights.empty()) {
    out.line("/* The kernels hold all constants themselves. */").blank();
    return;
  }
  if (weights == EmitOptions::Weights::incbin) {
    out.line("#if !defined(__ELF__)");
    out.line("#error \"bringing in {}_weights.bin needs gcc or clang and ELF: emit with the weights as a C array\"",
             layout.name);
    out.line("#endif").blank();
    out.open("__asm__(");
    out.line("\".pushsection .nn_weights,\\\"a\\\",%progbits\\n\"");
    out.line("\".balign {}\\n\"", NetworkLayout::weight_alignment);
    out.line("\".global {}\\n\"", symbol);
    out.line("\".type {}, %object\\n\"", symbol);
    out.line("\"{}:\\n\"", symbol);
    out.line("\".incbin \\\"{}_weights.bin\\\"\\n\"", layout.name);
    out.line("\".size {}, . - {}\\n\"", symbol, symbol);
    out.line("\".popsection\\n\");");
    out.close("");
    return;
  }
  out.line("#if defined(__ELF__)").line("__attribute__((section(\".nn_weights\")))").line("#endif");
  out.line("STVM_ALIGNED({})", NetworkLayout::weight_alignment);
  if (element == WeightsElement::word64) {
    out.open("const uint64_t {}[{}] = {{", symbol, layout.weights.size() / 8).values(words(layout.weights));
  } else {
    std::vector<unsigned> bytes;
    bytes.reserve(layout.weights.size());
    for (const char byte : layout.weights) {
      bytes.push_back(static_cast<unsigned char>(byte));
    }
    out.open("const uint8_t {}[{}] = {{", symbol, layout.weights.size()).values(bytes);
  }
  out.close("};").blank();
}

CWriter weights_source(const NetworkLayout& layout, EmitOptions::Weights weights, const std::string& symbol,
                       WeightsElement element) {
  CWriter out;
  out.lines(file_banner(layout.network, "The network's weights."));
  out.line("#include \"{}_data.h\"", layout.name).blank();
  write_weights(out, layout, weights, symbol, element);
  return out;
}

}  // namespace stm32tvm
