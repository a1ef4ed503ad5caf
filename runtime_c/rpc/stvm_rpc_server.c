/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions, and the requests of TVM's MinRPC. */
#include <stddef.h>
#include <string.h>

#include "stvm_rpc_functions.h"

enum { MESSAGE_START = 0, MESSAGE_STARTED = 1, MESSAGE_TERMINATE = 2, MESSAGE_LOG = 3, MESSAGE_NORMAL = 0x10 };
#define SESSION_VERSION 1u
#define MESSAGE_HEADER_BYTES 3u
#define LOG_BYTES_MAXIMUM 255u
/* Stands before the first packet, so that whatever the line held before ends there. */
#define NOTHING 0xFEu

/* What TVMBackendAllocWorkspace serves. */
static stvm_rpc_memory* workspace_memory;

void* TVMBackendAllocWorkspace(int device_type, int device_id, uint64_t nbytes, int dtype_code_hint,
                               int dtype_bits_hint) {
  (void)device_type;
  (void)device_id;
  (void)dtype_code_hint;
  (void)dtype_bits_hint;
  return stvm_rpc_allocate(workspace_memory, nbytes, STVM_RPC_USE_WORKSPACE);
}

int TVMBackendFreeWorkspace(int device_type, int device_id, void* ptr) {
  (void)device_type;
  (void)device_id;
  return stvm_rpc_release(workspace_memory, ptr, STVM_RPC_USE_WORKSPACE) ? 0 : -1;
}

/* Whatever an earlier host left behind. */
static void forget_session(stvm_rpc_server* server) {
  server->session = 0;
  server->executor.metadata = NULL;
  server->executor.tensors = NULL;
  memset(server->evaluators, 0, sizeof server->evaluators);
  stvm_rpc_memory_start(&server->memory, server->platform.memory, server->platform.memory_bytes);
}

static void send_empty(stvm_rpc_server* server, uint16_t session, uint8_t type) {
  server->length = MESSAGE_HEADER_BYTES;
  stvm_rpc_send(server, session, type);
}

void stvm_rpc_start(stvm_rpc_server* server, const stvm_rpc_platform* platform) {
  server->platform = *platform;
  server->nonce = 0;
  workspace_memory = &server->memory;
  stvm_rpc_unframer_start(&server->unframer, server->packet, sizeof server->packet);
  forget_session(server);
  platform->put(NOTHING);
  send_empty(server, 0, MESSAGE_TERMINATE);
}

void stvm_rpc_log(stvm_rpc_server* server, const char* text) {
  server->length = MESSAGE_HEADER_BYTES;
  for (uint32_t i = 0; i < LOG_BYTES_MAXIMUM && text[i] != '\0'; ++i) {
    stvm_rpc_write_bytes(server, &text[i], 1);
  }
  stvm_rpc_send(server, 0, MESSAGE_LOG);
}

/* A session's number is the host's nonce and then the device's, neither of them 0. */
static void start_session(stvm_rpc_server* server, uint16_t session) {
  const uint8_t host_nonce = (uint8_t)session;
  if (host_nonce == 0) {
    return;
  }
  forget_session(server);
  const uint32_t random = server->platform.entropy();
  const uint8_t last = server->nonce;
  server->nonce = (uint8_t)(random ^ random >> 8 ^ random >> 16 ^ random >> 24);
  while (server->nonce == 0 || server->nonce == last) {
    ++server->nonce;
  }
  server->session = (uint16_t)(host_nonce | (uint32_t)server->nonce << 8);
  server->packet[MESSAGE_HEADER_BYTES] = SESSION_VERSION;
  server->length = MESSAGE_HEADER_BYTES + 1;
  stvm_rpc_send(server, server->session, MESSAGE_STARTED);
}

