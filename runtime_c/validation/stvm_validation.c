/* SPDX-License-Identifier: Apache-2.0 */
/* Requests and answers of the validation protocol. Numbers are those of its messages, version 3.1, which hosts of 3.2
 * take too. */
#include "stvm_validation.h"

#include <stddef.h>
#include <string.h>

enum { protocol_version = 0x0301 };

enum { command_sync = 0, command_system = 1, command_disconnect = 2, command_network = 10, command_run = 11 };

typedef enum state { state_idle = 0, state_waiting = 1, state_processing = 2, state_done = 3, state_error = 4 } state;

enum { error_none = 0, error_size = 1, error_param = 4, error_generic = 10 };

enum { run_per_layer = 2, run_with_data = 4, run_constant = 8 | 512 };

/* The runtime is TVM's, the compiler is GCC, and the count of multiplications is not known. */
enum { runtime_id = 3 | 1 << 16 | 4 << 24, capability_observer = 1 };

enum {
  tensor_input = 1,
  tensor_output = 2,
  tensor_inner = 4,
  tensor_pool = 8,
  tensor_last = 256,
  tensor_no_data = 512
};

enum { operator_inner = 1 << 24, operator_last = 2 << 24 };

enum { shape_with_batch = 5 << 24, shape_without_batch = 4 << 24 };

/* Fields of an answer that carry its content. */
enum {
  answer_sync = 10,
  answer_system = 11,
  answer_ack = 12,
  answer_operator = 16,
  answer_tensor = 17,
  answer_network = 22
};

enum { tag_varint = 0, tag_bytes = 2 };

typedef struct request {
  uint32_t id;
  uint32_t command;
  uint32_t param;
  char name[STVM_VALIDATION_NAME_LONGEST + 1];
} request;

/* A tensor as messages describe it. */
typedef struct description {
  const char* name; /* NULL: the number says which tensor it is */
  uint32_t number;
  uint32_t format;
  uint32_t elements;
  uint32_t rank;
  const int64_t* shape; /* NULL: one dimension, of all elements */
  float scale;
  int32_t zero_point;
  const uint8_t* address;
  uint32_t bytes; /* of the data that is sent with it */
  uint32_t flags;
} description;

/* What an answer is made of; each kind of content uses some. */
typedef struct content {
  const stvm_validation* device;
  const stvm_validation_model* model;
  const description* tensor;
  const char* name;
  uint32_t number;
  uint32_t type;
  uint64_t ticks;
} content;

typedef void (*write_content)(stvm_writer* writer, const content* what);

static uint32_t count_of(write_content write, const content* what) {
  stvm_writer counter;
  stvm_writer_open(&counter, NULL);
  write(&counter, what);
  return counter.bytes;
}

static void write_inside(stvm_writer* writer, uint32_t field, write_content write, const content* what) {
  stvm_write_message(writer, field, count_of(write, what));
  write(writer, what);
}

static void answer(stvm_validation* device, const request* to, state now, uint32_t field, write_content write,
                   const content* what) {
  stvm_writer writer;
  stvm_writer_open(&writer, &device->link);
  stvm_write_integer(&writer, 1, to->id);
  stvm_write_integer(&writer, 2, (uint64_t)now);
  write_inside(&writer, field, write, what);
  stvm_writer_close(&writer);
}

static void write_ack(stvm_writer* writer, const content* what) {
  stvm_write_integer(writer, 1, what->number);
  stvm_write_integer(writer, 2, what->type);
}

static void acknowledge(stvm_validation* device, const request* to, state now, uint32_t param, uint32_t error) {
  content what = {0};
  what.number = param;
  what.type = error;
  answer(device, to, now, answer_ack, write_ack, &what);
}

static void write_sync(stvm_writer* writer, const content* what) {
  (void)what;
  stvm_write_integer(writer, 1, protocol_version);
  stvm_write_integer(writer, 4, capability_observer);
  stvm_write_integer(writer, 5, runtime_id);
}

