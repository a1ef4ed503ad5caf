/* SPDX-License-Identifier: Apache-2.0 */
/** @file
 * The C ABI of stm32tvm: C99, for every language that can call C. docs/c-abi.md is its guide.
 *
 *   archive --> stm32tvm_library --> stm32tvm_network --> stm32tvm_plan --> stm32tvm_tree --> folder
 *
 * Rules
 * - Text goes in and out as pointer and length, UTF-8. Text that comes out also ends in a NUL, so the length pointer
 * may be NULL where the text holds none.
 * - A call that can fail returns a status and, where `error` is not NULL, sets *error to NULL or to an error to free.
 *   On failure the result is set to NULL.
 * - A handle made by a call is freed by the function of its type; freeing NULL does nothing. Handles share no state:
 * each may be freed in any order. What a getter returns lives as long as its handle.
 * - A getter on NULL, or with an index past the end, returns 0 or NULL.
 * - Threads may use different handles at the same time, and one handle in calls that take it as const.
 * - Nothing is printed, no signal, locale or working directory changed, no global state kept.
 */
#ifndef STM32TVM_C_API_H
#define STM32TVM_C_API_H

/* NOLINTBEGIN(modernize-deprecated-headers, modernize-use-using): this is C */
#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32) && !defined(STM32TVM_C_STATIC)
#ifdef STM32TVM_C_BUILDING
#define STM32TVM_C_API __declspec(dllexport)
#else
#define STM32TVM_C_API __declspec(dllimport)
#endif
#elif defined(__GNUC__)
#define STM32TVM_C_API __attribute__((visibility("default")))
#else
#define STM32TVM_C_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Versions ------------------------------------------------------------------------------------------------ */

/** Version of this header's ABI: functions and fields are added to it, none is changed or taken away. */
#define STM32TVM_C_ABI 1

/** STM32TVM_C_ABI of the library that is loaded. A program made for another number must not go on. */
STM32TVM_C_API int stm32tvm_c_abi_version(void);

/** Version of the library, "1.0.0". It lives as long as the program. */
STM32TVM_C_API const char* stm32tvm_version(void);

/** STVM_CONTRACT: emitted networks and device runtimes of the same number fit each other. */
STM32TVM_C_API int stm32tvm_contract_version(void);

/** Lowest version of the Model Library Format that is read. */
STM32TVM_C_API int stm32tvm_format_version_minimum(void);
/** Highest version of the Model Library Format that is read. */
STM32TVM_C_API int stm32tvm_format_version_maximum(void);

/* ---- Statuses and errors ------------------------------------------------------------------------------------- */

/** docs/errors.md explains each. New ones may be added: treat an unknown negative number as a failure. */
typedef enum stm32tvm_status {
  STM32TVM_OK = 0,
  STM32TVM_INTERNAL = -1,
  STM32TVM_INVALID_ARGUMENT = -2, /**< a NULL, a struct of an unknown size: a fault of the calling program */
  STM32TVM_OUT_OF_MEMORY = -3,
  STM32TVM_CANCELLED = -4, /**< the progress callback asked to stop */
  STM32TVM_CANNOT_READ = -5,
  STM32TVM_CANNOT_WRITE = -6,
  STM32TVM_NOT_AN_ARCHIVE = -7,
  STM32TVM_UNSAFE_ARCHIVE = -8,
  STM32TVM_LIMIT_EXCEEDED = -9,
  STM32TVM_MISSING_MEMBER = -10,
  STM32TVM_BAD_JSON = -11,
  STM32TVM_UNSUPPORTED_VERSION = -12,
  STM32TVM_BAD_METADATA = -13,
  STM32TVM_BAD_GRAPH = -14,
  STM32TVM_BAD_PARAMETERS = -15,
  STM32TVM_BAD_SOURCE = -16,
  STM32TVM_UNSUPPORTED = -17,
  STM32TVM_BAD_OPTION = -18,
  STM32TVM_DOES_NOT_FIT = -19,
  STM32TVM_INVALID_PLAN = -20
} stm32tvm_status;

/** The stable name of a status: "ok", "bad_graph"; "unknown" for another number. It lives as long as the program. */
STM32TVM_C_API const char* stm32tvm_status_name(stm32tvm_status status);

/** Why a call failed. When memory ran out there may be no error beside the status. */
typedef struct stm32tvm_error stm32tvm_error;

/** What the call returned. */
STM32TVM_C_API stm32tvm_status stm32tvm_error_status(const stm32tvm_error* error);
/** What was found, what was needed, what to do: one sentence. */
STM32TVM_C_API const char* stm32tvm_error_message(const stm32tvm_error* error, size_t* size);
/** The archive's member and the place in it; empty when there is none. */
STM32TVM_C_API const char* stm32tvm_error_where(const stm32tvm_error* error, size_t* size);
STM32TVM_C_API void stm32tvm_error_free(stm32tvm_error* error);

