// SPDX-License-Identifier: Apache-2.0
// A host's side of the RPC protocol, written apart from the device's: framing, messages and packed sequences.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rpc {

using Bytes = std::vector<std::uint8_t>;

/// "ff fd 00" as bytes.
inline Bytes hex(std::string_view text) {
  Bytes bytes;
  int digits = 0;
  for (const char c : text) {
    if (c == ' ') {
      continue;
    }
    const int value = c <= '9' ? c - '0' : c - 'a' + 10;
    if (digits++ % 2 == 0) {
      bytes.push_back(0);
    }
    bytes.back() = static_cast<std::uint8_t>(bytes.back() * 16 + value);
  }
  return bytes;
}

inline Bytes number(std::uint64_t value, std::size_t bytes) {
  Bytes result;
  for (std::size_t i = 0; i < bytes; ++i) {
    result.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
  return result;
}

inline Bytes operator+(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// CRC-16/CCITT-FALSE, bit by bit.
inline std::uint16_t crc(const Bytes& bytes) {
  unsigned value = 0xffff;
  for (const std::uint8_t byte : bytes) {
    value ^= static_cast<unsigned>(byte) << 8;
    for (int bit = 0; bit < 8; ++bit) {
      value = (value & 0x8000U) != 0 ? value << 1 ^ 0x1021U : value << 1;
    }
    value &= 0xffffU;
  }
  return static_cast<std::uint16_t>(value);
}

inline Bytes escaped(const Bytes& bytes) {
  Bytes result;
  for (const std::uint8_t byte : bytes) {
    result.push_back(byte);
    if (byte == 0xff) {
      result.push_back(byte);
    }
  }
  return result;
}

inline Bytes frame(const Bytes& payload) {
  const Bytes packet = Bytes{0xff, 0xfd} + escaped(number(payload.size(), 4) + payload);
  return packet + escaped(number(crc(packet), 2));
}

inline std::uint64_t number_at(const Bytes& bytes, std::size_t offset, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    value |= static_cast<std::uint64_t>(bytes.at(offset + i)) << (8 * i);
  }
  return value;
}

/// The payloads of the packets in what a device sent; throws where that is not packets and FE alone.
inline std::vector<Bytes> payloads(const Bytes& line) {
  std::vector<Bytes> result;
  std::size_t at = 0;
  const auto take = [&](std::size_t count) {
    Bytes bytes;
    for (std::size_t i = 0; i < count; ++i) {
      bytes.push_back(line.at(at));
      if (line[at++] == 0xff && line.at(at++) != 0xff) {
        throw std::runtime_error("an escape inside a packet");
      }
    }
    return bytes;
  };
  while (at < line.size()) {
    if (line[at] == 0xfe) {
      ++at;
      continue;
    }
    const std::size_t start = at;
    if (line.at(at) != 0xff || line.at(at + 1) != 0xfd) {
      throw std::runtime_error("bytes outside a packet");
    }
    at += 2;
    result.push_back(take(number_at(take(4), 0, 4)));
    const Bytes covered(line.begin() + static_cast<std::ptrdiff_t>(start),
                        line.begin() + static_cast<std::ptrdiff_t>(at));
    if (number_at(take(2), 0, 2) != crc(covered)) {
      throw std::runtime_error("a wrong CRC");
    }
  }
  return result;
}

inline Bytes message(std::uint16_t session, std::uint8_t type, const Bytes& body = {}) {
  return number(session, 2) + Bytes{type} + body;
}

/// A value of a packed sequence: its type code and its bytes.
struct Value {
  std::uint32_t code = 0;
  Bytes bytes;
};

inline Value integer(std::int64_t value) {
  return {0, number(static_cast<std::uint64_t>(value), 8)};
}
inline Value boolean(bool value) {
  return {15, number(value ? 1 : 0, 8)};
}
inline Value handle(std::uint64_t value, std::uint32_t code = 3) {
  return {code, number(value, 8)};
}
inline Value null() {
  return {4, {}};
}
inline Value cpu() {
  return {6, number(1, 4) + number(0, 4)};
}
inline Value text(std::string_view value) {
  return {11, number(value.size(), 8) + Bytes(value.begin(), value.end())};
}

struct Type {
  std::uint8_t code = 0, bits = 8;
};

inline Bytes type_bytes(Type type) {
  return Bytes{type.code, type.bits, 1, 0};
}

inline Value tensor(std::uint64_t data, Type type, const std::vector<std::int64_t>& shape,
                    std::uint64_t byte_offset = 0) {
  Bytes bytes = number(data, 8) + number(1, 4) + number(0, 4) + number(shape.size(), 4) + type_bytes(type);
  for (const std::int64_t dimension : shape) {
    bytes = bytes + number(static_cast<std::uint64_t>(dimension), 8);
  }
  return {7, bytes + number(byte_offset, 8)};
}

inline Bytes sequence(const std::vector<Value>& values) {
  Bytes result = number(values.size(), 4);
  for (const Value& value : values) {
    result = result + number(value.code, 4);
  }
  for (const Value& value : values) {
    result = result + value.bytes;
  }
  return result;
}

/// The body of a normal message.
inline Bytes request(std::uint32_t code, const Bytes& rest) {
  return number(4 + rest.size(), 8) + number(code, 4) + rest;
}

}  // namespace rpc
