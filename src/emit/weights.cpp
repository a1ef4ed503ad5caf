// SPDX-License-Identifier: Apache-2.0
// The assembler brings a file in within milliseconds, and the linker an object; a C array is for toolchains without one
// that can. What is beside the image is a symbol with the address that it is written to.
#include "emit/weights.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "emit/network_tables.hpp"
#include "emit/weights_formats.hpp"

namespace stm32tvm {
namespace {

using Format = WeightsGroup::Format;
using Place = WeightsGroup::Place;

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

std::string file_stem(const NetworkLayout& layout, std::size_t block) {
  return layout.stored_symbol(block, fmt::format("{}_weights", layout.name));
}

void require_elf(CWriter& out, std::string_view what) {
  out.line("#if !defined(__ELF__)");
  out.line("#error \"{} needs gcc or clang and ELF: emit with the weights as a C array\"", what);
  out.line("#endif").blank();
}

void write_incbin(CWriter& out, const NetworkLayout& layout, std::size_t block, const std::string& symbol) {
  const std::string file = file_stem(layout, block) + ".bin";
  require_elf(out, fmt::format("bringing in {}", file));
  out.open("__asm__(");
  out.line("\".pushsection {},\\\"a\\\",%progbits\\n\"", weights_section(layout.blocks[block]));
  out.line("\".balign {}\\n\"", weight_alignment);
  out.line("\".global {}\\n\"", symbol);
  out.line("\".type {}, %object\\n\"", symbol);
  out.line("\"{}:\\n\"", symbol);
  out.line("\".incbin \\\"{}\\\"\\n\"", file);
  out.line("\".size {}, . - {}\\n\"", symbol, symbol);
  out.line("\".popsection\\n\");");
  out.close("");
}

void write_array(CWriter& out, const NetworkLayout& layout, std::size_t block, const std::string& symbol,
                 WeightsElement element) {
  const std::string_view contents = layout.block_contents[block].view();
  out.line("#if defined(__ELF__)");
  out.line("__attribute__((section(\"{}\")))", weights_section(layout.blocks[block])).line("#endif");
  out.line("STVM_ALIGNED({})", weight_alignment);
  if (element == WeightsElement::word64) {
    out.open("const uint64_t {}[{}] = {{", symbol, contents.size() / 8).values(words(contents));
  } else {
    std::vector<unsigned> bytes;
    bytes.reserve(contents.size());
    for (const char byte : contents) {
      bytes.push_back(static_cast<unsigned char>(byte));
    }
    out.open("const uint8_t {}[{}] = {{", symbol, contents.size()).values(bytes);
  }
  out.close("};").blank();
}

void write_address(CWriter& out, const WeightsBlock& block, const std::string& symbol) {
  require_elf(out, "a symbol with an address");
  out.line("__asm__(\".global {0}\\n.set {0}, 0x{1:08x}\\n\");", symbol, *block.group.address).blank();
}

void write_block(CWriter& out, const NetworkLayout& layout, std::size_t block, Format format, const std::string& symbol,
                 WeightsElement element) {
  switch (format) {
    case Format::incbin:
      return write_incbin(out, layout, block, symbol);
    case Format::c_array:
      return write_array(out, layout, block, symbol, element);
    case Format::binary:
    case Format::intel_hex:
      return write_address(out, layout.blocks[block], symbol);
    case Format::elf_object:
      out.line("/* {} is in {}.o. */", symbol, file_stem(layout, block)).blank();
  }
}

/// One row of the runtime's table.
std::string row(const NetworkLayout& layout, std::size_t index, const std::string& symbol) {
  const WeightsBlock& block = layout.blocks[index];
  const bool is_loaded = block.group.is_checked || block.group.place == Place::ram;
  const std::string layout_word =
      block.group.is_checked ? fmt::format("UINT32_C(0x{:08x})", layout_of(block, layout.network)) : "0";
  const std::string stored =
      block.has_data() ? fmt::format("(const uint8_t*){}", layout.stored_symbol(index, symbol)) : "NULL";
  return fmt::format("{{{}, {}, {}, {}, {}, {}}}",
                     block.has_data() ? fmt::format("(uint8_t*){}", layout.data_symbol(index, symbol)) : "NULL",
                     is_loaded ? "stvm_load_weights" : "NULL", stored,
                     block.has_data() ? "NULL" : layout.fetch_function(index), block.bytes, layout_word);
}

void write_table(CWriter& out, const NetworkLayout& layout, const std::string& symbol) {
  out.line("/* For each block: where runs read it, what makes it ready, where it is stored, bytes, header. */");
  out.line("extern const stvm_weights {}_stvm_weights[{}];", layout.name, layout.weights_pools());
  out.open("const stvm_weights {}_stvm_weights[{}] = {{", layout.name, layout.weights_pools());
  for (std::size_t block = 0; block < layout.blocks.size(); ++block) {
    out.line("{},", row(layout, block, symbol));
  }
  if (layout.blocks.empty()) {
    out.line("{{NULL, NULL, NULL, NULL, 0, 0}},");
  }
  out.close("};").blank();
}

}  // namespace

bool is_in_image(Format format) {
  return format != Format::binary && format != Format::intel_hex;
}

std::string weights_section(const WeightsBlock& block) {
  return block.group.address ? fmt::format(".nn_external.{}", block.group.name) : ".nn_weights";
}

Format format_of(const WeightsBlock& block, EmitOptions::Weights weights) {
  return block.group.format.value_or(block.has_data() ? weights : Format::binary);
}

void declare_weights(CWriter& out, const NetworkLayout& layout, const std::string& symbol, WeightsElement element) {
  for (std::size_t i = 0; i < layout.blocks.size(); ++i) {
    const WeightsBlock& block = layout.blocks[i];
    if (!block.has_data()) {
      out.line("/* The application's: reads `bytes` bytes, from `offset` of {}_weights_{} on, out of its storage to",
               layout.name, block.group.name);
      out.line(" * `to`; 0 for success. */");
      out.line("int32_t {}(uint32_t offset, void* to, uint32_t bytes);", layout.fetch_function(i)).blank();
      continue;
    }
    out.line("/* {} bytes, {}, each tensor on a 16-byte boundary. */", block.bytes,
             block.group.address ? fmt::format("stored at 0x{:08x}", *block.group.address)
                                 : fmt::format("in section {}", weights_section(block)));
    out.line("extern const {} {}[];", element == WeightsElement::byte ? "uint8_t" : "uint64_t",
             layout.stored_symbol(i, symbol));
    if (block.group.place == Place::ram) {
      out.line("/* Where it is copied to when an instance is made, and read by runs. */");
      out.line("extern uint8_t {}[{}];", layout.data_symbol(i, symbol), block.bytes);
    }
    out.blank();
  }
}

void write_weights(CWriter& out, const NetworkLayout& layout, EmitOptions::Weights weights, const std::string& symbol,
                   WeightsElement element) {
  if (layout.blocks.empty()) {
    out.line("/* The kernels hold all constants themselves. */").blank();
  }
  for (std::size_t i = 0; i < layout.blocks.size(); ++i) {
    const WeightsBlock& block = layout.blocks[i];
    if (block.has_data()) {
      write_block(out, layout, i, format_of(block, weights), layout.stored_symbol(i, symbol), element);
    }
    if (block.group.place == Place::ram) {
      out.line("STVM_ALIGNED({})", weight_alignment);
      out.line("uint8_t {}[{}];", layout.data_symbol(i, symbol), block.bytes).blank();
    }
  }
  write_table(out, layout, symbol);
}

CWriter weights_source(const NetworkLayout& layout, EmitOptions::Weights weights, const std::string& symbol,
                       WeightsElement element) {
  CWriter out;
  out.lines(file_banner(layout.network, "The network's weights."));
  out.line("#include \"{}_data.h\"", layout.name).blank();
  out.line("#include \"stvm.h\"").blank();
  write_weights(out, layout, weights, symbol, element);
  return out;
}

std::vector<WeightsFile> weights_files(const NetworkLayout& layout, EmitOptions::Weights weights,
                                       const std::string& symbol) {
  std::vector<WeightsFile> files;
  for (std::size_t i = 0; i < layout.blocks.size(); ++i) {
    const WeightsBlock& block = layout.blocks[i];
    const Bytes& contents = layout.block_contents[i];
    const std::string stem = file_stem(layout, i);
    switch (format_of(block, weights)) {
      case Format::incbin:
        files.push_back({stem + ".bin", contents, WeightsFile::Use::assembled, {}});
        break;
      case Format::c_array:
        break;
      case Format::elf_object:
        files.push_back({stem + ".o",
                         elf_object(contents.view(), weights_section(block), layout.stored_symbol(i, symbol)),
                         WeightsFile::Use::linked,
                         {}});
        break;
      case Format::binary:
        files.push_back({stem + ".bin", contents, WeightsFile::Use::beside_image, block.group.address});
        break;
      case Format::intel_hex:
        files.push_back({stem + ".hex",
                         intel_hex(contents.view(), static_cast<std::uint32_t>(block.group.address.value_or(0))),
                         WeightsFile::Use::beside_image, block.group.address});
        break;
    }
  }
  return files;
}

Result<void> check_weights(const NetworkLayout& layout, EmitOptions::Weights weights) {
  std::vector<const WeightsBlock*> stored;
  for (const WeightsBlock& block : layout.blocks) {
    const auto bad = [&](std::string_view what) {
      return Error{ErrorCode::bad_option, fmt::format("weights group \"{}\" {}", block.group.name, what), "placement"};
    };
    if (block.has_data() && !block.group.address && !is_in_image(format_of(block, weights))) {
      return bad("is to be a file beside the image, so it needs the address that it is written to");
    }
    if (!block.group.address) {
      continue;
    }
    if (block.bytes > (std::uint64_t{1} << 32U) - *block.group.address) {
      return bad(fmt::format("has {} bytes, and does not end below 4 GiB", block.bytes));
    }
    for (const WeightsBlock* other : stored) {
      if (*block.group.address < *other->group.address + other->bytes &&
          *other->group.address < *block.group.address + block.bytes) {
        return bad(fmt::format("has {} bytes at 0x{:08x}, and group \"{}\" has {} at 0x{:08x}: they overlap",
                               block.bytes, *block.group.address, other->group.name, other->bytes,
                               *other->group.address));
      }
    }
    stored.push_back(&block);
  }
  return {};
}

}  // namespace stm32tvm
