/* SPDX-License-Identifier: Apache-2.0 */
/* A microTVM RPC server: the host allocates tensors on the device, calls the kernels of an archive on them and has the
 * calls timed, over a serial line. It serves the hosts of TVM 0.8 to 0.18 and needs none of their sources. No heap, no
 * stdio; C99. Whatever a host asks that cannot be done is answered by an exception that says why. */
#ifndef STVM_RPC_H
#define STVM_RPC_H

#include <stdbool.h>
#include <stdint.h>

#include "tvm/runtime/c_runtime_api.h"
#include "tvm/runtime/crt/module.h"
#include "tvm/runtime/metadata_types.h"

#include "stvm_rpc_frame.h"
#include "stvm_rpc_memory.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The largest payload either way. Hosts of TVM 0.12 and later receive no larger one. */
#define STVM_RPC_PACKET_BYTES 2048u
/* Most arguments of one call, and most dimensions of all its tensors together. */
#define STVM_RPC_ARGUMENTS 24u
#define STVM_RPC_DIMENSIONS 96u
/* Time evaluators that may be there at once. */
#define STVM_RPC_EVALUATORS 4u

/* What the server needs of the firmware. */
typedef struct stvm_rpc_platform {
  const TVMModule* library;  /* the archive's own tables */
  uint8_t* memory;           /* for tensors and workspaces */
  uint32_t memory_bytes;     /* size of it */
  const uint8_t* constants;  /* tensors may lie here too, to be read; NULL: nowhere else */
  uint32_t constants_bytes;  /* size of it */
  uint32_t ticks_per_second; /* at least 1000 */
  void (*start_ticks)(void); /* starts counting at 0 */
  uint64_t (*ticks)(void);   /* since start_ticks() */
  uint32_t (*entropy)(void); /* a number that differs from reset to reset */
  stvm_rpc_put put;
} stvm_rpc_platform;

typedef enum stvm_rpc_status {
  STVM_RPC_SERVING,
  STVM_RPC_SHUTDOWN /* the host has ended the session: reset the device */
} stvm_rpc_status;

/* The arguments of a call. */
typedef struct stvm_rpc_arguments {
  uint32_t count;
  uint32_t dimensions; /* used of `shapes` */
  TVMValue values[STVM_RPC_ARGUMENTS];
  int codes[STVM_RPC_ARGUMENTS];
  DLTensor tensors[STVM_RPC_ARGUMENTS];
  int64_t shapes[STVM_RPC_DIMENSIONS];
} stvm_rpc_arguments;

/* A function that is called `number` times, `repeat` times over. */
typedef struct stvm_rpc_evaluator {
  uint32_t function; /* its handle; 0 when the evaluator is free */
  int32_t number;
  int32_t repeat;
  int32_t minimum_repeat_ms;
  int32_t zero_time_limit;
  int32_t cooldown_ms;
  int32_t repeats_to_cooldown;
} stvm_rpc_evaluator;

/* The executor of an ahead-of-time module. */
typedef struct stvm_rpc_executor {
  const struct TVMMetadata* metadata; /* NULL when there is none */
  TVMBackendPackedCFunc run;
  DLTensor* tensors; /* inputs, then outputs; in the server's memory */
} stvm_rpc_executor;

typedef struct stvm_rpc_server {
  stvm_rpc_platform platform;
  stvm_rpc_memory memory;
  stvm_rpc_unframer unframer;
  uint16_t session; /* 0: none */
  uint8_t nonce;    /* the last one given */
  bool overflow;    /* the reply does not fit its packet */
  uint32_t length;  /* of the payload in `packet` */
  stvm_rpc_arguments arguments;
  stvm_rpc_evaluator evaluators[STVM_RPC_EVALUATORS];
  stvm_rpc_executor executor;
  char message[160];                     /* of an exception */
  uint8_t packet[STVM_RPC_PACKET_BYTES]; /* the request, then the reply to it */
} stvm_rpc_server;

/* Starts serving and tells the host that whatever session it had is over. There is one server, because kernels take
 * their workspaces without saying whose: TVMBackendAllocWorkspace and TVMBackendFreeWorkspace are defined here. */
void stvm_rpc_start(stvm_rpc_server* server, const stvm_rpc_platform* platform);

/* Takes the next byte of the line, and carries out and answers the request that it completes. */
stvm_rpc_status stvm_rpc_receive(stvm_rpc_server* server, uint8_t byte);

/* Shows a text, cut to a few hundred characters, in the host's log. */
void stvm_rpc_log(stvm_rpc_server* server, const char* text);

#ifdef __cplusplus
}
#endif

#endif /* STVM_RPC_H */
