/* SPDX-License-Identifier: Apache-2.0 */
/* capi_test DATA OUT: every function of the C ABI, called well and badly. DATA holds graph.tar and its samples; the
 * firmware of graph.tar is written to OUT. Prints only what failed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stm32tvm/c_api.h"

static int failures = 0;

#define CHECK(condition)                                               \
  do {                                                                 \
    if (!(condition)) {                                                \
      printf("%s:%d: not true: %s\n", __FILE__, __LINE__, #condition); \
      ++failures;                                                      \
    }                                                                  \
  } while (0)

/* The call gives this status, and an error exactly when that is a failure; the error is freed. */
#define CHECK_STATUS(wanted, call)                                                                    \
  do {                                                                                                \
    stm32tvm_error* error = NULL;                                                                     \
    const stm32tvm_status found = (call);                                                             \
    if (found != (wanted)) {                                                                          \
      printf("%s:%d: status %s, not %s: %s\n", __FILE__, __LINE__, stm32tvm_status_name(found),       \
             stm32tvm_status_name(wanted), error == NULL ? "" : stm32tvm_error_message(error, NULL)); \
      ++failures;                                                                                     \
    }                                                                                                 \
    CHECK((error != NULL) == (found != STM32TVM_OK));                                                 \
    CHECK(stm32tvm_error_status(error) == found);                                                     \
    stm32tvm_error_free(error);                                                                       \
  } while (0)

typedef struct file {
  char* data;
  size_t size;
} file;

static file read_file(const char* folder, const char* name) {
  char path[1024];
  file result = {NULL, 0};
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE* stream = fopen(path, "rb");
  if (stream == NULL) {
    printf("cannot read %s\n", path);
    exit(1);
  }
  fseek(stream, 0, SEEK_END);
  result.size = (size_t)ftell(stream);
  rewind(stream);
  result.data = malloc(result.size + 1);
  if (result.data == NULL || fread(result.data, 1, result.size, stream) != result.size) {
    exit(1);
  }
  fclose(stream);
  return result;
}

static void edit_file(const char* folder, const char* name) {
  char path[1024];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE* stream = fopen(path, "ab");
  if (stream == NULL || fputs("edited", stream) < 0 || fclose(stream) != 0) {
    exit(1);
  }
}

/* Options with this JSON. */
static stm32tvm_options with_json(const char* json) {
  stm32tvm_options options = STM32TVM_OPTIONS_INIT;
  options.json = json;
  options.json_size = strlen(json);
  return options;
}

typedef struct calls {
  int count;
  int stop_at; /* 0: never */
  int in_order;
  uint64_t last;
} calls;

static int count_calls(void* payload, const char* item, size_t item_size, uint64_t done, uint64_t total) {
  calls* const seen = payload;
  ++seen->count;
  seen->in_order = seen->in_order && item != NULL && item_size > 0 && done <= total && done >= seen->last;
  seen->last = done;
  return seen->count == seen->stop_at;
}

static stm32tvm_options with_progress(calls* seen, int stop_at) {
  stm32tvm_options options = STM32TVM_OPTIONS_INIT;
  seen->count = 0;
  seen->stop_at = stop_at;
  seen->in_order = 1;
  seen->last = 0;
  options.progress = count_calls;
  options.progress_payload = seen;
  return options;
}

static void test_versions_and_statuses(void) {
  CHECK(stm32tvm_c_abi_version() == STM32TVM_C_ABI);
  CHECK(stm32tvm_version()[0] == '1');
  CHECK(stm32tvm_contract_version() == 1);
  CHECK(stm32tvm_format_version_minimum() == 1);
  CHECK(stm32tvm_format_version_maximum() == 7);
  static const char* const names[] = {"ok",
                                      "internal",
                                      "invalid_argument",
                                      "out_of_memory",
                                      "cancelled",
                                      "cannot_read",
                                      "cannot_write",
                                      "not_an_archive",
                                      "unsafe_archive",
                                      "limit_exceeded",
                                      "missing_member",
                                      "bad_json",
                                      "unsupported_version",
                                      "bad_metadata",
                                      "bad_graph",
                                      "bad_parameters",
                                      "bad_source",
                                      "unsupported",
                                      "bad_option",
                                      "does_not_fit",
                                      "invalid_plan"};
  for (int i = 0; i < (int)(sizeof names / sizeof names[0]); ++i) {
    CHECK(strcmp(stm32tvm_status_name((stm32tvm_status)-i), names[i]) == 0);
  }
  CHECK(strcmp(stm32tvm_status_name((stm32tvm_status)-9999), "unknown") == 0);
}

