// SPDX-License-Identifier: Apache-2.0
package stm32tvm;

import com.sun.jna.Callback;
import com.sun.jna.CallbackReference;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The C ABI through JNA. A size_t is passed as a Pointer: it has a pointer's width wherever there is Java. */
final class JnaApi implements CApi {
  private static final String NAME = "stm32tvm_c";
  private static final int WORD = Native.POINTER_SIZE;

  private final NativeLibrary library = load();

  /** The library that the jar carries; without one, that of jna.library.path, or the system's. */
  private static NativeLibrary load() {
    try {
      return NativeLibrary.getInstance(
          Native.extractFromResourcePath(NAME, JnaApi.class.getClassLoader()).getPath());
    } catch (IOException notCarried) {
      try {
        return NativeLibrary.getInstance(NAME);
      } catch (UnsatisfiedLinkError error) {
        error.addSuppressed(notCarried);
        throw error;
      }
    }
  }

  /** stm32tvm_options, with all it points to: as an argument it stays in memory until the call returns. */
  private static final class NativeOptions extends Memory {
    interface Progress extends Callback {
      int invoke(Pointer payload, Pointer item, Pointer itemSize, long done, long total);
    }

    private final Memory json;
    private final Progress progress;

    NativeOptions(Options options) {
      super(5L * WORD);
      clear();
      byte[] text = utf8(options.json());
      json = memoryOf(text);
      setPointer(0, sizeOf(size()));
      setPointer(WORD, json);
      setPointer(2L * WORD, sizeOf(text.length));
      CApi.Progress told = options.progress();
      progress = told == null ? null : (payload, item, size, done, total) -> told.call(text(item, size), done, total);
      if (progress != null) {
        setPointer(3L * WORD, CallbackReference.getFunctionPointer(progress));
      }
    }
  }

  /** An array of stm32tvm_bytes, with all it points to. */
  private static final class NativeBytes extends Memory {
    private final List<Memory> held = new ArrayList<>();

