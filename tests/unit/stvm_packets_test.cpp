// SPDX-License-Identifier: Apache-2.0
// The packets and fields of the validation protocol. Expected bytes are written out here from the protocol's facts.
#include "validation/stvm_packets.h"

#include <doctest/doctest.h>

#include <deque>
#include <string>
#include <vector>

namespace {

using Bytes = std::vector<std::uint8_t>;

/// A serial line with bytes waiting, that records what is written and after how many reads.
struct Line {
  std::deque<std::uint8_t> incoming;
  Bytes written;
  std::size_t reads = 0;
  std::vector<std::size_t> wanted_after;  ///< reads done when 0xAA was written alone

  stvm_link link() {
    return {[](void* line) -> int {
              auto& self = *static_cast<Line*>(line);
              if (self.incoming.empty()) {
                return -1;
              }
              const int byte = self.incoming.front();
              self.incoming.pop_front();
              ++self.reads;
              return byte;
            },
            [](void* line, const std::uint8_t* bytes, std::uint32_t count) {
              auto& self = *static_cast<Line*>(line);
              if (count == 1 && bytes[0] == 0xAA) {
                self.wanted_after.push_back(self.reads);
              } else {
                self.written.insert(self.written.end(), bytes, bytes + count);
              }
            },
            this, 0};
  }
};

/// What a host sends for a message: its length, its bytes, in packets with headers of one or two bytes.
std::deque<std::uint8_t> packets(const Bytes& message, int header_bytes) {
  Bytes delimited;
  std::size_t length = message.size();
  for (; length > 0x7F; length >>= 7) {
    delimited.push_back(static_cast<std::uint8_t>(0x80 | (length & 0x7F)));
  }
  delimited.push_back(static_cast<std::uint8_t>(length));
  delimited.insert(delimited.end(), message.begin(), message.end());
  std::deque<std::uint8_t> line;
  for (std::size_t at = 0; at < delimited.size(); at += 32) {
    const std::size_t count = std::min<std::size_t>(32, delimited.size() - at);
    if (header_bytes == 2) {
      line.push_back(0);
    }
    line.push_back(static_cast<std::uint8_t>(count));
    for (std::size_t i = 0; i < 32; ++i) {
      line.push_back(i < count ? delimited[at + i] : std::uint8_t{0});
    }
  }
  return line;
}

TEST_CASE("The first request of a host is read in both header forms") {
  // reqMsg: reqid 1 = 1, cmd 2 = SYNC, param 3 = 0, name 4 = "", opt 5 = 0: ten bytes, as the host's first message is.
  const Bytes request = {0x08, 0x01, 0x10, 0x00, 0x18, 0x00, 0x22, 0x00, 0x28, 0x00};
  for (const int header_bytes : {1, 2}) {
    Line line;
    line.incoming = packets(request, header_bytes);
    REQUIRE(line.incoming[static_cast<std::size_t>(header_bytes) - 1] == 0x0B);
    stvm_link link = line.link();
    stvm_reader reader;
    REQUIRE(stvm_reader_open(&reader, &link) == 1);
    CHECK(link.header_bytes == header_bytes);
    CHECK(stvm_reader_key(&reader) == 0x08);
    CHECK(stvm_reader_varint(&reader) == 1);
    CHECK(stvm_reader_key(&reader) == 0x10);
    CHECK(stvm_reader_varint(&reader) == 0);
    stvm_reader_close(&reader);
    CHECK(reader.failed == 0);
    CHECK(line.incoming.empty());
    CHECK(line.wanted_after.empty());
  }
}

TEST_CASE("A long message asks for each packet but the first, and ends where it says") {
  Bytes message = {0x0A, 0xC8, 0x01};  // field 1, 200 bytes
  for (int i = 0; i < 200; ++i) {
    message.push_back(static_cast<std::uint8_t>(i));
  }
  for (const int header_bytes : {1, 2}) {
    Line line;
    line.incoming = packets(message, header_bytes);
    const std::size_t packet = 32 + static_cast<std::size_t>(header_bytes);
    stvm_link link = line.link();
    stvm_reader reader;
    REQUIRE(stvm_reader_open(&reader, &link) == 1);
    CHECK(stvm_reader_key(&reader) == 0x0A);
    REQUIRE(stvm_reader_varint(&reader) == 200);
    Bytes data(200);
    CHECK(stvm_reader_bytes(&reader, data.data(), 200) == 1);
    CHECK(data == Bytes(message.begin() + 3, message.end()));
    CHECK(stvm_reader_key(&reader) == 0);
    stvm_reader_close(&reader);
    CHECK(line.incoming.empty());
    // 205 bytes are seven packets.
    CHECK(line.wanted_after ==
          std::vector<std::size_t>{packet, 2 * packet, 3 * packet, 4 * packet, 5 * packet, 6 * packet});
  }
}

TEST_CASE("Unknown fields are passed over, whatever their wire type") {
  const Bytes message = {0x09, 1,    2,    3,    4,    5,    6,    7,    8,                 // field 1, 64 bits
                         0x12, 3,    9,    9,    9,                                         // field 2, bytes
                         0x1D, 1,    1,    1,    1,                                         // field 3, 32 bits
                         0x20, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01,  // field 4, -1
                         0x28, 0x07};
  Line line;
  line.incoming = packets(message, 2);
  stvm_link link = line.link();
  stvm_reader reader;
  REQUIRE(stvm_reader_open(&reader, &link) == 1);
  for (const std::uint32_t key : {0x09U, 0x12U, 0x1DU, 0x20U}) {
    CHECK(stvm_reader_key(&reader) == key);
    stvm_reader_skip(&reader, key);
  }
  CHECK(stvm_reader_key(&reader) == 0x28);
  CHECK(stvm_reader_varint(&reader) == 7);
  CHECK(reader.failed == 0);
}

TEST_CASE("Bad packets fail and end") {
  const auto open = [](std::deque<std::uint8_t> incoming) {
    Line line;
    line.incoming = std::move(incoming);
    stvm_link link = line.link();
    stvm_reader reader;
    const int opened = stvm_reader_open(&reader, &link);
    stvm_reader_close(&reader);
    return opened == 1 && reader.failed == 0;
  };
  CHECK_FALSE(open({}));
  CHECK_FALSE(open({33, 1}));    // more than a packet holds
  CHECK_FALSE(open({0, 0, 1}));  // nothing in use
  CHECK_FALSE(open({0}));        // silence
  CHECK_FALSE(open({1, 0xFF}));  // no padding
  auto cut = packets(Bytes(100, 1), 1);
  cut.resize(60);
  CHECK_FALSE(open(cut));
  // A second packet of the other form.
  auto mixed = packets(Bytes(60, 1), 2);
  mixed[34] = 7;
  CHECK_FALSE(open(mixed));

  // A field longer than its message, and a wire type that is none.
  for (const Bytes& message : {Bytes{0x0A, 0x7F, 1}, Bytes{0x0F, 0}}) {
    Line line;
    line.incoming = packets(message, 1);
    stvm_link link = line.link();
    stvm_reader reader;
    REQUIRE(stvm_reader_open(&reader, &link) == 1);
    stvm_reader_skip(&reader, stvm_reader_key(&reader));
    CHECK(reader.failed == 1);
  }
}

TEST_CASE("Answers: fields as protobuf has them, packets full but for the last, which is marked") {
  const auto write = [](stvm_writer& writer) {
    stvm_write_integer(&writer, 1, 300);
    stvm_write_signed(&writer, 2, -1);
    stvm_write_float(&writer, 3, 1.0F);
    stvm_write_message(&writer, 4, 5);
    stvm_write_text(&writer, 1, "abcdef", 3);
    stvm_write_integer(&writer, 16, 1);
  };
  const Bytes expected = {0x08, 0xAC, 0x02, 0x10, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 0x1D,
                          0x00, 0x00, 0x80, 0x3F, 0x22, 0x05, 0x0A, 0x03, 'a',  'b',  'c',  0x80, 0x01, 0x01};
  stvm_writer counter;
  stvm_writer_open(&counter, nullptr);
  write(counter);
  stvm_writer_close(&counter);
  CHECK(counter.bytes == expected.size());
  for (const std::uint8_t header_bytes : {std::uint8_t{1}, std::uint8_t{2}}) {
    Line line;
    stvm_link link = line.link();
    link.header_bytes = header_bytes;
    stvm_writer writer;
    stvm_writer_open(&writer, &link);
    write(writer);
    stvm_writer_close(&writer);
    const Bytes header = header_bytes == 1 ? Bytes{0x80 | 29} : Bytes{0x80, 29};
    REQUIRE(line.written.size() == 32U + header_bytes);
    CHECK(Bytes(line.written.begin(), line.written.begin() + header_bytes) == header);
    CHECK(Bytes(line.written.begin() + header_bytes, line.written.end() - 3) == expected);
    CHECK(Bytes(line.written.end() - 3, line.written.end()) == Bytes(3, 0));
  }
}

TEST_CASE("An answer of whole packets ends with a full one") {
  Line line;
  stvm_link link = line.link();
  link.header_bytes = 1;
  stvm_writer writer;
  stvm_writer_open(&writer, &link);
  const Bytes data(62, 7);  // 64 bytes with key and length
  stvm_write_bytes(&writer, 1, data.data(), 62);
  stvm_writer_close(&writer);
  REQUIRE(line.written.size() == 66);
  CHECK(line.written[0] == 32);
  CHECK(line.written[33] == (0x80 | 32));
}

}  // namespace