/* What a NULL handle and a NULL place for the result come to. */
static void test_null(void) {
  size_t size = 1;
  CHECK(stm32tvm_error_status(NULL) == STM32TVM_OK);
  CHECK(stm32tvm_error_message(NULL, &size) == NULL && size == 0);
  CHECK(stm32tvm_error_where(NULL, NULL) == NULL);
  CHECK(stm32tvm_text_data(NULL, &size) == NULL && size == 0);
  CHECK(stm32tvm_library_format_version(NULL) == 0);
  CHECK(stm32tvm_library_module_count(NULL) == 0);
  CHECK(stm32tvm_library_module_name(NULL, 0, &size) == NULL && size == 0);
  CHECK(stm32tvm_library_module_executor(NULL, 0, NULL) == NULL);
  CHECK(stm32tvm_plan_bytes(NULL) == 0);
  CHECK(stm32tvm_tree_file_count(NULL) == 0);
  CHECK(stm32tvm_tree_file_path(NULL, 0, &size) == NULL && size == 0);
  CHECK(stm32tvm_tree_file_data(NULL, 0, &size) == NULL && size == 0);
  stm32tvm_error_free(NULL);
  stm32tvm_text_free(NULL);
  stm32tvm_library_free(NULL);
  stm32tvm_network_free(NULL);
  stm32tvm_plan_free(NULL);
  stm32tvm_samples_free(NULL);
  stm32tvm_tree_free(NULL);

  const stm32tvm_status bad = STM32TVM_INVALID_ARGUMENT;
  stm32tvm_library* library = NULL;
  stm32tvm_network* network = NULL;
  stm32tvm_plan* plan = NULL;
  stm32tvm_tree* tree = NULL;
  stm32tvm_text* text = NULL;
  const stm32tvm_plan* const plans[] = {NULL};
  CHECK_STATUS(bad, stm32tvm_library_open("a", 1, NULL, NULL, &error));
  CHECK_STATUS(bad, stm32tvm_library_open(NULL, 1, NULL, &library, &error));
  CHECK_STATUS(bad, stm32tvm_library_from_memory(NULL, 1, NULL, &library, &error));
  CHECK_STATUS(bad, stm32tvm_network_describe(NULL, NULL, 0, NULL, &network, &error));
  CHECK_STATUS(bad, stm32tvm_network_to_json(NULL, &text, &error));
  CHECK_STATUS(bad, stm32tvm_network_apply_tflite(NULL, "", 0, &error));
  CHECK_STATUS(bad, stm32tvm_network_apply_quantization(NULL, "", 0, &error));
  CHECK_STATUS(bad, stm32tvm_plan_make(NULL, NULL, &plan, &error));
  CHECK_STATUS(bad, stm32tvm_plan_to_json(NULL, &text, &error));
  CHECK_STATUS(bad, stm32tvm_samples_make(NULL, &error));
  CHECK_STATUS(bad, stm32tvm_samples_set_network(NULL, 0, &error));
  CHECK_STATUS(bad, stm32tvm_samples_add(NULL, NULL, 0, NULL, 0, &error));
  CHECK_STATUS(bad, stm32tvm_emit(NULL, 0, NULL, NULL, &tree, &error));
  CHECK_STATUS(bad, stm32tvm_emit(plans, 1, NULL, NULL, &tree, &error));
  CHECK_STATUS(bad, stm32tvm_tree_write_to(NULL, "a", 1, STM32TVM_WRITE_REFUSE_EDITED, NULL, &error));
  CHECK_STATUS(bad, stm32tvm_targets_to_json(NULL, &error));
  CHECK(library == NULL && network == NULL && plan == NULL && tree == NULL && text == NULL);
  CHECK(stm32tvm_targets_to_json(NULL, NULL) == bad); /* the error is not wanted */
}

