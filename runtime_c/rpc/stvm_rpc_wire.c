/* SPDX-License-Identifier: Apache-2.0 */
#include "stvm_rpc_wire.h"

#include <stddef.h>
#include <string.h>

#define NORMAL_MESSAGE 0x10u
/* session, type */
#define MESSAGE_HEADER_BYTES 3u
/* the number of bytes behind it */
#define BODY_HEADER_BYTES 8u

uint32_t stvm_rpc_length(const char* text) {
  uint32_t length = 0;
  while (text[length] != '\0') {
    ++length;
  }
  return length;
}

bool stvm_rpc_same(const char* a, const char* b) {
  for (; *a == *b; ++a, ++b) {
    if (*a == '\0') {
      return true;
    }
  }
  return false;
}

void stvm_rpc_copy(void* to, const void* from, uint32_t bytes) {
  uint8_t* const destination = to;
  const uint8_t* const source = from;
  if (destination <= source) {
    for (uint32_t i = 0; i < bytes; ++i) {
      destination[i] = source[i];
    }
  } else {
    for (uint32_t i = bytes; i > 0; --i) {
      destination[i - 1] = source[i - 1];
    }
  }
}

uint8_t* stvm_rpc_read_bytes(stvm_rpc_reader* reader, uint64_t bytes) {
  if (bytes > reader->left) {
    reader->ended = true;
    reader->left = 0;
    return NULL;
  }
  uint8_t* const from = reader->at;
  reader->at += bytes;
  reader->left -= (uint32_t)bytes;
  return from;
}

uint64_t stvm_rpc_read(stvm_rpc_reader* reader, uint32_t bytes) {
  const uint8_t* const from = stvm_rpc_read_bytes(reader, bytes);
  uint64_t value = 0;
  for (uint32_t i = bytes; from != NULL && i > 0; --i) {
    value = value << 8 | from[i - 1];
  }
  return value;
}

static DLDataType read_data_type(stvm_rpc_reader* reader) {
  DLDataType type;
  type.code = (uint8_t)stvm_rpc_read(reader, 1);
  type.bits = (uint8_t)stvm_rpc_read(reader, 1);
  type.lanes = (uint16_t)stvm_rpc_read(reader, 2);
  return type;
}

/* On a device an address has 32 bits, and hosts send it back with its sign in the other 32. */
static void* as_pointer(uint64_t value) {
  return (void*)(uintptr_t)value;
}

static const char* read_tensor(stvm_rpc_arguments* arguments, stvm_rpc_reader* reader, uint32_t index) {
  DLTensor* const tensor = &arguments->tensors[index];
  tensor->data = as_pointer(stvm_rpc_read(reader, 8));
  stvm_rpc_read(reader, 4);
  tensor->device.device_type = kDLCPU;
  tensor->device.device_id = (int32_t)stvm_rpc_read(reader, 4);
  const uint32_t dimensions = (uint32_t)stvm_rpc_read(reader, 4);
  if (dimensions > STVM_RPC_DIMENSIONS - arguments->dimensions) {
    return "the tensors of the call have too many dimensions";
  }
  tensor->ndim = (int32_t)dimensions;
  tensor->dtype = read_data_type(reader);
  tensor->shape = &arguments->shapes[arguments->dimensions];
  tensor->strides = NULL;
  for (uint32_t i = 0; i < dimensions; ++i) {
    tensor->shape[i] = (int64_t)stvm_rpc_read(reader, 8);
  }
  arguments->dimensions += dimensions;
  tensor->byte_offset = stvm_rpc_read(reader, 8);
  arguments->values[index].v_handle = tensor;
  return NULL;
}

/* Moves the text one byte down, over its length, which makes room for a NUL. */
static const char* read_string(stvm_rpc_reader* reader) {
  const uint64_t bytes = stvm_rpc_read(reader, 8);
  uint8_t* const text = stvm_rpc_read_bytes(reader, bytes);
  if (text == NULL) {
    return "";
  }
  uint8_t* const moved = text - 1;
  stvm_rpc_copy(moved, text, (uint32_t)bytes);
  moved[bytes] = '\0';
  return (const char*)moved;
}

