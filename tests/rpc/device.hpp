// SPDX-License-Identifier: Apache-2.0
// A device with a small system library, and a host that talks to it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "host.hpp"
#include "stvm_rpc.h"

namespace rpc {

/// What the platform's functions, which have no context, work on.
struct Line {
  Bytes sent;
  std::uint64_t ticks = 0;
  std::uint64_t ticks_of_kernel = 1000;
  std::uint32_t entropy = 0xa6;
  std::int64_t calls = 0;
  std::int64_t most_calls = std::numeric_limits<std::int64_t>::max();  ///< kernels fail in those beyond
};
inline Line line;

inline std::uint64_t element_count(const DLTensor& tensor) {
  std::uint64_t count = 1;
  for (std::int32_t i = 0; i < tensor.ndim; ++i) {
    count *= static_cast<std::uint64_t>(tensor.shape[i]);
  }
  return count;
}

/// Counts a call of a kernel.
inline bool is_one_too_many() {
  return ++line.calls > line.most_calls;
}

/// int8 sums; refuses what is no three tensors of one size, as a fuzzer may send.
inline int add(TVMValue* args, int* codes, int count, TVMValue*, int*, void*) {
  line.ticks += line.ticks_of_kernel;
  if (is_one_too_many()) {
    return -1;
  }
  for (int i = 0; i < 3; ++i) {
    if (count != 3 || codes[i] != kTVMDLTensorHandle || static_cast<DLTensor*>(args[i].v_handle)->dtype.bits != 8 ||
        element_count(*static_cast<DLTensor*>(args[i].v_handle)) !=
            element_count(*static_cast<DLTensor*>(args[0].v_handle))) {
      return -1;
    }
  }
  const auto data = [&](int i) { return static_cast<std::int8_t*>(static_cast<DLTensor*>(args[i].v_handle)->data); };
  for (std::uint64_t i = 0; i < element_count(*static_cast<DLTensor*>(args[0].v_handle)); ++i) {
    data(2)[i] = static_cast<std::int8_t>(data(0)[i] + data(1)[i]);
  }
  return 0;
}

/// Takes two workspaces and fails with both in hand.
inline int leak(TVMValue*, int*, int, TVMValue*, int*, void*) {
  TVMBackendAllocWorkspace(1, 0, 64, 0, 8);
  TVMBackendAllocWorkspace(1, 0, 64, 0, 8);
  return -1;
}

/// Gives a number, as 0.8's lookup of linked parameters gives an address.
inline int answer(TVMValue*, int*, int, TVMValue* value, int* code, void*) {
  value->v_int64 = -42;
  *code = kTVMArgInt;
  return is_one_too_many() ? -1 : 0;
}

/// An ahead-of-time network of one input and one output: out = in + in.
inline int run(TVMValue* args, int* codes, int, TVMValue* value, int* code, void* resource) {
  TVMValue tensors[3] = {args[0], args[0], args[1]};
  int kinds[3] = {codes[0], codes[3], codes[1]};
  return add(tensors, kinds, 3, value, code, resource);
}

inline int metadata(TVMValue*, int*, int, TVMValue* value, int* code, void*) {
  static const std::int64_t shape[] = {2, 3};
  static const TVMTensorInfo inputs[] = {{"image", shape, 2, {kDLInt, 8, 1}}};
  static const TVMTensorInfo outputs[] = {{"output0", shape, 2, {kDLInt, 8, 1}}};
  static const TVMMetadata about = {1, inputs, 1, outputs, 1, nullptr, 0, nullptr, 0, "tvmgen_default"};
  value->v_handle = const_cast<TVMMetadata*>(&about);
  *code = kTVMOpaqueHandle;
  return is_one_too_many() ? -1 : 0;
}

inline constexpr TVMBackendPackedCFunc functions[] = {add, leak, answer, run, metadata};
inline constexpr TVMFuncRegistry registry = {
    "\005\000add\000leak\000answer\000tvmgen_default_run\000tvmgen_default_get_c_metadata\000", functions};
inline constexpr TVMModule library = {&registry};
inline constexpr std::array<std::uint8_t, 16> constants = {1, 2, 3, 4};

struct Device {
  alignas(16) std::array<std::uint8_t, 8192> memory{};
  stvm_rpc_server server{};
  std::uint16_t session = 0;