/* Structs of other sizes, and options that are not known. */
static void test_options(const file* archive) {
  struct {
    stm32tvm_options known;
    size_t added; /* by a later version */
  } longer = {STM32TVM_OPTIONS_INIT, 0};
  stm32tvm_library* library = NULL;
  longer.known.struct_size = sizeof longer;
  CHECK_STATUS(STM32TVM_OK,
               stm32tvm_library_from_memory(archive->data, archive->size, &longer.known, &library, &error));
  stm32tvm_library_free(library);
  longer.added = 1;
  library = (stm32tvm_library*)1; /* is set to NULL on failure */
  CHECK_STATUS(STM32TVM_INVALID_ARGUMENT,
               stm32tvm_library_from_memory(archive->data, archive->size, &longer.known, &library, &error));
  CHECK(library == NULL);
  stm32tvm_options options = STM32TVM_OPTIONS_INIT;
  options.struct_size = 4;
  CHECK_STATUS(STM32TVM_INVALID_ARGUMENT,
               stm32tvm_library_from_memory(archive->data, archive->size, &options, &library, &error));
  options = with_json("{\"archive_bytes\": 1000}");
  CHECK_STATUS(STM32TVM_LIMIT_EXCEEDED,
               stm32tvm_library_from_memory(archive->data, archive->size, &options, &library, &error));
  options = with_json("{\"colour\": 1}");
  CHECK_STATUS(STM32TVM_BAD_OPTION,
               stm32tvm_library_from_memory(archive->data, archive->size, &options, &library, &error));
  options = with_json("{\"members\": ");
  CHECK_STATUS(STM32TVM_BAD_JSON,
               stm32tvm_library_from_memory(archive->data, archive->size, &options, &library, &error));
}

/* An error tells what and where. */
static void test_error(const file* archive) {
  stm32tvm_library* library = NULL;
  stm32tvm_error* why = NULL;
  size_t size = 0;
  CHECK(stm32tvm_library_open("no/such.tar", strlen("no/such.tar"), NULL, &library, &why) == STM32TVM_CANNOT_READ);
  CHECK(strstr(stm32tvm_error_message(why, &size), "no such file") != NULL);
  CHECK(size == strlen(stm32tvm_error_message(why, NULL)));
  CHECK(strcmp(stm32tvm_error_where(why, &size), "no/such.tar") == 0 && size == strlen("no/such.tar"));
  stm32tvm_error_free(why);
  CHECK_STATUS(STM32TVM_NOT_AN_ARCHIVE, stm32tvm_library_from_memory(archive->data, 100, NULL, &library, &error));
}

/* The callback sees the call's way, and stops it. */
static void test_progress(const file* archive, const stm32tvm_library* library, const stm32tvm_plan* plan) {
  calls seen;
  stm32tvm_options options = with_progress(&seen, 0);
  stm32tvm_library* again = NULL;
  stm32tvm_network* network = NULL;
  stm32tvm_tree* tree = NULL;
  CHECK_STATUS(STM32TVM_OK, stm32tvm_library_from_memory(archive->data, archive->size, &options, &again, &error));
  CHECK(seen.count > 5 && seen.in_order);
  stm32tvm_library_free(again);
  options = with_progress(&seen, 2);
  CHECK_STATUS(STM32TVM_CANCELLED,
               stm32tvm_library_from_memory(archive->data, archive->size, &options, &again, &error));
  CHECK(seen.count == 2 && again == NULL);
  options = with_progress(&seen, 1);
  CHECK_STATUS(STM32TVM_CANCELLED, stm32tvm_network_describe(library, "", 0, &options, &network, &error));
  options = with_progress(&seen, 1);
  CHECK_STATUS(STM32TVM_CANCELLED, stm32tvm_emit(&plan, 1, &options, NULL, &tree, &error));
  options = with_progress(&seen, 0);
  CHECK_STATUS(STM32TVM_OK, stm32tvm_emit(&plan, 1, &options, NULL, &tree, &error));
  CHECK(seen.count > 1 && seen.in_order);
  stm32tvm_tree_free(tree);
}