static void write_system(stvm_writer* writer, const content* what) {
  stvm_write_integer(writer, 1, what->device->device_id);
  stvm_write_integer(writer, 2, what->device->clock_hz);
  stvm_write_integer(writer, 3, what->device->clock_hz);
  stvm_write_integer(writer, 4, 0);
  /* Packets stay as they are: com_param of the later form, one more number of the earlier. */
  stvm_write_integer(writer, 5, 0);
}

/* A number as text. */
static void write_number(stvm_writer* writer, uint32_t field, uint32_t number) {
  char digits[11] = {0};
  uint32_t at = sizeof digits - 1;
  do {
    digits[--at] = (char)('0' + number % 10);
    number /= 10;
  } while (number != 0);
  stvm_write_text(writer, field, &digits[at], sizeof digits);
}

static void write_description(stvm_writer* writer, const content* what) {
  const description* const tensor = what->tensor;
  if (tensor->name != NULL) {
    stvm_write_text(writer, 1, tensor->name, STVM_VALIDATION_NAME_LONGEST);
  } else {
    write_number(writer, 1, tensor->number);
  }
  stvm_write_integer(writer, 2, tensor->format);
  stvm_write_integer(writer, 3, tensor->elements);
  stvm_write_integer(writer, 4, tensor->rank);
  for (uint32_t i = 0; i < (tensor->rank & 0xFFU); ++i) {
    stvm_write_integer(writer, 5, tensor->shape == NULL ? tensor->elements : (uint64_t)tensor->shape[i]);
  }
  stvm_write_float(writer, 6, tensor->scale);
  stvm_write_signed(writer, 7, tensor->zero_point);
  stvm_write_integer(writer, 8, (uint32_t)(uintptr_t)tensor->address);
  stvm_write_integer(writer, 9, tensor->flags);
}

static void write_data(stvm_writer* writer, const content* what) {
  stvm_write_integer(writer, 1, 0);
  stvm_write_integer(writer, 2, what->tensor->bytes);
  stvm_write_integer(writer, 3, (uint32_t)(uintptr_t)what->tensor->address);
  stvm_write_bytes(writer, 4, what->tensor->address, what->tensor->bytes);
}

static void write_tensor(stvm_writer* writer, const content* what) {
  write_inside(writer, 1, write_description, what);
  write_inside(writer, 2, write_data, what);
}

static void write_operator(stvm_writer* writer, const content* what) {
  const uint64_t ticks = what->ticks;
  stvm_write_text(writer, 1, what->name, STVM_VALIDATION_NAME_LONGEST);
  stvm_write_integer(writer, 2, what->type);
  stvm_write_integer(writer, 3, what->number);
  stvm_write_float(writer, 4, (float)ticks * 1000.0f / (float)what->device->ticks_hz);
  stvm_write_integer(writer, 5, 0);
  stvm_write_integer(writer, 6, (uint32_t)ticks);
  stvm_write_integer(writer, 6, (uint32_t)(ticks >> 32));
  /* Stack and heap are not measured here. */
  stvm_write_signed(writer, 7, -1);
  stvm_write_signed(writer, 8, -1);
}

/* DLPack's type as the protocol's 32-bit number: sign, kind, bits, and 64 for no fractional bits. */
static uint32_t format_of(DLDataType type) {
  const uint32_t is_bool = type.code == kDLUInt && type.bits == 1;
  const uint32_t is_float = type.code == kDLFloat;
  const uint32_t kind = is_float ? 1U : is_bool ? 3U : 2U;
  const uint32_t sign = type.code == kDLUInt ? 0U : 1U;
  return sign << 23 | kind << 17 | (is_bool ? 8U : (uint32_t)type.bits) << 7 | 64U;
}

static const stvm_network* network_of(const stvm_validation_model* model) {
  return model->details->network;
}