  Device() {
    line = {};
    stvm_rpc_platform platform{};
    platform.library = &library;
    platform.memory = memory.data();
    platform.memory_bytes = static_cast<std::uint32_t>(memory.size());
    platform.constants = constants.data();
    platform.constants_bytes = static_cast<std::uint32_t>(constants.size());
    platform.ticks_per_second = 1'000'000;
    platform.start_ticks = [] { line.ticks = 0; };
    platform.ticks = [] { return line.ticks; };
    platform.entropy = [] { return line.entropy; };
    platform.put = [](std::uint8_t byte) { line.sent.push_back(byte); };
    stvm_rpc_start(&server, &platform);
  }

  stvm_rpc_status status = STVM_RPC_SERVING;

  /// Sends bytes and returns what came back.
  Bytes exchange(const Bytes& bytes) {
    line.sent.clear();
    for (const std::uint8_t byte : bytes) {
      if (stvm_rpc_receive(&server, byte) == STVM_RPC_SHUTDOWN) {
        status = STVM_RPC_SHUTDOWN;
      }
    }
    return line.sent;
  }

  void connect() {
    // The FE ends an escape that noise may have left open.
    exchange(Bytes{0xfe} + frame(message(0, 2)));
    const Bytes reply = payloads(exchange(frame(message(0x41, 0, {1})))).at(0);
    session = static_cast<std::uint16_t>(number_at(reply, 0, 2));
  }

  /// Sends a request and returns the body of the reply behind its length: code and values.
  Bytes ask(std::uint32_t code, const Bytes& rest) {
    const auto replies = payloads(exchange(frame(message(session, 0x10, request(code, rest)))));
    const Bytes reply = replies.at(0);
    if (replies.size() != 1 || number_at(reply, 0, 2) != session || reply.at(2) != 0x10 ||
        number_at(reply, 3, 8) != reply.size() - 11) {
      throw std::runtime_error("not one reply of its stated length in this session");
    }
    return {reply.begin() + 11, reply.end()};
  }
  Bytes ask(std::uint32_t code, const std::vector<Value>& values) { return ask(code, sequence(values)); }

  Bytes call(std::uint64_t function, const std::vector<Value>& values) {
    return ask(3, number(function, 8) + sequence(values));
  }
  std::uint64_t global(std::string_view name) { return handle_of(ask(9, {text(name)})); }
  std::uint64_t library_handle() { return number_at(call(global("runtime.SystemLib"), {}), 24, 8); }
  std::uint64_t function(std::uint64_t module, std::string_view name) {
    return number_at(
        call(global("tvm.rpc.server.ModuleGetFunction"), {rpc::handle(module, 9), text(name), boolean(false)}), 24, 8);
  }
  std::uint64_t allocate(std::int64_t bytes) {
    return handle_of(ask(13, {cpu(), integer(bytes), integer(64), {5, type_bytes({}) + number(0, 4)}}));
  }
  Bytes copy_to(std::uint64_t data, const Bytes& bytes, std::uint64_t offset = 0) {
    return ask(7, copy_header(data, offset, bytes.size()) + bytes);
  }
  Bytes copy_from(std::uint64_t data, std::uint64_t bytes, std::uint64_t offset = 0) {
    return ask(6, copy_header(data, offset, bytes));
  }

  static Bytes copy_header(std::uint64_t data, std::uint64_t offset, std::uint64_t bytes) {
    return number(data, 8) + number(1, 4) + number(0, 4) + number(1, 4) + type_bytes({}) + number(bytes, 8) +
           number(offset, 8) + number(bytes, 8);
  }

  /// The handle in a reply that is a return of one opaque handle.
  static std::uint64_t handle_of(const Bytes& reply) {
    if (number_at(reply, 0, 4) != 4 || number_at(reply, 4, 4) != 1 || number_at(reply, 8, 4) != 3) {
      throw std::runtime_error("no return of one handle");
    }
    return number_at(reply, 12, 8);
  }

  /// The text of a reply that is an exception; empty for any other.
  static std::string exception(const Bytes& reply) {
    if (number_at(reply, 0, 4) != 5 || number_at(reply, 4, 4) != 1 || number_at(reply, 8, 4) != 11 ||
        number_at(reply, 12, 8) != reply.size() - 20) {
      return {};
    }
    return {reply.begin() + 20, reply.end()};
  }
};

}  // namespace rpc