static void check_json(stm32tvm_text* text, const char* part) {
  size_t size = 0;
  const char* const data = stm32tvm_text_data(text, &size);
  CHECK(data != NULL && size == strlen(data) && strstr(data, part) != NULL);
  stm32tvm_text_free(text);
}

static void test_network(stm32tvm_network* network) {
  static const char quantization[] = "{\"tensors\": {\"x\": {\"scale\": 0.5, \"zero_point\": 3}}}";
  stm32tvm_text* json = NULL;
  CHECK_STATUS(STM32TVM_OK, stm32tvm_network_to_json(network, &json, &error));
  check_json(json, "\"module_name\": \"default\"");
  CHECK_STATUS(STM32TVM_OK, stm32tvm_network_to_json(network, &json, &error));
  check_json(json, "\"kind\": \"repair\""); /* a warning: data, not text on a stream */
  CHECK_STATUS(STM32TVM_BAD_OPTION, stm32tvm_network_apply_tflite(network, "no file", 7, &error));
  CHECK_STATUS(STM32TVM_BAD_OPTION,
               stm32tvm_network_apply_quantization(network, quantization, strlen(quantization), &error));
}

/* Options reach the plan: kept inputs, inputs that lie there twice, and buffers that start on larger boundaries, need
 * more. */
static void test_plan(const stm32tvm_network* network) {
  static const char* const options[] = {"{\"inputs\": \"consume\"}", "{}", "{\"inputs_memory\": [\"double\"]}",
                                        "{\"alignment\": 1024}"};
  uint64_t least = 64; /* the input */
  for (size_t i = 0; i < sizeof options / sizeof options[0]; ++i) {
    const stm32tvm_options given = with_json(options[i]);
    stm32tvm_plan* plan = NULL;
    stm32tvm_text* json = NULL;
    char bytes[64];
    CHECK_STATUS(STM32TVM_OK, stm32tvm_plan_make(network, &given, &plan, &error));
    CHECK(stm32tvm_plan_bytes(plan) > least);
    least = stm32tvm_plan_bytes(plan);
    snprintf(bytes, sizeof bytes, "\"arena_bytes\": %u,", (unsigned)least);
    CHECK_STATUS(STM32TVM_OK, stm32tvm_plan_to_json(plan, &json, &error));
    check_json(json, bytes);
    stm32tvm_plan_free(plan);
  }
}

