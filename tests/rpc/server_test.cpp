// SPDX-License-Identifier: Apache-2.0
// The device's RPC server as a host sees it, request by request.
#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "device.hpp"

using namespace rpc;

namespace {

const Bytes nothing = number(4, 4) + sequence({null()});

struct Session : Device {
  Session() { connect(); }
};

/// The times in a reply that is a return of bytes.
std::vector<double> times(const Bytes& reply) {
  std::vector<double> result;
  REQUIRE(number_at(reply, 0, 4) == 4);
  REQUIRE(number_at(reply, 12, 4) == 12);
  REQUIRE(number_at(reply, 16, 8) == 12);
  for (std::size_t at = 32; at < reply.size(); at += 8) {
    result.push_back(std::bit_cast<double>(number_at(reply, at, 8)));
  }
  CHECK(number_at(reply, 24, 8) == reply.size() - 32);
  return result;
}

/// The arguments of the time evaluator that a host of this many sends.
std::vector<Value> evaluator_arguments(std::uint64_t module, std::size_t count, std::int64_t number,
                                       std::int64_t repeat, std::int64_t minimum_ms) {
  std::vector<Value> values = {handle(module, 9), text("add"),     integer(1),         integer(0),
                               integer(number),   integer(repeat), integer(minimum_ms)};
  if (count >= 11) {
    values.push_back(integer(5));
  }
  if (count >= 10) {
    values.push_back(integer(0));
    values.push_back(integer(1));
  }
  if (count == 12) {
    values.push_back(integer(0));
  }
  values.push_back(text(""));
  REQUIRE(values.size() == count);
  return values;
}

struct Tensors : Session {
  std::uint64_t a = allocate(16), b = allocate(16), c = allocate(16);
  std::uint64_t library = library_handle();
  std::vector<Value> arguments = {tensor(a, {}, {16}), tensor(b, {}, {16}), tensor(c, {}, {16})};
};

}  // namespace

TEST_CASE("a device that starts ends whatever session there was") {
  Device device;
  CHECK(line.sent == hex("fe fffd 03000000 0000 02 6677"));
}

TEST_CASE("the handshake is TVM's, byte for byte") {
  Device device;
  CHECK(device.exchange(hex("fe fffd 03000000 0000 02 6677 fffd 04000000 4100 00 01 03c1")) ==
        hex("fffd 04000000 41a6 01 01 0efd"));
}

TEST_CASE("a host may start again at any time and gets another nonce") {
  Session device;
  CHECK(device.session == 0xa641);
  device.connect();
  CHECK(device.session == 0xa741);
  line.entropy = 0;
  device.connect();
  CHECK(device.session == 0x0141);
  CHECK(device.exchange(frame(message(0, 0, {1}))).empty());
}

TEST_CASE("requests of another session are not answered") {
  Session device;
  const Bytes packet = frame(message(0x1234, 0x10, request(9, sequence({text("runtime.SystemLib")}))));
  CHECK(device.exchange(packet).empty());
  CHECK(device.exchange(frame(message(device.session, 3, {'h', 'i'}))).empty());
  device.exchange(frame(message(device.session, 2)));
  CHECK(
      device.exchange(frame(message(device.session, 0x10, request(9, sequence({text("runtime.SystemLib")}))))).empty());
}

TEST_CASE("functions are found by name, and a name that is none is no error") {
  Session device;
  CHECK(device.global("runtime.SystemLib") != 0);
  CHECK(device.global("runtime.NoSuchThing") == 0);
  const std::uint64_t module = device.library_handle();
  const Bytes by_bool =
      device.call(device.global("tvm.rpc.server.ModuleGetFunction"), {handle(module, 9), text("add"), boolean(true)});
  const Bytes by_int =
      device.call(device.global("tvm.rpc.server.ModuleGetFunction"), {handle(module, 9), text("add"), integer(1)});
  CHECK(by_bool == by_int);
  CHECK(number_at(by_bool, 16, 8) == 10);
  CHECK(number_at(by_bool, 24, 8) != 0);
  CHECK(device.call(device.global("tvm.rpc.server.ModuleGetFunction"),
                    {handle(module, 9), text("ad"), boolean(false)}) == number(4, 4) + sequence({integer(4), null()}));
  CHECK(device.call(device.global("tvm.rpc.server.GetCRTMaxPacketSize"), {}) ==
        number(4, 4) + sequence({integer(0), integer(2037)}));
}