static void copy_between(stvm_rpc_server* server, stvm_rpc_reader* reader, bool to_device) {
  const uint64_t data = stvm_rpc_read(reader, 8);
  stvm_rpc_read(reader, 8);
  const uint64_t dimensions = stvm_rpc_read(reader, 4);
  stvm_rpc_read(reader, 4);
  stvm_rpc_read_bytes(reader, dimensions * 8);
  const uint64_t address = (uintptr_t)data + stvm_rpc_read(reader, 8);
  const uint64_t bytes = stvm_rpc_read(reader, 8);
  const uint8_t* const contents = to_device ? stvm_rpc_read_bytes(reader, bytes) : NULL;
  if (reader->ended) {
    stvm_rpc_reply_exception(server, "the copy's request ends before its data does");
  } else if (to_device ? !stvm_rpc_holds(&server->memory, address, bytes)
                       : !stvm_rpc_readable(server, address, bytes)) {
    stvm_rpc_reply_exception(server, "the copy is not inside a tensor that was allocated on the device");
  } else if (to_device) {
    stvm_rpc_copy((void*)(uintptr_t)address, contents, (uint32_t)bytes);
    stvm_rpc_reply_nothing(server);
  } else {
    stvm_rpc_reply_start(server, STVM_RPC_CODE_COPY_ACKNOWLEDGED);
    stvm_rpc_write_bytes(server, (const void*)(uintptr_t)address,
                         bytes > STVM_RPC_PACKET_BYTES ? UINT32_MAX : (uint32_t)bytes);
    stvm_rpc_reply_send(server);
  }
}

static void copy_on_device(stvm_rpc_server* server) {
  const stvm_rpc_arguments* const arguments = &server->arguments;
  const DLTensor* const from = &arguments->tensors[0];
  const DLTensor* const to = &arguments->tensors[1];
  if (arguments->count < 2 || arguments->codes[0] != kTVMDLTensorHandle || arguments->codes[1] != kTVMDLTensorHandle) {
    stvm_rpc_reply_exception(server, "a copy on the device takes two tensors");
    return;
  }
  const uint64_t bytes = stvm_rpc_tensor_bytes(from);
  const uint64_t source = (uintptr_t)from->data + from->byte_offset;
  const uint64_t destination = (uintptr_t)to->data + to->byte_offset;
  if (bytes != stvm_rpc_tensor_bytes(to) || !stvm_rpc_readable(server, source, bytes) ||
      !stvm_rpc_holds(&server->memory, destination, bytes)) {
    stvm_rpc_reply_exception(server, "the tensors to copy are not of one size and on the device");
    return;
  }
  stvm_rpc_copy((void*)(uintptr_t)destination, (const void*)(uintptr_t)source, (uint32_t)bytes);
  stvm_rpc_reply_nothing(server);
}

static void allocate(stvm_rpc_server* server, uint64_t bytes) {
  void* const address = stvm_rpc_allocate(&server->memory, bytes, STVM_RPC_USE_TENSOR);
  if (address != NULL) {
    stvm_rpc_reply_value(server, kTVMOpaqueHandle, (uintptr_t)address);
    return;
  }
  stvm_rpc_reply_exception(
      server, stvm_rpc_number_message(server, "the device has no room for the tensor: its largest free part has ",
                                      stvm_rpc_largest_free(&server->memory), " bytes"));
}

/* The requests whose values are a packed sequence. */
static void serve_values(stvm_rpc_server* server, uint32_t code) {
  const stvm_rpc_arguments* const arguments = &server->arguments;
  switch (code) {
    case STVM_RPC_CODE_INIT_SERVER:
    case STVM_RPC_CODE_SET_DEVICE:
    case STVM_RPC_CODE_SYNCHRONIZE:
      stvm_rpc_reply_nothing(server);
      return;
    case STVM_RPC_CODE_GET_ATTRIBUTE:
      /* (device, kind); kind 0 asks whether the device is there, and nothing else is known of it */
      stvm_rpc_reply_value(
          server, stvm_rpc_is_integer(arguments, 1) && arguments->values[1].v_int64 == 0 ? kTVMArgInt : kTVMNullptr, 1);
      return;
    case STVM_RPC_CODE_GET_GLOBAL_FUNCTION:
      if (stvm_rpc_is_string(arguments, 0)) {
        stvm_rpc_reply_value(server, kTVMOpaqueHandle, stvm_rpc_find_global(arguments->values[0].v_str));
        return;
      }
      break;
    case STVM_RPC_CODE_FREE_HANDLE:
      if (arguments->count == 2 && arguments->codes[0] == kTVMOpaqueHandle) {
        stvm_rpc_free_function(server, (uint32_t)(uintptr_t)arguments->values[0].v_handle);
        stvm_rpc_reply_nothing(server);
        return;
      }
      break;
    case STVM_RPC_CODE_ALLOCATE:
      if (stvm_rpc_is_integer(arguments, 1)) {
        allocate(server, (uint64_t)arguments->values[1].v_int64);
        return;
      }
      break;
    case STVM_RPC_CODE_ALLOCATE_WITH_SCOPE:
      if (arguments->count >= 1 && arguments->codes[0] == kTVMDLTensorHandle) {
        allocate(server, stvm_rpc_tensor_bytes(&arguments->tensors[0]));
        return;
      }
      break;
    case STVM_RPC_CODE_FREE:
      if (arguments->count == 2 && arguments->codes[1] == kTVMOpaqueHandle &&
          stvm_rpc_release(&server->memory, arguments->values[1].v_handle, STVM_RPC_USE_TENSOR)) {
        stvm_rpc_reply_nothing(server);
        return;
      }
      break;
    case STVM_RPC_CODE_COPY_AMONG_REMOTE:
      copy_on_device(server);
      return;
    default:
      break;
  }
  stvm_rpc_reply_exception(
      server, stvm_rpc_number_message(server, "request ", code, " is not one that the device can carry out so"));
}

