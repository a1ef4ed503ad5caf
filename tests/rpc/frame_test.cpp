// SPDX-License-Identifier: Apache-2.0
// Framing against the packets of apache/tvm v0.14.0 tests/crt/framing_test.cc and session_test.cc, and packets that are
// damaged.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "host.hpp"

using namespace rpc;
#include "stvm_rpc_frame.h"

namespace {

Bytes sent;

void put(std::uint8_t byte) {
  sent.push_back(byte);
}

Bytes send(const Bytes& payload) {
  sent.clear();
  stvm_rpc_send_frame(put, payload.data(), static_cast<std::uint32_t>(payload.size()));
  return sent;
}

Bytes ascii(std::string_view text) {
  return {text.begin(), text.end()};
}

struct Receiver {
  std::array<std::uint8_t, 8> room{};
  stvm_rpc_unframer unframer{};
  std::vector<Bytes> complete;
  int damaged = 0;

  Receiver() { stvm_rpc_unframer_start(&unframer, room.data(), static_cast<std::uint32_t>(room.size())); }

  void take(const Bytes& line) {
    for (const std::uint8_t byte : line) {
      const stvm_rpc_frame_event event = stvm_rpc_unframe(&unframer, byte);
      damaged += event == STVM_RPC_FRAME_DAMAGED ? 1 : 0;
      if (event == STVM_RPC_FRAME_COMPLETE) {
        complete.emplace_back(room.begin(), room.begin() + std::min<std::ptrdiff_t>(unframer.length, std::ssize(room)));
      }
    }
  }
};

}  // namespace

TEST_CASE("packets are those of TVM's own tests") {
  CHECK(send({}) == hex("fffd 00000000 8344"));
  CHECK(send(ascii("one")) == hex("fffd 03000000 6f6e65 58f4"));
  CHECK(send(hex("0000 02")) == hex("fffd 03000000 0000 02 6677"));
  CHECK(send(hex("4100 00 01")) == hex("fffd 04000000 4100 00 01 03c1"));
  CHECK(send(hex("41a6 01 01")) == hex("fffd 04000000 41a6 01 01 0efd"));
  CHECK(send(hex("8200 00 01")) == hex("ff fd 04 00 00 00 82 00 00 01 7b e9"));
  CHECK(send(hex("8266 01 01")) == hex("ff fd 04 00 00 00 82 66 01 01 81 f3"));
}

TEST_CASE("an FF is doubled in length, payload and CRC") {
  const Bytes escaped = ascii("es_") + Bytes{0xff} + ascii("_capeir/^>t@\"hr");
  const Bytes line = send(escaped);
  CHECK(line == frame(escaped));
  CHECK(Bytes(line.end() - 3, line.end()) == hex("b4 ff ff"));
  const Bytes long_one(0xff, 0xff);
  CHECK(send(long_one) == frame(long_one));
}

TEST_CASE("packets are received in any pieces, with noise between them") {
  Receiver receiver;
  receiver.take(hex("00 fe 12 ff 00 fe fe ff"));
  receiver.take(frame(ascii("one")));
  receiver.take(frame({}));
  receiver.take(frame(hex("ff ff 00 ff")));
  CHECK(receiver.complete == std::vector<Bytes>{ascii("one"), {}, hex("ff ff 00 ff")});
  CHECK(receiver.damaged == 0);
}

TEST_CASE("FF FE inside a packet is nothing but a part of the CRC") {
  const Bytes packet = hex("fffd 02000000 61 fffe 62");
  Receiver receiver;
  receiver.take(packet + number(crc(packet), 2));
  CHECK(receiver.complete == std::vector<Bytes>{ascii("ab")});
}

TEST_CASE("a damaged packet leaves nothing behind") {
  const Bytes good = frame(ascii("one"));
  SUBCASE("a wrong CRC") {
    Bytes bad = good;
    bad.back() ^= 1;
    Receiver receiver;
    receiver.take(bad + good);
    CHECK(receiver.damaged == 1);
    CHECK(receiver.complete == std::vector<Bytes>{ascii("one")});
  }
  SUBCASE("a packet that another one cuts off, at every length") {
    for (std::size_t length = 2; length < good.size(); ++length) {
      Receiver receiver;
      receiver.take(Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(length)) + good);
      CAPTURE(length);
      CHECK(receiver.damaged == 1);
      CHECK(receiver.complete == std::vector<Bytes>{ascii("one")});
    }
  }
  SUBCASE("an escape that is none") {
    Receiver receiver;
    receiver.take(hex("fffd 0300 ff00") + good);
    CHECK(receiver.damaged == 1);
    CHECK(receiver.complete == std::vector<Bytes>{ascii("one")});
  }
  SUBCASE("a length that nothing follows") {
    Receiver receiver;
    receiver.take(hex("fffd ffffffff ffffffff") + Bytes(100, 7) + good);
    CHECK(receiver.damaged == 1);
    CHECK(receiver.complete == std::vector<Bytes>{ascii("one")});
  }
}

TEST_CASE("a payload larger than its room is cut, and its length told") {
  Receiver receiver;
  receiver.take(frame(ascii("123456789")));
  CHECK(receiver.complete == std::vector<Bytes>{ascii("12345678")});
  CHECK(receiver.unframer.length == 9);
}