/* Emits the firmware with one sample and writes it; what is in memory is what is on the disk. */
static void test_tree(const char* data, const char* out, const stm32tvm_plan* plan) {
  const file input = read_file(data, "in0_0.bin");
  const file output = read_file(data, "out0_0.bin");
  const stm32tvm_bytes in = {input.data, input.size};
  const stm32tvm_bytes result = {output.data, output.size};
  stm32tvm_samples* samples = NULL;
  stm32tvm_tree* tree = NULL;
  stm32tvm_text* report = NULL;
  size_t size = 0;
  CHECK_STATUS(STM32TVM_OK, stm32tvm_samples_make(&samples, &error));
  CHECK_STATUS(STM32TVM_INVALID_ARGUMENT, stm32tvm_samples_add(samples, NULL, 1, NULL, 0, &error));
  CHECK_STATUS(STM32TVM_OK, stm32tvm_samples_add(samples, &in, 1, &result, 1, &error));
  const stm32tvm_options options =
      with_json("{\"name\": \"digits\", \"c_api\": \"tvm\", \"weights\": \"c-array\", \"target\": \"netduinoplus2\"}");
  CHECK_STATUS(STM32TVM_OK, stm32tvm_emit(&plan, 1, &options, samples, &tree, &error));
  stm32tvm_samples_free(samples);

  const size_t count = stm32tvm_tree_file_count(tree);
  CHECK(count > 20);
  CHECK(stm32tvm_tree_file_path(tree, count, NULL) == NULL && stm32tvm_tree_file_data(tree, count, NULL) == NULL);
  CHECK_STATUS(STM32TVM_OK,
               stm32tvm_tree_write_to(tree, out, strlen(out), STM32TVM_WRITE_REFUSE_EDITED, &report, &error));
  check_json(report, "\"unchanged\": 0");
  CHECK_STATUS(STM32TVM_OK,
               stm32tvm_tree_write_to(tree, out, strlen(out), STM32TVM_WRITE_REFUSE_EDITED, &report, &error));
  check_json(report, "\"changed\": []");
  edit_file(out, stm32tvm_tree_file_path(tree, 0, NULL));
  CHECK_STATUS(STM32TVM_CANNOT_WRITE,
               stm32tvm_tree_write_to(tree, out, strlen(out), STM32TVM_WRITE_REFUSE_EDITED, NULL, &error));
  CHECK_STATUS(STM32TVM_OK,
               stm32tvm_tree_write_to(tree, out, strlen(out), STM32TVM_WRITE_REPLACE_EDITED, NULL, &error));
  CHECK_STATUS(STM32TVM_INVALID_ARGUMENT,
               stm32tvm_tree_write_to(tree, out, strlen(out), (stm32tvm_write_policy)77, NULL, &error));
  for (size_t i = 0; i < count; ++i) {
    const file written = read_file(out, stm32tvm_tree_file_path(tree, i, &size));
    CHECK(size == strlen(stm32tvm_tree_file_path(tree, i, NULL)));
    const void* const bytes = stm32tvm_tree_file_data(tree, i, &size);
    CHECK(size == written.size && memcmp(bytes, written.data, size) == 0);
    free(written.data);
  }
  stm32tvm_tree_free(tree);
  free(input.data);
  free(output.data);
}

/* A firmware that tests itself, its kernels compiled by a profile; both say in the tree that they are there. */
static void test_self_test(const char* data, const stm32tvm_plan* plan) {
  const file input = read_file(data, "in0_0.bin");
  const stm32tvm_bytes in = {input.data, input.size};
  const stm32tvm_options options = with_json(
      "{\"target\": \"netduinoplus2\", \"application\": \"self-test\", \"kernel_profile\": {\"options\": "
      "[\"-finline-limit=77\"]}}");
  stm32tvm_samples* samples = NULL;
  stm32tvm_tree* tree = NULL;
  int self_tests = 0;
  int profiles = 0;
  CHECK_STATUS(STM32TVM_OK, stm32tvm_samples_make(&samples, &error));
  CHECK_STATUS(STM32TVM_OK, stm32tvm_samples_add(samples, &in, 1, NULL, 0, &error));
  CHECK_STATUS(STM32TVM_OK, stm32tvm_emit(&plan, 1, &options, samples, &tree, &error));
  for (size_t i = 0; i < stm32tvm_tree_file_count(tree); ++i) {
    size_t size = 0;
    const char* const path = stm32tvm_tree_file_path(tree, i, NULL);
    const char* const bytes = stm32tvm_tree_file_data(tree, i, &size);
    self_tests += strcmp(path, "self_test/record.cmake") == 0;
    for (size_t at = 0; at + 17 <= size; ++at) {
      profiles += memcmp(bytes + at, "-finline-limit=77", 17) == 0;
    }
  }
  CHECK(self_tests == 1 && profiles > 0);
  stm32tvm_tree_free(tree);
  stm32tvm_samples_free(samples);
  free(input.data);
}