static const char* read_argument(stvm_rpc_server* server, stvm_rpc_reader* reader, uint32_t index) {
  TVMValue* const value = &server->arguments.values[index];
  value->v_int64 = 0;
  switch (server->arguments.codes[index]) {
    case kTVMArgInt:
    case STVM_RPC_TYPE_UINT:
    case kTVMArgFloat:
    case STVM_RPC_TYPE_BOOL:
    case STVM_RPC_TYPE_DATA_TYPE:
    case STVM_RPC_TYPE_DEVICE:
      value->v_int64 = (int64_t)stvm_rpc_read(reader, 8);
      return NULL;
    case kTVMOpaqueHandle:
    case STVM_RPC_TYPE_MODULE:
    case STVM_RPC_TYPE_FUNCTION:
      value->v_handle = as_pointer(stvm_rpc_read(reader, 8));
      return NULL;
    case kTVMNullptr:
      return NULL;
    case kTVMDLTensorHandle:
      return read_tensor(&server->arguments, reader, index);
    case STVM_RPC_TYPE_STRING:
      value->v_str = read_string(reader);
      return NULL;
    default:
      return stvm_rpc_number_message(server, "arguments of type code ", (uint32_t)server->arguments.codes[index],
                                     " are not taken");
  }
}

const char* stvm_rpc_read_arguments(stvm_rpc_server* server, stvm_rpc_reader* reader) {
  stvm_rpc_arguments* const arguments = &server->arguments;
  memset(arguments, 0, sizeof *arguments);
  const uint32_t count = (uint32_t)stvm_rpc_read(reader, 4);
  if (count > STVM_RPC_ARGUMENTS) {
    return stvm_rpc_number_message(server, "the call has ", count, " arguments, more than the device takes");
  }
  for (uint32_t i = 0; i < count; ++i) {
    arguments->codes[i] = (int)stvm_rpc_read(reader, 4);
  }
  for (uint32_t i = 0; i < count; ++i) {
    const char* const fault = read_argument(server, reader, i);
    if (fault != NULL) {
      return fault;
    }
  }
  arguments->count = count;
  return reader->ended ? "the request ends inside its arguments" : NULL;
}

void stvm_rpc_write_bytes(stvm_rpc_server* server, const void* from, uint32_t bytes) {
  if (bytes > STVM_RPC_PACKET_BYTES - server->length) {
    server->overflow = true;
  } else if (bytes != 0) {
    stvm_rpc_copy(server->packet + server->length, from, bytes); /* what is written may stand in the packet */
    server->length += bytes;
  }
}

void stvm_rpc_write(stvm_rpc_server* server, uint64_t value, uint32_t bytes) {
  uint8_t number[8];
  for (uint32_t i = 0; i < bytes; ++i) {
    number[i] = (uint8_t)(value >> (8u * i));
  }
  stvm_rpc_write_bytes(server, number, bytes);
}

static void overwrite(stvm_rpc_server* server, uint32_t offset, uint64_t value, uint32_t bytes) {
  const uint32_t length = server->length;
  server->length = offset;
  stvm_rpc_write(server, value, bytes);
  server->length = length;
}

void stvm_rpc_send(stvm_rpc_server* server, uint16_t session, uint8_t type) {
  overwrite(server, 0, session | (uint64_t)type << 16, MESSAGE_HEADER_BYTES);
  stvm_rpc_send_frame(server->platform.put, server->packet, server->length);
}

void stvm_rpc_reply_start(stvm_rpc_server* server, int32_t code) {
  server->overflow = false;
  server->length = MESSAGE_HEADER_BYTES + BODY_HEADER_BYTES;
  stvm_rpc_write(server, (uint32_t)code, 4);
}

void stvm_rpc_reply_send(stvm_rpc_server* server) {
  if (server->overflow) {
    stvm_rpc_reply_exception(server, "the reply is larger than the device's packets");
    return;
  }
  overwrite(server, MESSAGE_HEADER_BYTES, server->length - MESSAGE_HEADER_BYTES - BODY_HEADER_BYTES, BODY_HEADER_BYTES);
  stvm_rpc_send(server, server->session, NORMAL_MESSAGE);
}

void stvm_rpc_reply_value(stvm_rpc_server* server, int code, uint64_t value) {
  stvm_rpc_reply_start(server, STVM_RPC_CODE_RETURN);
  stvm_rpc_write(server, 1, 4);
  stvm_rpc_write(server, (uint32_t)code, 4);
  if (code != kTVMNullptr) {
    stvm_rpc_write(server, value, 8);
  }
  stvm_rpc_reply_send(server);
}