static description describe(const stvm_validation_model* model, uint32_t index, uint32_t flags) {
  const stvm_network* const network = network_of(model);
  const stvm_tensor* const tensor = &model->details->tensors[index];
  const uint32_t interface_count = (uint32_t)network->input_count + network->output_count;
  const int32_t rank = tensor->dltensor.ndim;
  description result;
  memset(&result, 0, sizeof result);
  result.number = index;
  result.format = format_of(tensor->dltensor.dtype);
  result.bytes = stvm_tensor_bytes(&tensor->dltensor);
  result.elements = 1;
  for (int32_t i = 0; i < rank; ++i) {
    result.elements *= (uint32_t)tensor->dltensor.shape[i];
  }
  result.shape = rank > 0 ? tensor->dltensor.shape : NULL;
  /* Hosts want a batch of one in front; they put it there where the shape has none. */
  result.rank = rank > 0 ? (uint32_t)rank : 1U;
  result.rank |= rank > 0 && tensor->dltensor.shape[0] == 1 ? shape_with_batch : shape_without_batch;
  if (index < interface_count) {
    result.name = model->names[index];
    result.scale = model->scales[index];
    result.zero_point = model->zero_points[index];
  }
  result.address = model->pools[tensor->place.pool] + tensor->place.offset;
  result.flags = flags;
  return result;
}

/* A block of bytes: the arenas and the weights. */
static description describe_pool(const stvm_validation_model* model, uint32_t pool, const char* name) {
  description result;
  memset(&result, 0, sizeof result);
  result.name = name;
  result.format = format_of((DLDataType){kDLUInt, 8, 1});
  result.elements = network_of(model)->pools[pool].bytes;
  result.rank = 1U | shape_without_batch;
  result.address = model->pools[pool];
  result.flags = tensor_pool;
  return result;
}

/* Tensors from `first` on with these flags, or pools that are called so. */
typedef struct listed {
  uint32_t first;
  uint32_t count;
  uint32_t flags;
  const char* pool_name; /* NULL: tensors */
} listed;

static void write_list(stvm_writer* writer, uint32_t field, const content* what, listed list) {
  content each = *what;
  stvm_write_integer(writer, field, list.count);
  for (uint32_t i = list.first; i < list.first + list.count; ++i) {
    const description written =
        list.pool_name != NULL ? describe_pool(what->model, i, list.pool_name) : describe(what->model, i, list.flags);
    each.tensor = &written;
    write_inside(writer, field + 1, write_description, &each);
  }
}

static void write_network(stvm_writer* writer, const content* what) {
  const stvm_network* const network = network_of(what->model);
  listed weights = {stvm_weights_pool(network), 0, 0, "weights"};
  while (weights.count < network->weights_count && network->pools[weights.first + weights.count].bytes > 0) {
    ++weights.count;
  }
  stvm_write_text(writer, 1, what->model->name, STVM_VALIDATION_NAME_LONGEST);
  stvm_write_integer(writer, 2, runtime_id);
  stvm_write_text(writer, 3, what->model->signature, STVM_VALIDATION_NAME_LONGEST);
  stvm_write_text(writer, 4, "", 1);
  stvm_write_integer(writer, 5, what->device->tool_version);
  stvm_write_integer(writer, 6, what->device->tool_version);
  stvm_write_integer(writer, 7, 0);
  stvm_write_integer(writer, 8, network->operator_count);
  write_list(writer, 10, what, (listed){0, network->input_count, tensor_input, NULL});
  write_list(writer, 12, what, (listed){network->input_count, network->output_count, tensor_output, NULL});
  write_list(writer, 14, what, (listed){0, network->arena_count, 0, "arena"});
  write_list(writer, 16, what, weights);
  stvm_write_text(writer, 20, "stm32tvm", STVM_VALIDATION_NAME_LONGEST);
  stvm_write_float(writer, 21, 0.0f);
  stvm_write_float(writer, 22, 0.0f);
}

static void answer_tensor_of(stvm_validation* device, const request* to, state now, const content* what, uint32_t index,
                             uint32_t flags) {
  content with_tensor = *what;
  description tensor = describe(what->model, index, flags);
  if ((flags & tensor_no_data) != 0) {
    tensor.bytes = 0;
  }
  with_tensor.tensor = &tensor;
  answer(device, to, now, answer_tensor, write_tensor, &with_tensor);
}