    NativeBytes(byte[][] arrays) {
      super(Math.max(1, arrays.length) * 2L * WORD);
      for (int index = 0; index < arrays.length; index++) {
        Memory data = memoryOf(arrays[index]);
        held.add(data);
        setPointer(index * 2L * WORD, data);
        setPointer((index * 2L + 1) * WORD, sizeOf(arrays[index].length));
      }
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Memory memoryOf(byte[] data) {
    if (data.length == 0) {
      return null;
    }
    Memory memory = new Memory(data.length);
    memory.write(0, data, 0, data.length);
    return memory;
  }

  private static Pointer sizeOf(long size) {
    return new Pointer(size);
  }

  private static Pointer at(long address) {
    return new Pointer(address);
  }

  private static byte[] bytes(Pointer data, Pointer size) {
    return data == null ? new byte[0] : data.getByteArray(0, Math.toIntExact(Pointer.nativeValue(size)));
  }

  private static String text(Pointer data, Pointer size) {
    return new String(bytes(data, size), StandardCharsets.UTF_8);
  }

  private static Object[] with(Object[] first, Object... last) {
    Object[] all = Arrays.copyOf(first, first.length + last.length);
    System.arraycopy(last, 0, all, first.length, last.length);
    return all;
  }

  private int integer(String function, Object... arguments) {
    return library.getFunction(function).invokeInt(arguments);
  }

  private long size(String function, Object... arguments) {
    return Pointer.nativeValue(library.getFunction(function).invokePointer(arguments));
  }

  private void free(String function, long handle) {
    library.getFunction(function).invokeVoid(new Object[] {at(handle)});
  }

  private String constant(String function, Object... arguments) {
    return library.getFunction(function).invokePointer(arguments).getString(0, "UTF-8");
  }

  /** A getter whose last parameter takes the size. */
  private byte[] bytes(String function, Object... first) {
    PointerByReference size = new PointerByReference();
    return bytes(library.getFunction(function).invokePointer(with(first, size)), size.getValue());
  }

  private String text(String function, Object... first) {
    return new String(bytes(function, first), StandardCharsets.UTF_8);
  }

  /** A function whose last parameter takes the error. */
  private int change(String function, long[] error, Object... first) {
    PointerByReference failure = new PointerByReference();
    int status = integer(function, with(first, failure));
    error[0] = Pointer.nativeValue(failure.getValue());
    return status;
  }

  /** A function whose last parameters take the result and the error. */
  private int make(String function, long[] result, long[] error, Object... first) {
    PointerByReference made = new PointerByReference();
    int status = change(function, error, with(first, made));
    result[0] = Pointer.nativeValue(made.getValue());
    return status;
  }

  @Override
  public int stm32tvm_c_abi_version() {
    return integer("stm32tvm_c_abi_version");
  }

  @Override
  public String stm32tvm_version() {
    return constant("stm32tvm_version");
  }

  @Override
  public int stm32tvm_contract_version() {
    return integer("stm32tvm_contract_version");
  }

  @Override
  public int stm32tvm_format_version_minimum() {
    return integer("stm32tvm_format_version_minimum");
  }

  @Override
  public int stm32tvm_format_version_maximum() {
    return integer("stm32tvm_format_version_maximum");
  }

  @Override
  public String stm32tvm_status_name(int status) {
    return constant("stm32tvm_status_name", status);
  }

  @Override
  public int stm32tvm_error_status(long error) {
    return integer("stm32tvm_error_status", at(error));
  }

  @Override
  public String stm32tvm_error_message(long error) {
    return text("stm32tvm_error_message", at(error));
  }

  @Override
  public String stm32tvm_error_where(long error) {
    return text("stm32tvm_error_where", at(error));
  }

  @Override
  public void stm32tvm_error_free(long error) {
    free("stm32tvm_error_free", error);
  }

  @Override
  public String stm32tvm_text_data(long text) {
    return text("stm32tvm_text_data", at(text));
  }

  @Override
  public void stm32tvm_text_free(long text) {
    free("stm32tvm_text_free", text);
  }

  @Override
  public int stm32tvm_library_open(String path, Options options, long[] library, long[] error) {
    byte[] name = utf8(path);
    return make("stm32tvm_library_open", library, error, name, sizeOf(name.length), new NativeOptions(options));
  }

  @Override
  public int stm32tvm_library_from_memory(byte[] data, Options options, long[] library, long[] error) {
    return make("stm32tvm_library_from_memory", library, error, data, sizeOf(data.length), new NativeOptions(options));
  }

  @Override
  public void stm32tvm_library_free(long library) {
    free("stm32tvm_library_free", library);
  }

  @Override
  public int stm32tvm_library_format_version(long library) {
    return integer("stm32tvm_library_format_version", at(library));
  }

  @Override
  public long stm32tvm_library_module_count(long library) {
    return size("stm32tvm_library_module_count", at(library));
  }

  @Override
  public String stm32tvm_library_module_name(long library, long index) {
    return text("stm32tvm_library_module_name", at(library), sizeOf(index));
  }

  @Override
  public String stm32tvm_library_module_executor(long library, long index) {
    return text("stm32tvm_library_module_executor", at(library), sizeOf(index));
  }

  @Override
  public int stm32tvm_network_describe(long library, String module, Options options, long[] network, long[] error) {
    byte[] name = utf8(module);
    return make("stm32tvm_network_describe", network, error,
        at(library), name, sizeOf(name.length), new NativeOptions(options));
  }

  @Override
  public void stm32tvm_network_free(long network) {
    free("stm32tvm_network_free", network);
  }

  @Override
  public int stm32tvm_network_to_json(long network, long[] json, long[] error) {
    return make("stm32tvm_network_to_json", json, error, at(network));
  }

  @Override
  public int stm32tvm_network_apply_tflite(long network, byte[] data, long[] error) {
    return change("stm32tvm_network_apply_tflite", error, at(network), data, sizeOf(data.length));
  }

  @Override
  public int stm32tvm_network_apply_quantization(long network, String json, long[] error) {
    byte[] text = utf8(json);
    return change("stm32tvm_network_apply_quantization", error, at(network), text, sizeOf(text.length));
  }

  @Override
  public int stm32tvm_plan_make(long network, Options options, long[] plan, long[] error) {
    return make("stm32tvm_plan_make", plan, error, at(network), new NativeOptions(options));
  }

  @Override
  public void stm32tvm_plan_free(long plan) {
    free("stm32tvm_plan_free", plan);
  }

  @Override
  public long stm32tvm_plan_bytes(long plan) {
    return library.getFunction("stm32tvm_plan_bytes").invokeLong(new Object[] {at(plan)});
  }

  @Override
  public int stm32tvm_plan_to_json(long plan, long[] json, long[] error) {
    return make("stm32tvm_plan_to_json", json, error, at(plan));
  }

  @Override
  public int stm32tvm_samples_make(long[] samples, long[] error) {
    return make("stm32tvm_samples_make", samples, error);
  }

  @Override
  public int stm32tvm_samples_set_network(long samples, long network, long[] error) {
    return change("stm32tvm_samples_set_network", error, at(samples), sizeOf(network));
  }

  @Override
  public int stm32tvm_samples_add(long samples, byte[][] inputs, byte[][] outputs, long[] error) {
    return change("stm32tvm_samples_add", error, at(samples),
        new NativeBytes(inputs), sizeOf(inputs.length), new NativeBytes(outputs), sizeOf(outputs.length));
  }

  @Override
  public void stm32tvm_samples_free(long samples) {
    free("stm32tvm_samples_free", samples);
  }

  @Override
  public int stm32tvm_emit(long[] plans, Options options, long samples, long[] tree, long[] error) {
    Pointer[] handles = Arrays.stream(plans).mapToObj(JnaApi::at).toArray(Pointer[]::new);
    return make("stm32tvm_emit", tree, error, handles, sizeOf(plans.length), new NativeOptions(options), at(samples));
  }

  @Override
  public void stm32tvm_tree_free(long tree) {
    free("stm32tvm_tree_free", tree);
  }

  @Override
  public long stm32tvm_tree_file_count(long tree) {
    return size("stm32tvm_tree_file_count", at(tree));
  }

  @Override
  public String stm32tvm_tree_file_path(long tree, long index) {
    return text("stm32tvm_tree_file_path", at(tree), sizeOf(index));
  }

  @Override
  public byte[] stm32tvm_tree_file_data(long tree, long index) {
    return bytes("stm32tvm_tree_file_data", at(tree), sizeOf(index));
  }

  @Override
  public int stm32tvm_tree_write_to(long tree, String folder, int policy, long[] report, long[] error) {
    byte[] path = utf8(folder);
    return make("stm32tvm_tree_write_to", report, error, at(tree), path, sizeOf(path.length), policy);
  }

  @Override
  public int stm32tvm_targets_to_json(long[] json, long[] error) {
    return make("stm32tvm_targets_to_json", json, error);
  }
}