void stvm_rpc_reply_nothing(stvm_rpc_server* server) {
  stvm_rpc_reply_value(server, kTVMNullptr, 0);
}

void stvm_rpc_reply_exception(stvm_rpc_server* server, const char* message) {
  const uint32_t bytes = stvm_rpc_length(message);
  stvm_rpc_reply_start(server, STVM_RPC_CODE_EXCEPTION);
  stvm_rpc_write(server, 1, 4);
  stvm_rpc_write(server, STVM_RPC_TYPE_STRING, 4);
  stvm_rpc_write(server, bytes, 8);
  stvm_rpc_write_bytes(server, message, bytes);
  stvm_rpc_reply_send(server);
}

static void write_tensor(stvm_rpc_server* server, const DLTensor* tensor) {
  stvm_rpc_write(server, (uintptr_t)tensor->data, 8);
  stvm_rpc_write(server, (uint64_t)tensor->device.device_type, 4);
  stvm_rpc_write(server, (uint64_t)tensor->device.device_id, 4);
  stvm_rpc_write(server, (uint64_t)tensor->ndim, 4);
  stvm_rpc_write(server, tensor->dtype.code | (uint64_t)tensor->dtype.bits << 8 | (uint64_t)tensor->dtype.lanes << 16,
                 4);
  for (int32_t i = 0; i < tensor->ndim; ++i) {
    stvm_rpc_write(server, (uint64_t)tensor->shape[i], 8);
  }
  stvm_rpc_write(server, tensor->byte_offset, 8);
}

/* A function's value comes behind its type code: functions, modules and arrays as the handles that they are. */
void stvm_rpc_reply_result(stvm_rpc_server* server, const stvm_rpc_result* result) {
  const bool is_array = result->code == STVM_RPC_TYPE_ARRAY;
  const bool is_handle = result->code == STVM_RPC_TYPE_FUNCTION || result->code == STVM_RPC_TYPE_MODULE;
  stvm_rpc_reply_start(server, STVM_RPC_CODE_RETURN);
  stvm_rpc_write(server, is_array ? 3 : 2, 4);
  stvm_rpc_write(server, kTVMArgInt, 4);
  if (is_array) {
    stvm_rpc_write(server, kTVMDLTensorHandle, 4);
  }
  stvm_rpc_write(server, (uint32_t)(is_array || is_handle ? kTVMOpaqueHandle : result->code), 4);
  stvm_rpc_write(server, (uint64_t)result->code, 8);
  if (is_array) {
    write_tensor(server, result->tensor);
  }
  if (result->code == STVM_RPC_TYPE_STRING || result->code == STVM_RPC_TYPE_BYTES) {
    stvm_rpc_write(server, result->bytes, 8);
    stvm_rpc_write_bytes(server, result->value.v_handle, result->bytes);
  } else if (is_array || is_handle || result->code == kTVMOpaqueHandle) {
    stvm_rpc_write(server, (uintptr_t)result->value.v_handle, 8);
  } else if (result->code != kTVMNullptr) {
    stvm_rpc_write(server, (uint64_t)result->value.v_int64, 8);
  }
  stvm_rpc_reply_send(server);
}

/* Adds as much of the text as fits, in characters that any log can show. */
static uint32_t append(stvm_rpc_server* server, uint32_t length, const char* text) {
  for (; *text != '\0' && length + 1 < sizeof server->message; ++text) {
    server->message[length++] = *text < ' ' || *text > '~' ? '?' : *text;
  }
  server->message[length] = '\0';
  return length;
}

const char* stvm_rpc_message(stvm_rpc_server* server, const char* text, const char* name, const char* rest) {
  append(server, append(server, append(server, 0, text), name), rest);
  return server->message;
}

const char* stvm_rpc_number_message(stvm_rpc_server* server, const char* text, uint32_t number, const char* rest) {
  char digits[11];
  uint32_t at = sizeof digits - 1;
  digits[at] = '\0';
  do {
    digits[--at] = (char)('0' + number % 10);
    number /= 10;
  } while (number != 0);
  return stvm_rpc_message(server, text, digits + at, rest);
}
