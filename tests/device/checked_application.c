/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a network of checked_emit operator by operator and prints a checksum of every operator's outputs. Before each
 * statement of a kernel it overwrites every byte of the arena that the plan calls dead. Arguments: a folder of samples,
 * and by how many steps to read the plan too late.
 *
 * The emitted source is included, because the tables in it are its own. */
#include <stdio.h>
#include <stdlib.h>

#include "checked_plan.h"
#include "network/network.c"

static unsigned running;
static unsigned shift;

void checked_statement(int number) {
  static unsigned char live[NETWORK_ACTIVATIONS_BYTES];
  const unsigned step = checked_steps[running] + (unsigned)number + shift;
  memset(live, 0, sizeof live);
  for (unsigned i = checked_starts[step]; i < checked_starts[step + 1]; ++i) {
    memset(live + checked_ranges[i].begin, 1, checked_ranges[i].end - checked_ranges[i].begin);
  }
  for (unsigned i = 0; i < sizeof live; ++i) {
    if (!live[i]) {
      network_activations[i] = 0xA5;
    }
  }
}

static unsigned checksum(const unsigned char* bytes, unsigned count) {
  unsigned sum = 2166136261u;
  for (unsigned i = 0; i < count; ++i) {
    sum = (sum ^ bytes[i]) * 16777619u;
  }
  return sum;
}

static int read_inputs(const char* folder, int sample) {
  for (int i = 0; i < NETWORK_IN_NUM; ++i) {
    char path[1024];
    snprintf(path, sizeof path, "%s/in%d_%d.bin", folder, i, sample);
    FILE* file = fopen(path, "rb");
    if (file == NULL) {
      return 0;
    }
    const unsigned bytes = stvm_tensor_bytes(&network_interface[i].dltensor);
    if (fread(network_interface[i].dltensor.data, 1, bytes, file) != bytes) {
      exit(1);
    }
    fclose(file);
  }
  return 1;
}

int main(int argc, char** argv) {
  int sample = 0;
  ai_handle handle = AI_HANDLE_NULL;
  if (argc != 3 || ai_create((ai_model_info*)&network_network, network_activations, &handle) != AI_STATUS_OK) {
    return 2;
  }
  shift = (unsigned)atoi(argv[2]);
  uint8_t* const* const pools = network_handles[0].context.pools;
  for (; read_inputs(argv[1], sample); ++sample) {
    for (running = 0; running < network_stvm.operator_count; ++running) {
      const stvm_operator* const operator_ = &network_operators[running];
      if (stvm_run_operators(&network_stvm, pools, running, 1) != STVM_OK) {
        return 1;
      }
      for (int i = operator_->input_count; i < operator_->input_count + operator_->output_count; ++i) {
        const stvm_tensor* const output = &network_tensors[operator_->operands[i]];
        printf("sample %d operator %u: %08x\n", sample, running,
               checksum(pools[output->place.pool] + output->place.offset, stvm_tensor_bytes(&output->dltensor)));
      }
    }
    for (int i = NETWORK_IN_NUM; i < NETWORK_IN_NUM + NETWORK_OUT_NUM; ++i) {
      const DLTensor* output = &network_interface[i].dltensor;
      printf("sample %d output: %08x\n", sample, checksum(output->data, stvm_tensor_bytes(output)));
    }
  }
  return sample == 4 ? 0 : 1;
}
