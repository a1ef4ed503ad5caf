// SPDX-License-Identifier: Apache-2.0
package stm32tvm;

/**
 * The functions of stm32tvm/c_api.h under their C names: all that this package calls of native code. JnaApi is the one
 * class that knows how.
 *
 * <p>A handle is its address. Where a call makes a handle or an error, it goes to an array of one element; 0 stands for
 * none. What comes out as String or byte[] is copied.
 */
interface CApi {
  /** stm32tvm_progress: another result than 0 stops the call. It must not throw. */
  @FunctionalInterface
  interface Progress {
    int call(String item, long done, long total);
  }

  /** stm32tvm_options: a JSON object, and what is told of progress, or null. */
  record Options(String json, Progress progress) {}

  int stm32tvm_c_abi_version();

  String stm32tvm_version();

  int stm32tvm_contract_version();

  int stm32tvm_format_version_minimum();

  int stm32tvm_format_version_maximum();

  String stm32tvm_status_name(int status);

  int stm32tvm_error_status(long error);

  String stm32tvm_error_message(long error);

  String stm32tvm_error_where(long error);

  void stm32tvm_error_free(long error);

  String stm32tvm_text_data(long text);

  void stm32tvm_text_free(long text);

  int stm32tvm_library_open(String path, Options options, long[] library, long[] error);

  int stm32tvm_library_from_memory(byte[] data, Options options, long[] library, long[] error);

  void stm32tvm_library_free(long library);

  int stm32tvm_library_format_version(long library);

  long stm32tvm_library_module_count(long library);

  String stm32tvm_library_module_name(long library, long index);

  String stm32tvm_library_module_executor(long library, long index);

  int stm32tvm_network_describe(long library, String module, Options options, long[] network, long[] error);

  void stm32tvm_network_free(long network);

  int stm32tvm_network_to_json(long network, long[] json, long[] error);

  int stm32tvm_network_apply_tflite(long network, byte[] data, long[] error);

  int stm32tvm_network_apply_quantization(long network, String json, long[] error);

  int stm32tvm_plan_make(long network, Options options, long[] plan, long[] error);

  void stm32tvm_plan_free(long plan);

  long stm32tvm_plan_bytes(long plan);

  int stm32tvm_plan_to_json(long plan, long[] json, long[] error);

  int stm32tvm_samples_make(long[] samples, long[] error);

  int stm32tvm_samples_set_network(long samples, long network, long[] error);

  int stm32tvm_samples_add(long samples, byte[][] inputs, byte[][] outputs, long[] error);

  void stm32tvm_samples_free(long samples);

  int stm32tvm_emit(long[] plans, Options options, long samples, long[] tree, long[] error);

  void stm32tvm_tree_free(long tree);

  long stm32tvm_tree_file_count(long tree);

  String stm32tvm_tree_file_path(long tree, long index);

  byte[] stm32tvm_tree_file_data(long tree, long index);

  int stm32tvm_tree_write_to(long tree, String folder, int policy, long[] report, long[] error);

  int stm32tvm_targets_to_json(long[] json, long[] error);
}