TEST_CASE("tensors are allocated, written in pieces, computed with and read") {
  Tensors device;
  Bytes first;
  for (std::uint8_t i = 0; i < 16; ++i) {
    first.push_back(i);
  }
  CHECK(device.copy_to(device.a, Bytes(first.begin(), first.begin() + 10)) == nothing);
  CHECK(device.copy_to(device.a, Bytes(first.begin() + 10, first.end()), 10) == nothing);
  CHECK(device.copy_to(device.b, Bytes(16, 0xff)) == nothing);
  CHECK(device.call(device.function(device.library, "add"), device.arguments) ==
        number(4, 4) + sequence({integer(4), null()}));
  Bytes expected(16, 0xff);
  std::copy(first.begin(), first.end() - 1, expected.begin() + 1);
  CHECK(device.copy_from(device.c, 16) == number(8, 4) + expected);
  CHECK(device.copy_from(device.c, 4, 12) == number(8, 4) + Bytes{11, 12, 13, 14});
  CHECK(device.ask(14, {cpu(), handle(device.a)}) == nothing);
  CHECK(Device::exception(device.ask(14, {cpu(), handle(device.a)})) != "");
  CHECK(Device::exception(device.call(device.function(device.library, "add"), device.arguments)) ==
        "argument 0 is no tensor that was allocated on the device");
}

TEST_CASE("the largest chunk that a host sends and asks for fits a packet") {
  Session device;
  const std::uint64_t data = device.allocate(4000);
  const Bytes chunk(2037 - 44 - 8, 0x5a);
  CHECK(device.copy_to(data, chunk) == nothing);
  CHECK(device.copy_from(data, chunk.size()) == number(8, 4) + chunk);
  CHECK(Device::exception(device.copy_from(data, 2040)) == "the reply is larger than the device's packets");
  CHECK(device.copy_from(data, 2033) == number(8, 4) + chunk + Bytes(2033 - chunk.size(), 0));
}

TEST_CASE("allocation with a scope takes the tensor's size") {
  Session device;
  const std::uint64_t data = Device::handle_of(device.ask(17, {tensor(0, {0, 32}, {3, 5}), null()}));
  CHECK(Device::exception(device.copy_to(data, Bytes(64, 1))) == "");
  CHECK(Device::exception(device.copy_to(data, Bytes(65, 1))) != "");
  CHECK(Device::handle_of(device.ask(17, {tensor(0, {0, 32}, {}), text("global")})) != 0);
}

TEST_CASE("tensors are copied on the device") {
  Tensors device;
  CHECK(device.copy_to(device.a, Bytes(16, 9)) == nothing);
  CHECK(device.ask(16, {tensor(device.a, {}, {16}), tensor(device.b, {}, {16}), null()}) == nothing);
  CHECK(device.copy_from(device.b, 16) == number(8, 4) + Bytes(16, 9));
  CHECK(Device::exception(device.ask(16, {tensor(device.a, {}, {16}), tensor(device.b, {}, {17}), null()})) != "");
}

TEST_CASE("constants of the image are read and not written") {
  Session device;
  const auto address = reinterpret_cast<std::uintptr_t>(constants.data());
  CHECK(device.copy_from(address, 4) == number(8, 4) + Bytes{1, 2, 3, 4});
  CHECK(Device::exception(device.copy_from(address, 17)) != "");
  CHECK(Device::exception(device.copy_to(address, Bytes(4, 0))) != "");
}

TEST_CASE("a function's own value is returned") {
  Tensors device;
  CHECK(device.call(device.function(device.library, "answer"), {}) ==
        number(4, 4) + sequence({integer(0), integer(-42)}));
}

TEST_CASE("a time evaluator calls number times, repeat times over, in every form of its arguments") {
  Tensors device;
  for (const std::size_t count : {8U, 10U, 11U, 12U}) {
    CAPTURE(count);
    const Bytes made =
        device.call(device.global("runtime.RPCTimeEvaluator"), evaluator_arguments(device.library, count, 5, 3, 0));
    REQUIRE(number_at(made, 16, 8) == 10);
    const std::uint64_t evaluator = number_at(made, 24, 8);
    line.calls = 0;
    const std::vector<double> seconds = times(device.call(evaluator, device.arguments));
    CHECK(line.calls == 1 + 5 * 3);
    REQUIRE(seconds.size() == 3);
    for (const double each : seconds) {
      CHECK(each == 5000e-6 / 5);
    }
    CHECK(device.ask(10, {handle(evaluator), integer(10)}) == nothing);
    CHECK(Device::exception(device.call(evaluator, device.arguments)) == "the handle is no function's");
  }
}