/* Reads the data of one aiDataMsg: `bytes` bytes, or one element of `element` bytes that is repeated. Returns what the
 * message had. */
static uint32_t read_data(stvm_validation* device, uint8_t* to, uint32_t bytes, uint32_t element, uint32_t constant) {
  stvm_reader reader;
  uint32_t key = 1;
  uint32_t received = 0;
  if (stvm_reader_open(&reader, &device->link) == 0) {
    return 0;
  }
  while (reader.failed == 0 && (key = stvm_reader_key(&reader)) != 0) {
    if (key != (4U << 3 | tag_bytes)) {
      stvm_reader_skip(&reader, key);
      continue;
    }
    const uint32_t count = stvm_reader_varint(&reader);
    /* What does not fit is passed over: the size tells. */
    const uint32_t wanted = constant != 0 ? element : bytes;
    (void)stvm_reader_bytes(&reader, count == wanted ? to : NULL, count);
    received = count;
  }
  stvm_reader_close(&reader);
  if (reader.failed != 0) {
    return 0;
  }
  if (constant != 0 && received == element) {
    for (uint32_t i = element; i < bytes; ++i) {
      to[i] = to[i - element];
    }
  }
  return received;
}

/* The host's acknowledgement of ours: read and forgotten. */
static int read_acknowledgement(stvm_validation* device) {
  stvm_reader reader;
  if (stvm_reader_open(&reader, &device->link) == 0) {
    return 0;
  }
  stvm_reader_close(&reader);
  return reader.failed == 0;
}

static int receive_inputs(stvm_validation* device, const request* to, const stvm_validation_model* model) {
  const stvm_network* const network = network_of(model);
  const stvm_tensor* const tensors = model->details->tensors;
  acknowledge(device, to, state_waiting, network->input_count > 0 ? stvm_tensor_bytes(&tensors[0].dltensor) : 0,
              error_none);
  for (uint32_t i = 0; i < network->input_count; ++i) {
    const DLTensor* const input = &tensors[i].dltensor;
    const uint32_t bytes = stvm_tensor_bytes(input);
    const uint32_t element = ((uint32_t)input->dtype.bits + 7U) / 8U * input->dtype.lanes;
    const uint32_t constant = to->param & run_constant;
    uint8_t* const address = model->pools[tensors[i].place.pool] + tensors[i].place.offset;
    const uint32_t received = read_data(device, address, bytes, element, constant);
    if (received != (constant != 0 ? element : bytes)) {
      acknowledge(device, to, state_error, received, error_size);
      return 0;
    }
    acknowledge(device, to, i + 1 < network->input_count ? state_waiting : state_processing, received, error_none);
    if (read_acknowledgement(device) == 0) {
      return 0;
    }
  }
  return 1;
}

/* Tells an operator's time and its outputs. */
static void report_operator(stvm_validation* device, const request* to, const content* what) {
  const stvm_network* const network = network_of(what->model);
  const stvm_operator* const operator_ = &network->operators[what->number];
  const uint32_t no_data = (to->param & run_with_data) != 0 ? 0U : (uint32_t)tensor_no_data;
  answer(device, to, state_processing, answer_operator, write_operator, what);
  for (uint32_t i = 0; i < operator_->output_count; ++i) {
    const uint32_t last = i + 1U == operator_->output_count ? (uint32_t)tensor_last : 0U;
    answer_tensor_of(device, to, state_processing, what, operator_->operands[operator_->input_count + i],
                     tensor_inner | last | no_data);
  }
}

