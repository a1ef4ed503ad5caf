/* SPDX-License-Identifier: Apache-2.0 */
/* runtime.RPCTimeEvaluator: how long a call takes, as TVM's own measures it. */
#include <stddef.h>

#include "stvm_rpc_functions.h"

/* Results that fit a packet beside what else is in it. */
#define REPEATS_MAXIMUM 240

static int32_t integer(const stvm_rpc_arguments* arguments, uint32_t index) {
  const int64_t value = arguments->values[index].v_int64;
  return (int32_t)(value < INT32_MIN ? INT32_MIN : value > INT32_MAX ? INT32_MAX : value);
}

/* The host's TVM decides how many arguments there are:
 *   module, name, device type, device id, number, repeat, min_repeat_ms,
 *   limit_zero_time_iterations             from 0.10 on
 *   cooldown_interval_ms, repeats_to_cooldown  from 0.9 on
 *   cache_flush_bytes                      from 0.14 on
 *   f_preproc
 * The last two have no meaning here and are not looked at. */
static const char* check_arguments(const stvm_rpc_arguments* arguments) {
  const uint32_t count = arguments->count;
  if (count != 8 && (count < 10 || count > 12)) {
    return "runtime.RPCTimeEvaluator takes 8, 10, 11 or 12 arguments";
  }
  bool is_right = arguments->codes[0] == STVM_RPC_TYPE_MODULE && stvm_rpc_is_string(arguments, 1) &&
                  (stvm_rpc_is_string(arguments, count - 1) || arguments->codes[count - 1] == kTVMNullptr);
  for (uint32_t i = 2; i < count - 1; ++i) {
    is_right = is_right && stvm_rpc_is_integer(arguments, i);
  }
  if (!is_right) {
    return "runtime.RPCTimeEvaluator takes a module, a name, numbers and a name";
  }
  if (integer(arguments, 4) < 1 || integer(arguments, 5) < 1 || integer(arguments, 5) > REPEATS_MAXIMUM) {
    return "a time evaluator's number must be at least 1, and its repeat from 1 to 240";
  }
  return NULL;
}

const char* stvm_rpc_make_evaluator(stvm_rpc_server* server, stvm_rpc_result* result) {
  const stvm_rpc_arguments* const arguments = &server->arguments;
  const char* const fault = check_arguments(arguments);
  if (fault != NULL) {
    return fault;
  }
  const uint32_t function =
      stvm_rpc_find_function(server, (uint32_t)(uintptr_t)arguments->values[0].v_handle, arguments->values[1].v_str);
  if (function == 0) {
    return stvm_rpc_message(server, "the module has no function ", arguments->values[1].v_str, " to time");
  }
  const bool has_limit = arguments->count >= 11;
  const uint32_t cooldown = has_limit ? 8 : 7;
  for (uint32_t i = 0; i < STVM_RPC_EVALUATORS; ++i) {
    stvm_rpc_evaluator* const evaluator = &server->evaluators[i];
    if (evaluator->function == 0) {
      evaluator->function = function;
      evaluator->number = integer(arguments, 4);
      evaluator->repeat = integer(arguments, 5);
      evaluator->minimum_repeat_ms = integer(arguments, 6);
      evaluator->zero_time_limit = has_limit ? integer(arguments, 7) : 100;
      evaluator->cooldown_ms = arguments->count == 8 ? 0 : integer(arguments, cooldown);
      evaluator->repeats_to_cooldown = arguments->count == 8 ? 1 : integer(arguments, cooldown + 1);
      result->code = STVM_RPC_TYPE_FUNCTION;
      result->value.v_handle = (void*)(uintptr_t)stvm_rpc_function_handle(STVM_RPC_MODULE_EVALUATORS, i);
      return NULL;
    }
  }
  return "the device has no more time evaluators; free one";
}

static uint64_t milliseconds(const stvm_rpc_server* server, int32_t count) {
  return count <= 0 ? 0 : (uint64_t)count * (server->platform.ticks_per_second / 1000u);
}

static void wait(const stvm_rpc_server* server, int32_t count) {
  const uint64_t ticks = milliseconds(server, count);
  server->platform.start_ticks();
  while (server->platform.ticks() < ticks) {
    /* The device cools down. */
  }
}

/* In two halves, which a core with a floating-point unit converts itself. */
static float as_float(uint64_t value) {
  return (float)(uint32_t)(value >> 32) * 4294967296.0f + (float)(uint32_t)value;
}