TEST_CASE("the calls of a repeat grow until it takes long enough, and stay") {
  Tensors device;
  const std::uint64_t evaluator = number_at(
      device.call(device.global("runtime.RPCTimeEvaluator"), evaluator_arguments(device.library, 11, 1, 2, 40)), 24, 8);
  line.calls = 0;
  CHECK(times(device.call(evaluator, device.arguments)).size() == 2);
  // 1 to warm up, 1 that is too short, 40 000 ticks needed of 1000 each: 40 + 1; then as many again.
  CHECK(line.calls == 1 + 1 + 41 + 41);
}

TEST_CASE("a clock that stands still ends at the limit of zero times") {
  Tensors device;
  device.server.platform.ticks = [] { return std::uint64_t{0}; };
  const std::uint64_t evaluator = number_at(
      device.call(device.global("runtime.RPCTimeEvaluator"), evaluator_arguments(device.library, 12, 2, 1, 40)), 24, 8);
  line.calls = 0;
  CHECK(times(device.call(evaluator, device.arguments)) == std::vector<double>{0});
  CHECK(line.calls == 1 + 2 * 5);
}

TEST_CASE("as many times as a packet holds are returned") {
  Tensors device;
  const auto make = [&](std::int64_t repeat) {
    return device.call(device.global("runtime.RPCTimeEvaluator"),
                       evaluator_arguments(device.library, 12, 1, repeat, 0));
  };
  CHECK(times(device.call(number_at(make(240), 24, 8), device.arguments)).size() == 240);
  CHECK(Device::exception(make(241)) != "");
  CHECK(Device::exception(make(0)) != "");
}

TEST_CASE("a time evaluator that cannot be is an exception") {
  Tensors device;
  const std::uint64_t make = device.global("runtime.RPCTimeEvaluator");
  std::vector<Value> values = evaluator_arguments(device.library, 8, 1, 1, 0);
  values[1] = text("nothing");
  CHECK(Device::exception(device.call(make, values)) == "the module has no function nothing to time");
  values.erase(values.begin() + 6);
  CHECK(Device::exception(device.call(make, values)) == "runtime.RPCTimeEvaluator takes 8, 10, 11 or 12 arguments");
  for (int i = 0; i < 4; ++i) {
    CHECK(Device::exception(device.call(make, evaluator_arguments(device.library, 8, 1, 1, 0))) == "");
  }
  CHECK(Device::exception(device.call(make, evaluator_arguments(device.library, 8, 1, 1, 0))) != "");
}

TEST_CASE("random values are of the tensor's type and fill it alone") {
  Session device;
  const std::uint64_t data = device.allocate(64);
  const std::uint64_t random_fill = device.global("tvm.contrib.random.random_fill");
  const auto fill = [&](Type type, std::int64_t count) {
    REQUIRE(device.copy_to(data, Bytes(64, 0xee)) == nothing);
    CHECK(Device::exception(device.call(random_fill, {tensor(data, type, {count})})) == "");
    const Bytes reply = device.copy_from(data, 64);
    return Bytes(reply.begin() + 4, reply.end());
  };
  const Bytes bytes = fill({0, 8}, 48);
  CHECK(std::set<std::uint8_t>(bytes.begin(), bytes.begin() + 48).size() > 24);
  CHECK(Bytes(bytes.begin() + 48, bytes.end()) == Bytes(16, 0xee));
  const Bytes singles = fill({2, 32}, 16);
  const Bytes doubles = fill({2, 64}, 8);
  const Bytes halves = fill({2, 16}, 32);
  std::set<float> values;
  for (std::size_t i = 0; i < 16; ++i) {
    values.insert(std::bit_cast<float>(static_cast<std::uint32_t>(number_at(singles, i * 4, 4))));
    const auto value = std::bit_cast<double>(number_at(doubles, i / 2 * 8, 8));
    CHECK((value >= 1 && value < 2));
    CHECK((number_at(halves, i * 4, 2) & 0xfc00U) == 0x3c00);
  }
  CHECK(values.size() > 10);
  CHECK((*values.begin() >= 1 && *values.rbegin() < 2));
  for (const std::uint8_t bit : fill({1, 1}, 48)) {
    CHECK((bit <= 1 || bit == 0xee));
  }
  CHECK(Device::exception(device.call(random_fill, {tensor(data, {}, {65})})) != "");
}

