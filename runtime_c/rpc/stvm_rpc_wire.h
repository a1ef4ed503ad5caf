/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a request's values and writing a reply's. Both stand in the server's one packet buffer: a reply is begun when
 * its request has been read. */
#ifndef STVM_RPC_WIRE_H
#define STVM_RPC_WIRE_H

#include "stvm_rpc.h"

/* Codes of TVM's RPC (apache/tvm src/runtime/minrpc/rpc_reference.h). */
enum {
  STVM_RPC_CODE_SHUTDOWN = 1,
  STVM_RPC_CODE_INIT_SERVER = 2,
  STVM_RPC_CODE_CALL = 3,
  STVM_RPC_CODE_RETURN = 4,
  STVM_RPC_CODE_EXCEPTION = 5,
  STVM_RPC_CODE_COPY_FROM_REMOTE = 6,
  STVM_RPC_CODE_COPY_TO_REMOTE = 7,
  STVM_RPC_CODE_COPY_ACKNOWLEDGED = 8,
  STVM_RPC_CODE_GET_GLOBAL_FUNCTION = 9,
  STVM_RPC_CODE_FREE_HANDLE = 10,
  STVM_RPC_CODE_SET_DEVICE = 11,
  STVM_RPC_CODE_GET_ATTRIBUTE = 12,
  STVM_RPC_CODE_ALLOCATE = 13,
  STVM_RPC_CODE_FREE = 14,
  STVM_RPC_CODE_SYNCHRONIZE = 15,
  STVM_RPC_CODE_COPY_AMONG_REMOTE = 16,
  STVM_RPC_CODE_ALLOCATE_WITH_SCOPE = 17
};

/* TVM's type codes of values, beside those of c_runtime_api.h. */
enum {
  STVM_RPC_TYPE_UINT = 1,
  STVM_RPC_TYPE_DATA_TYPE = 5,
  STVM_RPC_TYPE_DEVICE = 6,
  STVM_RPC_TYPE_MODULE = 9,
  STVM_RPC_TYPE_FUNCTION = 10,
  STVM_RPC_TYPE_STRING = 11,
  STVM_RPC_TYPE_BYTES = 12,
  STVM_RPC_TYPE_ARRAY = 13,
  STVM_RPC_TYPE_BOOL = 15
};

/* Small ones of their own: those of C libraries are made for speed and take more room than the server has. */
uint32_t stvm_rpc_length(const char* text);
bool stvm_rpc_same(const char* a, const char* b);
void stvm_rpc_copy(void* to, const void* from, uint32_t bytes); /* as memmove() does */

/* What is left of a request. */
typedef struct stvm_rpc_reader {
  uint8_t* at;
  uint32_t left;
  bool ended; /* more was asked for than there is; all values from then on are 0 */
} stvm_rpc_reader;

uint64_t stvm_rpc_read(stvm_rpc_reader* reader, uint32_t bytes); /* a little-endian number of at most 8 bytes */
uint8_t* stvm_rpc_read_bytes(stvm_rpc_reader* reader, uint64_t bytes);

/* Reads a packed sequence into the server's arguments. Strings stay in the packet, with a NUL behind them. Returns what
 * is wrong with it, or NULL. */
const char* stvm_rpc_read_arguments(stvm_rpc_server* server, stvm_rpc_reader* reader);

/* The value of a function. */
typedef struct stvm_rpc_result {
  int code; /* kTVMNullptr: none */
  TVMValue value;
  uint32_t bytes;         /* how many value.v_handle shows, for bytes */
  const DLTensor* tensor; /* of an array */
} stvm_rpc_result;

void stvm_rpc_reply_start(stvm_rpc_server* server, int32_t code);
void stvm_rpc_write(stvm_rpc_server* server, uint64_t value, uint32_t bytes);
void stvm_rpc_write_bytes(stvm_rpc_server* server, const void* from, uint32_t bytes);
void stvm_rpc_reply_send(stvm_rpc_server* server);

/* Whole replies. */
void stvm_rpc_reply_nothing(stvm_rpc_server* server);
void stvm_rpc_reply_value(stvm_rpc_server* server, int code, uint64_t value);
void stvm_rpc_reply_result(stvm_rpc_server* server, const stvm_rpc_result* result);
void stvm_rpc_reply_exception(stvm_rpc_server* server, const char* message);

/* Builds a message in server->message, and returns it. */
const char* stvm_rpc_message(stvm_rpc_server* server, const char* text, const char* name, const char* rest);
const char* stvm_rpc_number_message(stvm_rpc_server* server, const char* text, uint32_t number, const char* rest);

/* Sends the payload in the packet as a message of this type in this session. */
void stvm_rpc_send(stvm_rpc_server* server, uint16_t session, uint8_t type);

#endif /* STVM_RPC_WIRE_H */