/* So many calls that the next try will take long enough: as the last one's time tells, and at least 1.618 times more.
 */
static int32_t more_calls(int32_t number, uint64_t ticks, uint64_t needed) {
  const float by_time = as_float(needed) / as_float(ticks) * (float)number + 1.0f;
  const float by_ratio = (float)number * 1.618f;
  const float more = by_time > by_ratio ? by_time : by_ratio;
  return more >= 2147483648.0f ? INT32_MAX : (int32_t)more;
}

/* dividend / divisor as the bits of the nearest double, by long division: with the compiler's functions for doubles the
 * server would be 2 KB larger on a core that has none. Both are less than 2^62, and the divisor is not 0. */
static uint64_t double_bits(uint64_t dividend, uint64_t divisor) {
  uint64_t exponent = 1023;
  if (dividend == 0) {
    return 0;
  }
  for (; dividend < divisor; --exponent) {
    dividend <<= 1;
  }
  for (; dividend >> 1 >= divisor; ++exponent) {
    divisor <<= 1;
  }
  uint64_t significand = 0;
  for (uint32_t bit = 0; bit < 53; ++bit) {
    significand <<= 1;
    if (dividend >= divisor) {
      dividend -= divisor;
      significand |= 1;
    }
    dividend <<= 1;
  }
  significand += dividend >= divisor;
  /* The leading bit of the significand adds the 1 that the exponent lacks. */
  return ((exponent - 1) << 52) + significand;
}

/* Times one repeat; `number` stays as it grew. */
static const char* repeat_once(stvm_rpc_server* server, const stvm_rpc_evaluator* evaluator,
                               TVMBackendPackedCFunc kernel, int32_t* number, uint64_t* ticks) {
  const uint64_t needed = milliseconds(server, evaluator->minimum_repeat_ms);
  int32_t zero_times = 0;
  *ticks = 0;
  do {
    if (*ticks > 0) {
      *number = more_calls(*number, *ticks, needed);
    }
    stvm_rpc_result ignored;
    const char* fault = NULL;
    server->platform.start_ticks();
    for (int32_t i = 0; i < *number && fault == NULL; ++i) {
      fault = stvm_rpc_call_kernel(server, kernel, &ignored);
    }
    *ticks = server->platform.ticks();
    if (fault != NULL) {
      return fault;
    }
    zero_times += *ticks == 0;
  } while (*ticks < needed && zero_times < evaluator->zero_time_limit && *number < INT32_MAX);
  return NULL;
}

/* The first call warms up. */
static const char* measure(stvm_rpc_server* server, const stvm_rpc_evaluator* evaluator, uint64_t* seconds) {
  TVMBackendPackedCFunc kernel;
  stvm_rpc_result ignored;
  const char* fault = stvm_rpc_prepare(server, evaluator->function, &kernel);
  fault = fault != NULL ? fault : stvm_rpc_call_kernel(server, kernel, &ignored);
  int32_t number = evaluator->number;
  for (int32_t i = 0; i < evaluator->repeat && fault == NULL; ++i) {
    uint64_t ticks = 0;
    if (evaluator->cooldown_ms > 0 && evaluator->repeats_to_cooldown > 0 && i % evaluator->repeats_to_cooldown == 0) {
      wait(server, evaluator->cooldown_ms);
    }
    fault = repeat_once(server, evaluator, kernel, &number, &ticks);
    seconds[i] = double_bits(ticks, (uint64_t)number * server->platform.ticks_per_second);
  }
  return fault;
}

const char* stvm_rpc_evaluate(stvm_rpc_server* server, stvm_rpc_evaluator* evaluator, stvm_rpc_result* result) {
  const uint32_t bytes = (uint32_t)evaluator->repeat * (uint32_t)sizeof(uint64_t);
  uint64_t* const seconds = stvm_rpc_allocate(&server->memory, bytes, STVM_RPC_USE_TENSOR);
  if (seconds == NULL) {
    return "there is no memory for the times that were asked for";
  }
  const char* const fault = measure(server, evaluator, seconds);
  if (fault == NULL) {
    /* In the request's place, which is no longer needed, and behind what a reply starts with. */
    uint8_t* const kept = server->packet + STVM_RPC_PACKET_BYTES - bytes;
    stvm_rpc_copy(kept, seconds, bytes);
    result->code = STVM_RPC_TYPE_BYTES;
    result->bytes = bytes;
    result->value.v_handle = kept;
  }
  stvm_rpc_release(&server->memory, seconds, STVM_RPC_USE_TENSOR);
  return fault;
}