TEST_CASE("an ahead-of-time module has its executor") {
  Session device;
  const std::uint64_t create = device.global("tvm.aot_executor.create");
  const std::uint64_t module = device.library_handle();
  CHECK(Device::exception(device.call(create, {handle(module, 9), cpu(), text("other")})) ==
        "there is no ahead-of-time module other on the device");
  const Bytes made = device.call(create, {handle(module, 9), cpu(), text("default")});
  REQUIRE(number_at(made, 16, 8) == 9);
  const std::uint64_t executor = number_at(made, 24, 8);
  const auto call = [&](std::string_view name, const std::vector<Value>& values) {
    return device.call(device.function(executor, name), values);
  };
  CHECK(call("get_num_inputs", {}) == number(4, 4) + sequence({integer(0), integer(1)}));
  CHECK(call("get_num_outputs", {}) == number(4, 4) + sequence({integer(0), integer(1)}));
  CHECK(call("get_input_index", {text("image")}) == number(4, 4) + sequence({integer(0), integer(0)}));
  CHECK(call("get_input_index", {text("nothing")}) == number(4, 4) + sequence({integer(0), integer(-1)}));
  CHECK(call("get_input_name", {integer(0)}) == number(4, 4) + sequence({integer(11), text("image")}));
  const Bytes input = call("get_input", {text("image")});
  CHECK(call("get_input", {integer(0)}) == input);
  const std::uint64_t in = number_at(input, 28, 8);
  CHECK(input == number(4, 4) + sequence({integer(13), tensor(in, {}, {2, 3}), handle(number_at(input, 76, 8))}));
  const std::uint64_t out = number_at(call("get_output", {integer(0)}), 28, 8);
  CHECK(device.copy_to(in, {1, 2, 3, 4, 5, 6}) == nothing);
  CHECK(Device::exception(call("run", {})) == "");
  CHECK(device.copy_from(out, 6) == number(8, 4) + Bytes{2, 4, 6, 8, 10, 12});
  const std::uint64_t data = device.allocate(6);
  CHECK(device.copy_to(data, Bytes(6, 5)) == nothing);
  CHECK(Device::exception(call("set_input", {integer(0), tensor(data, {}, {2, 3})})) == "");
  CHECK(device.copy_from(in, 6) == number(8, 4) + Bytes(6, 5));
  CHECK(Device::exception(call("set_input", {integer(0), tensor(data, {}, {2})})) != "");
  CHECK(Device::exception(call("get_input", {integer(1)})) == "the network has no such input");
  CHECK(Device::exception(call("get_output", {integer(-1)})) == "the network has no such output");
  CHECK(Device::exception(call("load_params", {text("")})) != "");
  std::vector<Value> values = evaluator_arguments(executor, 12, 3, 2, 0);
  values[1] = text("run");
  const std::uint64_t evaluator = number_at(device.call(device.global("runtime.RPCTimeEvaluator"), values), 24, 8);
  CHECK(times(device.call(evaluator, {})).size() == 2);
  // Another executor takes the first one's place.
  for (int i = 0; i < 1000; ++i) {
    REQUIRE(Device::exception(device.call(create, {handle(module, 9), cpu(), text("default")})) == "");
  }
}

TEST_CASE("workspaces that a failed kernel held are free again") {
  Session device;
  const std::uint64_t leak_function = device.function(device.library_handle(), "leak");
  for (int i = 0; i < 100; ++i) {
    REQUIRE(Device::exception(device.call(leak_function, {})) != "");
  }
  CHECK(stvm_rpc_largest_free(&device.server.memory) == 8192 - 16);
}

TEST_CASE("a new session has all of the memory") {
  Session device;
  CHECK(Device::exception(device.ask(13, {cpu(), integer(9000), integer(64)})) ==
        "the device has no room for the tensor: its largest free part has 8176 bytes");
  device.allocate(8000);
  CHECK(Device::exception(device.ask(13, {cpu(), integer(500), integer(64)})) != "");
  CHECK(Device::exception(device.ask(13, {cpu(), integer(-1), integer(64)})) != "");
  device.connect();
  CHECK(device.allocate(8000) != 0);
}