static void call(stvm_rpc_server* server, uint32_t function) {
  stvm_rpc_result result;
  const char* const fault = stvm_rpc_call(server, function, &result);
  if (fault != NULL) {
    stvm_rpc_reply_exception(server, fault);
  } else {
    stvm_rpc_reply_result(server, &result);
  }
}

static stvm_rpc_status serve_request(stvm_rpc_server* server, stvm_rpc_reader* reader) {
  const uint64_t bytes = stvm_rpc_read(reader, 8);
  const bool is_whole = !reader->ended && bytes == reader->left;
  const uint32_t code = (uint32_t)stvm_rpc_read(reader, 4);
  if (!is_whole || reader->ended) {
    stvm_rpc_reply_exception(server, "the request has not the length that it states");
    return STVM_RPC_SERVING;
  }
  if (code == STVM_RPC_CODE_SHUTDOWN) {
    forget_session(server);
    return STVM_RPC_SHUTDOWN;
  }
  if (code == STVM_RPC_CODE_COPY_TO_REMOTE || code == STVM_RPC_CODE_COPY_FROM_REMOTE) {
    copy_between(server, reader, code == STVM_RPC_CODE_COPY_TO_REMOTE);
    return STVM_RPC_SERVING;
  }
  const uint32_t function = code == STVM_RPC_CODE_CALL ? (uint32_t)stvm_rpc_read(reader, 8) : 0;
  const char* const fault = stvm_rpc_read_arguments(server, reader);
  if (fault != NULL) {
    stvm_rpc_reply_exception(server, fault);
  } else if (code == STVM_RPC_CODE_CALL) {
    call(server, function);
  } else {
    serve_values(server, code);
  }
  return STVM_RPC_SERVING;
}

static stvm_rpc_status take_packet(stvm_rpc_server* server, uint32_t length) {
  const bool is_cut = length > sizeof server->packet;
  stvm_rpc_reader reader = {server->packet, is_cut ? (uint32_t)sizeof server->packet : length, false};
  const uint16_t session = (uint16_t)stvm_rpc_read(&reader, 2);
  const uint32_t type = (uint32_t)stvm_rpc_read(&reader, 1);
  if (reader.ended) {
    return STVM_RPC_SERVING;
  }
  if (type == MESSAGE_START) {
    start_session(server, session);
  } else if (type == MESSAGE_TERMINATE) {
    forget_session(server);
  } else if (type == MESSAGE_NORMAL && session != 0 && session == server->session) {
    if (!is_cut) {
      return serve_request(server, &reader);
    }
    stvm_rpc_reply_exception(
        server, stvm_rpc_number_message(server, "the packet has ", length, " bytes, more than the device receives"));
  }
  return STVM_RPC_SERVING;
}

stvm_rpc_status stvm_rpc_receive(stvm_rpc_server* server, uint8_t byte) {
  switch (stvm_rpc_unframe(&server->unframer, byte)) {
    case STVM_RPC_FRAME_COMPLETE:
      return take_packet(server, server->unframer.length);
    case STVM_RPC_FRAME_DAMAGED:
      if (server->session != 0) {
        stvm_rpc_log(server, "the device has dropped a damaged packet");
      }
      return STVM_RPC_SERVING;
    default:
      return STVM_RPC_SERVING;
  }
}