static int run_operators(stvm_validation* device, const request* to, content* what) {
  const stvm_network* const network = network_of(what->model);
  const uint32_t step = (to->param & run_per_layer) != 0 ? 1U : network->operator_count;
  uint64_t sum = 0;
  for (uint32_t first = 0; first < network->operator_count; first += step) {
    const uint64_t start = device->ticks();
    const stvm_status status = stvm_run_operators(network, what->model->pools, first, step);
    what->ticks = device->ticks() - start;
    sum += what->ticks;
    if (status != STVM_OK) {
      acknowledge(device, to, state_error, first, error_generic);
      return 0;
    }
    if ((to->param & run_per_layer) != 0) {
      what->number = first;
      what->name = what->model->details->operator_names[first];
      what->type = operator_inner | (first + 1U == network->operator_count ? (uint32_t)operator_last : 0U);
      report_operator(device, to, what);
    }
  }
  what->ticks = sum;
  return 1;
}

static void run(stvm_validation* device, const request* to, const stvm_validation_model* model) {
  const stvm_network* const network = network_of(model);
  content what = {0};
  what.device = device;
  what.model = model;
  if (receive_inputs(device, to, model) == 0 || run_operators(device, to, &what) == 0) {
    return;
  }
  what.name = model->name;
  what.number = 0;
  what.type = 0;
  answer(device, to, state_processing, answer_operator, write_operator, &what);
  for (uint32_t i = 0; i < network->output_count; ++i) {
    const int last = i + 1U == network->output_count;
    answer_tensor_of(device, to, last ? state_done : state_processing, &what, network->input_count + i,
                     tensor_output | (last ? (uint32_t)tensor_last : 0U));
  }
}

static void read_name(stvm_reader* reader, request* to) {
  const uint32_t count = stvm_reader_varint(reader);
  const uint32_t kept = count <= STVM_VALIDATION_NAME_LONGEST ? count : STVM_VALIDATION_NAME_LONGEST;
  (void)stvm_reader_bytes(reader, (uint8_t*)to->name, kept);
  (void)stvm_reader_bytes(reader, NULL, count - kept);
  to->name[kept] = '\0';
}

static int read_request(stvm_validation* device, request* to) {
  stvm_reader reader;
  uint32_t key = 1;
  memset(to, 0, sizeof *to);
  if (stvm_reader_open(&reader, &device->link) == 0) {
    return 0;
  }
  while (reader.failed == 0 && (key = stvm_reader_key(&reader)) != 0) {
    switch (key) {
      case 1U << 3 | tag_varint:
        to->id = stvm_reader_varint(&reader);
        break;
      case 2U << 3 | tag_varint:
        to->command = stvm_reader_varint(&reader);
        break;
      case 3U << 3 | tag_varint:
        to->param = stvm_reader_varint(&reader);
        break;
      case 4U << 3 | tag_bytes:
        read_name(&reader, to);
        break;
      default:
        stvm_reader_skip(&reader, key);
        break;
    }
  }
  stvm_reader_close(&reader);
  return reader.failed == 0;
}

static const stvm_validation_model* find_model(const stvm_validation* device, const char* name) {
  for (uint32_t i = 0; i < device->model_count; ++i) {
    if (strncmp(device->models[i].name, name, STVM_VALIDATION_NAME_LONGEST) == 0) {
      return &device->models[i];
    }
  }
  return NULL;
}

int stvm_validation_answer(stvm_validation* device) {
  request to;
  content what = {0};
  what.device = device;
  if (read_request(device, &to) == 0) {
    return 0;
  }
  switch (to.command) {
    case command_sync:
      answer(device, &to, state_idle, answer_sync, write_sync, &what);
      break;
    case command_system:
      answer(device, &to, state_idle, answer_system, write_system, &what);
      break;
    case command_network:
      if (to.param < device->model_count) {
        what.model = &device->models[to.param];
        answer(device, &to, state_idle, answer_network, write_network, &what);
      } else {
        acknowledge(device, &to, state_error, to.param, error_param);
      }
      break;
    case command_run:
      what.model = find_model(device, to.name);
      if (what.model != NULL) {
        run(device, &to, what.model);
      } else {
        acknowledge(device, &to, state_error, 0, error_param);
      }
      break;
    case command_disconnect:
      /* The host is gone already. */
      break;
    default:
      acknowledge(device, &to, state_error, to.command, error_param);
      break;
  }
  return 1;
}