TEST_CASE("whatever cannot be done is an exception, and the device goes on") {
  Tensors device;
  const std::vector<Bytes> requests = {
      request(99, sequence({})),                // no such request
      request(3, number(0, 8) + sequence({})),  // no such function
      request(3, number(device.global("runtime.SystemLib") + 77, 8) + sequence({})),
      request(3, number(1, 8)),                                 // ends early
      request(3, number(1, 8) + number(1000, 4)),               // too many arguments
      request(3, number(1, 8) + number(1, 4) + number(77, 4)),  // a type that is none
      request(3, number(1, 8) + sequence({tensor(0, {}, std::vector<std::int64_t>(97))})),
      request(9, sequence({integer(1)})),
      request(9, number(1, 4) + number(11, 4) + number(1U << 30U, 8)),  // a string that ends early
      request(10, sequence({})),
      request(14, sequence({cpu(), handle(device.a + 1)})),
      request(7, Device::copy_header(device.a, 0, 100)),
      request(7, Device::copy_header(device.a, 10, 16) + Bytes(16, 0)),
      request(6, Device::copy_header(device.a + 8, 0, 16)),
      request(6, Device::copy_header(device.a, UINT64_MAX, 1)),
      request(16, sequence({})),
      number(1000, 8) + number(9, 4),  // a length that is wrong
      number(2, 8) + number(9, 2)};
  for (const Bytes& body : requests) {
    const auto replies = payloads(device.exchange(frame(message(device.session, 0x10, body))));
    REQUIRE(replies.size() == 1);
    CHECK(Device::exception({replies[0].begin() + 11, replies[0].end()}) != "");
  }
  CHECK(Device::exception(device.call(device.function(device.library, "add"), device.arguments)) == "");
}

TEST_CASE("a damaged packet is logged and forgotten") {
  Session device;
  Bytes bad = frame(message(device.session, 0x10, request(9, sequence({text("runtime.SystemLib")}))));
  bad[20] ^= 1;
  const auto logged = payloads(device.exchange(bad));
  REQUIRE(logged.size() == 1);
  CHECK(Bytes(logged[0].begin(), logged[0].begin() + 3) == Bytes{0, 0, 3});
  CHECK(std::string(logged[0].begin() + 3, logged[0].end()) == "the device has dropped a damaged packet");
  CHECK(device.global("runtime.SystemLib") != 0);
}

TEST_CASE("a packet that is larger than the device's is an exception") {
  Session device;
  const auto replies = payloads(
      device.exchange(frame(message(device.session, 0x10, request(9, sequence({text(std::string(3000, 'x'))}))))));
  REQUIRE(replies.size() == 1);
  CHECK(Device::exception({replies[0].begin() + 11, replies[0].end()}) ==
        "the packet has 3031 bytes, more than the device receives");
  CHECK(device.global("runtime.SystemLib") != 0);
}

TEST_CASE("a shutdown is told to the firmware") {
  Session device;
  CHECK(device.exchange(frame(message(device.session, 0x10, request(1, {})))).empty());
  CHECK(device.status == STVM_RPC_SHUTDOWN);
}

TEST_CASE("a host that dies inside a packet is followed by the next one") {
  Session device;
  const Bytes packet = frame(message(device.session, 0x10, request(9, sequence({text("runtime.SystemLib")}))));
  for (std::size_t length = 1; length < packet.size(); ++length) {
    device.exchange(Bytes(packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(length)));
    device.exchange(hex("fe fffd 03000000 0000 02 6677"));
    device.connect();
    REQUIRE(device.global("runtime.SystemLib") != 0);
  }
}

TEST_CASE("requests that a host need not send are answered all the same") {
  Session device;
  CHECK(device.ask(11, {cpu()}) == nothing);
  CHECK(device.ask(15, {cpu(), null()}) == nothing);
  CHECK(device.ask(12, {cpu(), integer(0)}) == number(4, 4) + sequence({integer(1)}));
  CHECK(device.ask(12, {cpu(), integer(5)}) == nothing);
}

TEST_CASE("the log is cut to what one message takes") {
  Device device;
  line.sent.clear();
  stvm_rpc_log(&device.server, std::string(1000, 'x').c_str());
  CHECK(payloads(line.sent).at(0) == message(0, 3, Bytes(255, 'x')));
}