/* ---- Text, options ------------------------------------------------------------------------------------------- */

/** A text that the caller owns. */
typedef struct stm32tvm_text stm32tvm_text;

/** The text. */
STM32TVM_C_API const char* stm32tvm_text_data(const stm32tvm_text* text, size_t* size);
STM32TVM_C_API void stm32tvm_text_free(stm32tvm_text* text);

/** Tells what was just done, and how much of all there is to do. Called by the thread that made the call. A return
 * value other than 0 stops it with STM32TVM_CANCELLED. It must not throw or jump out. */
typedef int (*stm32tvm_progress)(void* payload, const char* item, size_t item_size, uint64_t done, uint64_t total);

/** Options of any call that takes some: a JSON object, whose keys depend on the call (docs/c-abi.md), and a callback.
 * NULL in place of the struct, an empty text and a missing key stand for the defaults. */
typedef struct stm32tvm_options {
  size_t struct_size; /**< sizeof(stm32tvm_options): STM32TVM_OPTIONS_INIT sets it */
  const char* json;
  size_t json_size;
  stm32tvm_progress progress; /**< may be NULL */
  void* progress_payload;
} stm32tvm_options;

/** The defaults: where a program's options start. */
#define STM32TVM_OPTIONS_INIT \
  { sizeof(stm32tvm_options), NULL, 0, NULL, NULL }

/* ---- Archives ------------------------------------------------------------------------------------------------ */

/** What a Model Library Format archive says. */
typedef struct stm32tvm_library stm32tvm_library;

/** Reads an archive, plain or compressed, or the folder that one was unpacked to. Options: limits. */
STM32TVM_C_API stm32tvm_status stm32tvm_library_open(const char* path, size_t path_size,
                                                     const stm32tvm_options* options, stm32tvm_library** library,
                                                     stm32tvm_error** error);
/** The same from memory; the bytes are copied. */
STM32TVM_C_API stm32tvm_status stm32tvm_library_from_memory(const void* data, size_t size,
                                                            const stm32tvm_options* options, stm32tvm_library** library,
                                                            stm32tvm_error** error);
STM32TVM_C_API void stm32tvm_library_free(stm32tvm_library* library);

/** Version of the Model Library Format that the archive states. */
STM32TVM_C_API int stm32tvm_library_format_version(const stm32tvm_library* library);
/** How many networks there are. */
STM32TVM_C_API size_t stm32tvm_library_module_count(const stm32tvm_library* library);
/** TVM's name of one. */
STM32TVM_C_API const char* stm32tvm_library_module_name(const stm32tvm_library* library, size_t index, size_t* size);
/** "graph", "aot" or "operator". */
STM32TVM_C_API const char* stm32tvm_library_module_executor(const stm32tvm_library* library, size_t index,
                                                            size_t* size);

/* ---- Networks ------------------------------------------------------------------------------------------------ */

/** What the network of one module is. */
typedef struct stm32tvm_network stm32tvm_network;

/** Describes the module of this name; an empty name stands for the only module there is. Options:
 * "keep_constants", "weights_groups". */
STM32TVM_C_API stm32tvm_status stm32tvm_network_describe(const stm32tvm_library* library, const char* module,
                                                         size_t module_size, const stm32tvm_options* options,
                                                         stm32tvm_network** network, stm32tvm_error** error);
STM32TVM_C_API void stm32tvm_network_free(stm32tvm_network* network);

/** The descriptor as JSON, with what is worth a warning under "diagnostics". */
STM32TVM_C_API stm32tvm_status stm32tvm_network_to_json(const stm32tvm_network* network, stm32tvm_text** json,
                                                        stm32tvm_error** error);

/** Takes names and exact quantization from the TFLite file that the archive was made from. */
STM32TVM_C_API stm32tvm_status stm32tvm_network_apply_tflite(stm32tvm_network* network, const void* data, size_t size,
                                                             stm32tvm_error** error);
/** Takes quantization from JSON (docs/quantization.md). */
STM32TVM_C_API stm32tvm_status stm32tvm_network_apply_quantization(stm32tvm_network* network, const char* json,
                                                                   size_t json_size, stm32tvm_error** error);

/* ---- Plans --------------------------------------------------------------------------------------------------- */

/** A network, as it was when the plan was made, with the place of each of its bytes. */
typedef struct stm32tvm_plan stm32tvm_plan;

