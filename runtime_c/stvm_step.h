/* SPDX-License-Identifier: Apache-2.0 */
/* Runs in time slices, and observers of operators, for an instance of any device API. Linked only where they are used.
 */
#ifndef STVM_STEP_H
#define STVM_STEP_H

#include "stvm.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How far a run has come; the caller's, one for each instance. Start with next = 0. */
typedef struct stvm_progress {
  stvm_context instance;
  uint32_t next; /* index of the operator that runs next; 0 again when a run is done or has failed */
} stvm_progress;

/* What one call may do. It always runs one operator, so that a run ends. */
typedef struct stvm_slice {
  uint32_t operators;           /* run at most so many; 0: any number */
  int (*is_over)(void* cookie); /* whether the deadline has come, asked after each operator; NULL: there is none */
  void* cookie;
} stvm_slice;

/* What an observer is told before and after each operator. */
typedef struct stvm_event {
  const stvm_context* instance;
  const stvm_details* details;
  uint32_t index;   /* of the operator in network->operators and details->operator_names */
  uint32_t is_done; /* 0: it is about to run; 1: it has run */
  uint64_t ticks;   /* of the observer's clock; 0 without one */
} stvm_event;

typedef struct stvm_observer {
  void (*notify)(void* cookie, const stvm_event* event);
  void* cookie;
  uint64_t (*ticks)(void); /* the port's counter; NULL: none */
  const stvm_details* details;
} stvm_observer;

/* Goes on with a run. STVM_OK: it is done; STVM_RUNNING: call again; else the failure. `slice` NULL: to the end.
 * `observer` NULL: none. Inputs stay as they are until the run is done; other instances may run in between. */
stvm_status stvm_step(stvm_progress* progress, const stvm_slice* slice, const stvm_observer* observer);

/* The descriptor of an operator's tensor in this instance, by its place among the operator's operands. */
DLTensor stvm_operand(const stvm_details* details, const stvm_context* instance, uint32_t index, uint32_t operand);

#ifdef __cplusplus
}
#endif

#endif /* STVM_STEP_H */