/* Firmware of several networks under names of their own, with a sample for the second, is written to OUT_several. */
static void test_several(const char* data, const char* out, const stm32tvm_plan* plan) {
  const file input = read_file(data, "in0_0.bin");
  const file output = read_file(data, "out0_0.bin");
  const stm32tvm_bytes in = {input.data, input.size};
  const stm32tvm_bytes result = {output.data, output.size};
  const stm32tvm_plan* const plans[] = {plan, plan};
  const stm32tvm_options options = with_json("{\"names\": [\"left\", \"right\"], \"target\": \"netduinoplus2\"}");
  stm32tvm_samples* samples = NULL;
  stm32tvm_tree* tree = NULL;
  char folder[1024];
  snprintf(folder, sizeof folder, "%s_several", out);
  CHECK_STATUS(STM32TVM_OK, stm32tvm_samples_make(&samples, &error));
  CHECK_STATUS(STM32TVM_OK, stm32tvm_samples_set_network(samples, 1, &error));
  CHECK_STATUS(STM32TVM_OK, stm32tvm_samples_add(samples, &in, 1, &result, 1, &error));
  CHECK_STATUS(STM32TVM_OK, stm32tvm_emit(plans, 2, &options, samples, &tree, &error));
  CHECK_STATUS(STM32TVM_OK,
               stm32tvm_tree_write_to(tree, folder, strlen(folder), STM32TVM_WRITE_REFUSE_EDITED, NULL, &error));
  stm32tvm_tree_free(tree);
  CHECK_STATUS(STM32TVM_OK, stm32tvm_samples_set_network(samples, (size_t)-1, &error)); /* of the next one */
  CHECK_STATUS(STM32TVM_OK, stm32tvm_samples_add(samples, &in, 1, NULL, 0, &error));
  CHECK_STATUS(STM32TVM_BAD_OPTION, stm32tvm_emit(plans, 2, &options, samples, &tree, &error));
  stm32tvm_samples_free(samples);
  free(input.data);
  free(output.data);
}

int main(int argc, char** argv) {
  if (argc != 3) {
    printf("usage: capi_test DATA OUT\n");
    return 2;
  }
  const file archive = read_file(argv[1], "graph.tar");
  char path[1024];
  snprintf(path, sizeof path, "%s/graph.tar", argv[1]);
  test_versions_and_statuses();
  test_null();
  test_options(&archive);
  test_error(&archive);

  stm32tvm_library* library = NULL;
  stm32tvm_network* network = NULL;
  stm32tvm_plan* plan = NULL;
  stm32tvm_text* json = NULL;
  size_t size = 0;
  CHECK_STATUS(STM32TVM_OK, stm32tvm_library_open(path, strlen(path), NULL, &library, &error));
  CHECK(stm32tvm_library_format_version(library) == 7);
  CHECK(stm32tvm_library_module_count(library) == 1);
  CHECK(strcmp(stm32tvm_library_module_name(library, 0, &size), "default") == 0 && size == strlen("default"));
  CHECK(strcmp(stm32tvm_library_module_executor(library, 0, &size), "graph") == 0 && size == strlen("graph"));
  CHECK(stm32tvm_library_module_name(library, 1, &size) == NULL && size == 0);
  CHECK_STATUS(STM32TVM_BAD_OPTION, stm32tvm_network_describe(library, "other", 5, NULL, &network, &error));
  CHECK_STATUS(STM32TVM_OK, stm32tvm_network_describe(library, "default", 7, NULL, &network, &error));
  test_network(network);
  test_plan(network);
  const stm32tvm_options consume = with_json("{\"inputs\": \"consume\"}");
  CHECK_STATUS(STM32TVM_OK, stm32tvm_plan_make(network, &consume, &plan, &error));
  stm32tvm_network_free(network); /* the plan does not need it */
  CHECK_STATUS(STM32TVM_OK, stm32tvm_targets_to_json(&json, &error));
  check_json(json, "\"name\": \"netduinoplus2\"");
  test_progress(&archive, library, plan);
  test_tree(argv[1], argv[2], plan);
  test_self_test(argv[1], plan);
  test_several(argv[1], argv[2], plan);
  stm32tvm_plan_free(plan);
  stm32tvm_library_free(library);
  free(archive.data);
  return failures == 0 ? 0 : 1;
}