/** Options: "inputs", "inputs_memory", "alignment", "pools" and others: docs/c-abi.md. */
STM32TVM_C_API stm32tvm_status stm32tvm_plan_make(const stm32tvm_network* network, const stm32tvm_options* options,
                                                  stm32tvm_plan** plan, stm32tvm_error** error);
STM32TVM_C_API void stm32tvm_plan_free(stm32tvm_plan* plan);

/** The bytes of all pools. */
STM32TVM_C_API uint64_t stm32tvm_plan_bytes(const stm32tvm_plan* plan);
/** The plan, its buffers and all the network needs of memory, as JSON. */
STM32TVM_C_API stm32tvm_status stm32tvm_plan_to_json(const stm32tvm_plan* plan, stm32tvm_text** json,
                                                     stm32tvm_error** error);

/* ---- Emission ------------------------------------------------------------------------------------------------ */

/** Inputs with the outputs they should give, for the firmware to check. */
typedef struct stm32tvm_samples stm32tvm_samples;

/** The elements of one tensor, little-endian, in C order. */
typedef struct stm32tvm_bytes {
  const void* data;
  size_t size;
} stm32tvm_bytes;

/** Makes a list without samples. */
STM32TVM_C_API stm32tvm_status stm32tvm_samples_make(stm32tvm_samples** samples, stm32tvm_error** error);
/** The network that the samples added from here on are for: its place among the plans of stm32tvm_emit(). It is 0 until
 * this is called. */
STM32TVM_C_API stm32tvm_status stm32tvm_samples_set_network(stm32tvm_samples* samples, size_t network,
                                                            stm32tvm_error** error);
/** Adds one sample: the bytes of all inputs, and of all outputs or of none. The bytes are copied. */
STM32TVM_C_API stm32tvm_status stm32tvm_samples_add(stm32tvm_samples* samples, const stm32tvm_bytes* inputs,
                                                    size_t input_count, const stm32tvm_bytes* outputs,
                                                    size_t output_count, stm32tvm_error** error);
STM32TVM_C_API void stm32tvm_samples_free(stm32tvm_samples* samples);

/** The emitted files, sorted by path. */
typedef struct stm32tvm_tree stm32tvm_tree;

/** Emits one planned network, or several over one runtime. `samples` may be NULL. Options: "name", "c_api", "weights",
 * "target" and others: docs/c-abi.md. */
STM32TVM_C_API stm32tvm_status stm32tvm_emit(const stm32tvm_plan* const* plans, size_t plan_count,
                                             const stm32tvm_options* options, const stm32tvm_samples* samples,
                                             stm32tvm_tree** tree, stm32tvm_error** error);
STM32TVM_C_API void stm32tvm_tree_free(stm32tvm_tree* tree);

/** How many files there are. */
STM32TVM_C_API size_t stm32tvm_tree_file_count(const stm32tvm_tree* tree);
/** Relative, with '/' between its parts. */
STM32TVM_C_API const char* stm32tvm_tree_file_path(const stm32tvm_tree* tree, size_t index, size_t* size);
/** Not ended by a NUL. NULL for an empty file. */
STM32TVM_C_API const void* stm32tvm_tree_file_data(const stm32tvm_tree* tree, size_t index, size_t* size);

/** What becomes of emitted files in the folder that somebody edited, and of files that are in the way. */
typedef enum stm32tvm_write_policy {
  STM32TVM_WRITE_REFUSE_EDITED = 0, /**< the call fails with STM32TVM_CANNOT_WRITE, and nothing is written */
  STM32TVM_WRITE_REPLACE_EDITED = 1 /**< what was edited is lost */
} stm32tvm_write_policy;

/** Writes the tree into a folder, which is made if it is not there: files whose bytes differ are replaced, each as a
 * whole, files that an earlier tree left are removed, all others stay. `report` may be NULL; else it becomes JSON:
 * {"changed": [paths of new and changed files], "removed": [paths], "unchanged": count}. */
STM32TVM_C_API stm32tvm_status stm32tvm_tree_write_to(const stm32tvm_tree* tree, const char* folder, size_t folder_size,
                                                      stm32tvm_write_policy policy, stm32tvm_text** report,
                                                      stm32tvm_error** error);

/* ---- Targets ------------------------------------------------------------------------------------------------- */

/** The boards that firmware is emitted for, as JSON: [{"name": ..., "description": ..., "part": ...}, ...]. */
STM32TVM_C_API stm32tvm_status stm32tvm_targets_to_json(stm32tvm_text** json, stm32tvm_error** error);

#ifdef __cplusplus
}
#endif

/* NOLINTEND(modernize-deprecated-headers, modernize-use-using) */
#endif /* STM32TVM_C_API_H */
